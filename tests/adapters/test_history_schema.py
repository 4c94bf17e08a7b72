from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mka1_desktop.adapters.history_schema import MIGRATIONS, VERSION, migrate, transaction, version_of


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "h", isolation_level=None)) as connection:
        yield connection


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_an_empty_file_takes_every_step_once(connection: sqlite3.Connection) -> None:
    assert version_of(connection) == 0
    migrate(connection)
    assert version_of(connection) == VERSION == len(MIGRATIONS)
    assert tables(connection) == {"threads", "items", "words", "spares"}
    migrate(connection)


def test_a_step_that_fails_leaves_nothing_behind(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE items (in_the_way)")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    assert version_of(connection) == 0
    assert tables(connection) == {"items"}


def test_a_file_of_version_1_keeps_its_rows(connection: sqlite3.Connection) -> None:
    """The first released shape, as it stands: a later step may add to it, never need another."""
    with transaction(connection):
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
    connection.execute(
        "INSERT INTO threads (number, id, title, folded_title, mode, created_at, updated_at) "
        "VALUES (1, 't', 'T', 't', 'chain', 1, 1)"
    )
    connection.execute(
        "INSERT INTO items (thread, key, idx, role, source, text, state, at) "
        "VALUES (1, 'k', 0, 'user', 'voice', 'W', 'final', 1)"
    )
    migrate(connection)
    assert version_of(connection) == VERSION
    assert connection.execute("SELECT title, turns, draft FROM threads").fetchall() == [("T", 0, "")]
    assert connection.execute("SELECT text, heard_text FROM items").fetchall() == [("W", None)]


def test_a_failed_transaction_is_taken_back(connection: sqlite3.Connection) -> None:
    migrate(connection)

    def half() -> None:
        with transaction(connection):
            connection.execute(
                "INSERT INTO threads (id, title, folded_title, mode, created_at, updated_at) VALUES ('a','','','',0,0)"
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert connection.execute("SELECT count(*) FROM threads").fetchone() == (0,)
