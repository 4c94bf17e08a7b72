"""The history database's shape, as numbered steps forward. A step that was released is never changed.

Search scans the folded texts (domain/folding.py) in listing order and stops when a page is full. They lie in a narrow
table of their own, a thread's beside each other: with 10,000 threads of 12 turns a search without a hit takes 70 ms,
against 125 ms over the items. An FTS5 trigram index would take 3 ms, but it doubles the file, triples the time of a
write, keeps deleted words until it is merged, and knows no query under three characters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST = (
    """
    CREATE TABLE threads (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        folded_title TEXT NOT NULL,
        mode TEXT NOT NULL,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL,
        origin TEXT,
        fingerprint TEXT,
        on_behalf_of TEXT,
        demo INTEGER NOT NULL DEFAULT 0,
        conversation_id TEXT,
        response_id TEXT,
        earlier_response_id TEXT,
        pinned INTEGER NOT NULL DEFAULT 0,
        turns INTEGER NOT NULL DEFAULT 0,
        draft TEXT NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX threads_listed ON threads (pinned DESC, updated_at DESC, id DESC)",
    "CREATE INDEX threads_by_conversation ON threads (conversation_id) WHERE conversation_id IS NOT NULL",
    """
    CREATE TABLE items (
        number INTEGER PRIMARY KEY,
        thread INTEGER NOT NULL REFERENCES threads (number) ON DELETE CASCADE,
        key TEXT NOT NULL,
        idx INTEGER NOT NULL,
        role TEXT NOT NULL,
        source TEXT NOT NULL,
        text TEXT NOT NULL,
        heard_text TEXT,
        state TEXT NOT NULL,
        at REAL NOT NULL,
        response_id TEXT,
        language TEXT,
        UNIQUE (thread, key),
        UNIQUE (thread, idx)
    )
    """,
    """
    CREATE TABLE words (
        thread INTEGER NOT NULL REFERENCES threads (number) ON DELETE CASCADE,
        idx INTEGER NOT NULL,
        folded TEXT NOT NULL,
        PRIMARY KEY (thread, idx)
    ) WITHOUT ROWID
    """,
)
_CONTINUITY = (
    "ALTER TABLE threads ADD COLUMN note TEXT",
    "ALTER TABLE threads ADD COLUMN parent TEXT",
    # Conversations that were made on the service and in which nothing has been said yet. `holder` has one open.
    """
    CREATE TABLE spares (
        conversation_id TEXT PRIMARY KEY,
        origin TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        on_behalf_of TEXT NOT NULL,
        holder TEXT,
        at REAL NOT NULL
    ) WITHOUT ROWID
    """,
)
MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _CONTINUITY)
VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """Return how many steps this database has taken; 0 is an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Take the missing steps, all or none; two processes that start at once take them once."""
    if version_of(connection) >= VERSION:
        return
    with transaction(connection):
        for step in MIGRATIONS[version_of(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing; the connection is in autocommit mode (isolation_level None)."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have rolled it back already
            connection.execute("ROLLBACK")
        raise
