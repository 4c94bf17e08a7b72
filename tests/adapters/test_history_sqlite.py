from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from mka1_desktop.adapters.history_schema import VERSION
from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.ports.store import HistoryPort
from tests.contracts.history_contract import HistoryContract, a_thread, an_item
from tests.support.children import run_child, start_child


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite3"


@pytest_asyncio.fixture
async def store(path: Path) -> AsyncIterator[SqliteHistory]:
    store = SqliteHistory(path)
    yield store
    await store.close()


class TestSqliteHistory(HistoryContract):
    @pytest.fixture
    def history(self, store: SqliteHistory) -> HistoryPort:
        return store


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def new_file(path: Path, *, mode: int = 0o600) -> None:
    path.touch()
    path.chmod(mode)


def files(folder: Path, pattern: str) -> list[str]:
    return sorted(p.name for p in folder.glob(pattern))


async def test_only_the_owner_can_read_the_files(store: SqliteHistory, path: Path) -> None:
    before = os.umask(0)
    try:
        await store.put_thread(a_thread())
        assert mode_of(path.parent) == 0o700
        for name in files(path.parent, "*"):
            assert mode_of(path.parent / name) == 0o600, name
        assert files(path.parent, "*.sqlite3-*") == ["history.sqlite3-shm", "history.sqlite3-wal"]
    finally:
        os.umask(before)


async def test_a_file_that_others_can_read_is_closed_to_them(path: Path) -> None:
    path.parent.mkdir()
    new_file(path, mode=0o644)
    store = SqliteHistory(path)
    await store.open()
    assert mode_of(path) == 0o600
    await store.close()


async def test_everything_is_there_after_a_restart(path: Path) -> None:
    store = SqliteHistory(path)
    await store.put_thread(a_thread())
    await store.put_item("t1", an_item())
    await store.close()
    again = SqliteHistory(path)
    assert [i.text for i in await again.items("t1")] == ["Good morning"]
    assert again.set_aside is None
    await again.close()


async def test_commits_wait_for_the_disk(store: SqliteHistory, path: Path) -> None:
    await store.open()
    pragmas = await store._read(
        lambda c: [c.execute(f"PRAGMA {p}").fetchone()[0] for p in ("synchronous", "journal_mode")]
    )
    assert pragmas == [2, "wal"]  # 2 is FULL: the -wal is synced at every commit


async def test_a_cancelled_writer_has_still_written(store: SqliteHistory) -> None:
    await store.put_thread(a_thread())
    loop = asyncio.get_running_loop()
    writing = loop.create_task(store.put_item("t1", an_item()))
    await asyncio.sleep(0)  # it is in the worker's queue now
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert len(await store.items("t1")) == 1


async def test_two_processes_share_one_history(store: SqliteHistory, path: Path) -> None:
    await store.put_thread(a_thread())
    other = SqliteHistory(path)
    await asyncio.gather(
        *(store.put_item("t1", an_item(f"a{n}")) for n in range(20)),
        *(other.put_item("t1", an_item(f"b{n}")) for n in range(20)),
    )
    assert [i.index for i in await store.items("t1")] == list(range(40))
    await other.close()


async def test_two_first_starts_at_once_make_one_history(path: Path) -> None:
    stores = [SqliteHistory(path) for _ in range(6)]
    await asyncio.gather(*(s.put_thread(a_thread(f"t{n}")) for n, s in enumerate(stores)))
    assert len((await stores[0].threads()).threads) == 6
    assert [s.set_aside for s in stores] == [None] * 6
    for s in stores:
        await s.close()


# -- newer and damaged files


async def test_a_newer_history_is_refused_and_left_alone(path: Path) -> None:
    store = SqliteHistory(path)
    await store.put_thread(a_thread())
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        connection.commit()
    before = content_of(path)
    newer = SqliteHistory(path)
    for call in (newer.open, newer.threads, lambda: newer.put_thread(a_thread("t2"))):
        with pytest.raises(AppError) as caught:
            await call()
        assert caught.value.code is Code.STORE_NEWER
    await newer.close()
    assert content_of(path) == before
    assert files(path.parent, "*damaged*") == []


async def test_a_newer_version_that_lies_in_the_wal_only_is_refused_too(path: Path) -> None:
    store = SqliteHistory(path)
    await store.open()
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
        connection.commit()
        newer = SqliteHistory(path)
        with pytest.raises(AppError) as caught:
            await newer.open()
        assert caught.value.code is Code.STORE_NEWER
        await newer.close()


def _overwrite(path: Path, at: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def _no_database(path: Path) -> None:
    path.write_bytes(b"this was never a database " * 50)


def _torn_header(path: Path) -> None:
    _overwrite(path, 0, os.urandom(64))


def _torn_pages(path: Path) -> None:
    _overwrite(path, 4096, b"\xff" * (path.stat().st_size - 4096))


def _cut_short(path: Path) -> None:
    os.truncate(path, 4096 + 100)


def _other_tables(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE threads (x)")


@pytest.mark.parametrize("damage", [_no_database, _torn_header, _torn_pages, _cut_short, _other_tables])
async def test_a_damaged_history_is_set_aside_and_a_new_one_begun(path: Path, damage: Callable[[Path], None]) -> None:
    store = SqliteHistory(path)
    await store.put_thread(a_thread())
    for n in range(50):
        await store.put_item("t1", an_item(f"k{n}", text="words " * 100))
    await store.close()
    damage(path)
    content = content_of(path)

    store = SqliteHistory(path)
    await store.open()
    assert (await store.threads()).threads == ()
    await store.put_thread(a_thread("new"))
    await store.close()

    assert store.set_aside is not None
    assert files(path.parent, "history-damaged-*.sqlite3") == [store.set_aside.name]
    assert content_of(store.set_aside) == content
    assert mode_of(store.set_aside) & 0o077 == 0


async def test_the_wal_of_a_damaged_history_is_set_aside_with_it(path: Path) -> None:
    path.parent.mkdir()
    _no_database(path)
    path.with_name("history.sqlite3-wal").write_bytes(b"its wal")
    path.with_name("history.sqlite3-shm").write_bytes(b"its shm")
    store = SqliteHistory(path)
    await store.open()
    assert store.set_aside is not None
    assert content_of(Path(f"{store.set_aside}-wal")) == b"its wal"
    assert content_of(Path(f"{store.set_aside}-shm")) == b"its shm"
    await store.close()


async def test_damage_met_while_running_is_told_and_writing_goes_on(store: SqliteHistory, path: Path) -> None:
    await store.put_thread(a_thread())
    for n in range(200):
        await store.put_item("t1", an_item(f"k{n}", text="words " * 100))
    await store._read(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    _torn_pages(path)
    await store._read(lambda c: c.execute("PRAGMA cache_size = 0").fetchall())
    await store._read(lambda c: c.execute("PRAGMA shrink_memory").fetchall())
    with pytest.raises(AppError) as caught:
        await store.items("t1")
    assert caught.value.code is Code.STORE_DAMAGED
    assert store.set_aside is not None
    await store.put_thread(a_thread("t2"))
    assert [t.id for t in (await store.threads()).threads] == ["t2"]


async def test_an_empty_file_is_a_new_history(path: Path) -> None:
    path.parent.mkdir()
    new_file(path)
    store = SqliteHistory(path)
    await store.put_thread(a_thread())
    assert store.set_aside is None
    await store.close()


# -- folders that cannot be written


UNWRITABLE = """
async def test():
    store = SqliteHistory(folder / "history.sqlite3")
    await store.put_thread(a_thread())
    await store.put_item("t1", an_item())
    if {killed}:
        shutil.copytree(folder, folder.with_name("copy"))
        await store.close()
        shutil.rmtree(folder)
        folder.with_name("copy").rename(folder)
    else:
        await store.close()
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    store = SqliteHistory(folder / "history.sqlite3")
    await store.open()
    print([i.text for i in await store.items("t1")])
    for call in (store.put_thread(a_thread("t2")), store.put_item("t1", an_item("k2")), store.delete(["t1"])):
        try:
            await call
        except AppError as e:
            print(e.code.value)
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
    await store.put_item("t1", an_item("k3"))
    print(len(await store.items("t1")))
    await store.close()
"""


@pytest.mark.parametrize("killed", [False, True])
async def test_a_read_only_folder_can_be_read_and_says_so_when_written(tmp_path: Path, killed: bool) -> None:
    out = await run_child(tmp_path, UNWRITABLE.format(killed=killed), rootless=True)
    assert out == ["['Good morning']", "read_only", "read_only", "read_only", "2"]


async def test_a_folder_that_cannot_be_made_is_read_only(tmp_path: Path) -> None:
    out = await run_child(
        tmp_path,
        """
        async def test():
            folder.chmod(0o555)
            store = SqliteHistory(folder / "inner" / "history.sqlite3")
            for call in (store.open, store.threads, lambda: store.put_thread(a_thread())):
                try:
                    await call()
                except AppError as e:
                    print(e.code.value)
            await store.close()
        """,
        rootless=True,
    )
    assert out == ["read_only"] * 3


FULL = """
async def test():
    store = SqliteHistory(folder / "history.sqlite3")
    await store.put_thread(a_thread())
    await store.put_item("t1", an_item("first"))
    fill_disk()
    saved, code = 0, None
    for n in range(2000):
        try:
            await store.put_item("t1", an_item(f"k{n}", text=f"{n} " * 300))
        except AppError as e:
            code = e.code.value
            break
        saved += 1
    print(code)
    print(len(await store.items("t1")) == saved + 1)
    free_disk()
    await store.put_item("t1", an_item("last"))
    await store.close()
    again = SqliteHistory(folder / "history.sqlite3")
    print(len(await again.items("t1")) == saved + 2, again.set_aside)
    await again.close()
"""


@pytest.mark.parametrize("way", ["size_limit", "small_disk"])
async def test_a_full_disk_is_told_and_nothing_saved_is_lost(tmp_path: Path, way: str) -> None:
    out = await run_child(tmp_path, FULL, full_by=way)
    assert out == ["disk_full", "True", "True None"]


@pytest.mark.parametrize("way", ["size_limit", "small_disk"])
async def test_a_disk_that_is_full_from_the_start(tmp_path: Path, way: str) -> None:
    out = await run_child(
        tmp_path,
        """
        async def test():
            fill_disk(0)
            store = SqliteHistory(folder / "history.sqlite3")
            for call in (store.open, lambda: store.put_thread(a_thread())):
                try:
                    await call()
                except AppError as e:
                    print(e.code.value)
            free_disk()
            await store.put_thread(a_thread())
            print(len((await store.threads()).threads), store.set_aside)
            await store.close()
        """,
        full_by=way,
    )
    assert out == ["disk_full", "disk_full", "1 None"]


# -- killed


WRITER = """
async def test():
    store = SqliteHistory(folder / "history.sqlite3")
    await store.put_thread(a_thread())
    n = 0
    while True:
        await store.put_item("t1", an_item(f"k{n}", text="words " * (n % 50)))
        print(f"k{n}", flush=True)
        n += 1
"""


@pytest.mark.parametrize("lines", [1, 7, 40, 150, 400])
async def test_what_was_saved_survives_a_kill(tmp_path: Path, lines: int) -> None:
    child = await start_child(tmp_path, WRITER)
    assert child.stdout is not None
    seen = [(await child.stdout.readline()).decode().strip() for _ in range(lines)]
    child.kill()  # at whatever it is doing then
    seen += (await child.stdout.read()).decode().split("\n")[:-1]  # a torn last line was never a promise
    await child.wait()

    store = SqliteHistory(tmp_path / "folder" / "history.sqlite3")
    kept = [i.key for i in await store.items("t1")]
    await store.close()
    assert kept[: len(seen)] == seen
    assert len(kept) <= len(seen) + 1
    assert store.set_aside is None


async def test_an_old_copy_beside_it_is_no_problem(store: SqliteHistory, path: Path) -> None:
    await store.put_thread(a_thread())
    shutil.copy(path, path.with_name("copy of history.sqlite3"))
    await store.put_item("t1", an_item())
