from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from mka1_desktop.adapters.history_buffered import BufferedHistory
from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.domain.conversation import Item, Thread, ThreadPage
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.ports.store import HistoryPort
from tests.contracts.history_contract import HistoryContract, a_thread, an_item
from tests.support.children import run_child


class TestBufferedHistory(HistoryContract):
    @pytest_asyncio.fixture
    async def history(self, tmp_path: Path) -> AsyncIterator[HistoryPort]:
        buffered = BufferedHistory(store=SqliteHistory(tmp_path / "history.sqlite3"), on_problem=_never)
        yield buffered
        await buffered.close()


def _never(problem: AppError | None) -> None:
    raise AssertionError(problem)


class Disk(MemoryHistory):
    """A store that fails while `trouble` is set; reading goes on unless `reading` is False."""

    def __init__(self, trouble: Code | None = None, *, reading: bool = True) -> None:
        super().__init__()
        self.trouble = trouble
        self.reading = reading
        self.written: list[str] = []

    def _fail(self, *, reads: bool = False) -> None:
        if self.trouble is not None and not (reads and self.reading):
            raise AppError(self.trouble)

    async def put_thread(self, thread: Thread) -> None:
        self._fail()
        await super().put_thread(thread)
        self.written.append(thread.id)

    async def put_item(self, thread_id: str, item: Item) -> None:
        self._fail()
        await super().put_item(thread_id, item)
        self.written.append(item.key)

    async def rename(self, thread_id: str, title: str) -> None:
        self._fail()
        await super().rename(thread_id, title)

    async def pin(self, thread_id: str, pinned: bool) -> None:
        self._fail()
        await super().pin(thread_id, pinned)

    async def delete(self, thread_ids: Sequence[str]) -> None:
        self._fail()
        await super().delete(thread_ids)

    async def thread(self, thread_id: str) -> Thread:
        self._fail(reads=True)
        return await super().thread(thread_id)

    async def items(self, thread_id: str) -> tuple[Item, ...]:
        self._fail(reads=True)
        return await super().items(thread_id)

    async def search(self, query: str, *, limit: int = 50, cursor: str | None = None) -> ThreadPage:
        self._fail(reads=True)
        return await super().search(query, limit=limit, cursor=cursor)


class Watched:
    """A buffered history over a Disk, with what it told."""

    def __init__(self) -> None:
        self.disk = Disk()
        self.told: list[Code | None] = []
        self.history = BufferedHistory(
            store=self.disk, on_problem=lambda problem: self.told.append(problem.code if problem else None)
        )

    async def texts(self, thread_id: str = "t1") -> list[str]:
        return [i.text for i in await self.history.items(thread_id)]


@pytest.fixture
def watched() -> Watched:
    return Watched()


async def test_a_full_disk_is_one_notice_and_no_lost_caption(watched: Watched) -> None:
    history, disk = watched.history, watched.disk
    await history.put_thread(a_thread())
    await history.put_item("t1", an_item("a", text="saved"))
    disk.trouble = Code.STORE_FULL
    await history.put_item("t1", an_item("b", text="kept"))
    await history.put_item("t1", an_item("c", text="kept too"))
    await history.put_thread(a_thread(response_id="resp_2"))
    assert watched.told == [Code.STORE_FULL]
    assert history.unsaved == 2
    assert await watched.texts() == ["saved", "kept", "kept too"]

    disk.trouble = None
    await history.put_item("t1", an_item("d", text="after"))
    assert watched.told == [Code.STORE_FULL, None]
    assert history.unsaved == 0
    assert [i.text for i in await disk.items("t1")] == ["saved", "kept", "kept too", "after"]
    assert (await disk.thread("t1")).response_id == "resp_2"


async def test_only_what_was_not_saved_is_written_again(watched: Watched) -> None:
    await watched.history.put_thread(a_thread())
    await watched.history.put_item("t1", an_item("a"))
    watched.disk.trouble = Code.STORE_READ_ONLY
    await watched.history.put_item("t1", an_item("b"))
    watched.disk.trouble = None
    watched.disk.written.clear()
    assert await watched.history.retry()
    assert watched.disk.written == ["t1", "b"]


async def test_a_retry_on_a_disk_that_is_still_full_says_no_and_is_no_second_notice(watched: Watched) -> None:
    watched.disk.trouble = Code.STORE_FULL
    await watched.history.put_thread(a_thread())
    assert not await watched.history.retry()
    assert watched.told == [Code.STORE_FULL]


async def test_another_kind_of_trouble_is_another_notice(watched: Watched) -> None:
    watched.disk.trouble = Code.STORE_FULL
    await watched.history.put_thread(a_thread())
    watched.disk.trouble = Code.STORE_READ_ONLY
    await watched.history.put_item("t1", an_item())
    assert watched.told == [Code.STORE_FULL, Code.STORE_READ_ONLY]


async def test_threads_that_wait_are_listed_once_and_found(watched: Watched) -> None:
    history = watched.history
    for name in ("a", "b", "c"):
        await history.put_thread(a_thread(name, title=f"title {name}"))
    watched.disk.trouble = Code.STORE_FULL
    await history.put_item("a", an_item(text="newest words", at=900.0))
    page = await history.threads(limit=2)
    rest = await history.threads(limit=2, cursor=page.next)
    assert sorted(t.id for t in page.threads + rest.threads) == ["a", "b", "c"]
    assert page.threads[0].id == "a"
    assert [t.id for t in (await history.search("newest")).threads] == ["a"]


async def test_new_names_and_pins_wait_too(watched: Watched) -> None:
    await watched.history.put_thread(a_thread())
    watched.disk.trouble = Code.STORE_FULL
    await watched.history.rename("t1", "New name")
    await watched.history.pin("t1", True)
    watched.disk.trouble = None
    await watched.history.retry()
    thread = await watched.disk.thread("t1")
    assert (thread.title, thread.pinned) == ("New name", True)


async def test_a_thread_of_an_earlier_run_is_kept_with_its_items(watched: Watched) -> None:
    await watched.disk.put_thread(a_thread())
    await watched.disk.put_item("t1", an_item("old", text="earlier"))
    watched.disk.trouble = Code.STORE_FULL
    await watched.history.put_item("t1", an_item("new", text="now"))
    assert await watched.texts() == ["earlier", "now"]


async def test_after_damage_the_thread_goes_on_in_the_new_file(tmp_path: Path) -> None:
    told: list[Code | None] = []
    path = tmp_path / "history.sqlite3"
    store = SqliteHistory(path)
    history = BufferedHistory(store=store, on_problem=lambda p: told.append(p.code if p else None))
    await history.put_thread(a_thread())
    await history.put_item("t1", an_item("a", text="in the damaged file"))
    await store.close()
    path.write_bytes(b"no database" * 1000)

    store = SqliteHistory(path)
    history._store = store
    await history.put_item("t1", an_item("b", text="goes on"))
    assert [i.text for i in await store.items("t1")] == ["goes on"]
    assert store.set_aside is not None
    assert history.unsaved == 0
    await history.close()


async def test_with_a_store_that_never_opens_this_run_still_works(watched: Watched) -> None:
    watched.disk.trouble = Code.STORE_NEWER
    watched.disk.reading = False
    history = watched.history
    assert (await history.threads()).threads == ()
    await history.put_thread(a_thread())
    await history.put_item("t1", an_item("a", text="one"))
    await history.put_item("t1", an_item("b", text="two"))
    await history.put_item("t1", an_item("a", text="one, corrected"))
    await history.rename("t1", "Named")
    await history.pin("t1", True)
    thread = await history.thread("t1")
    assert (thread.title, thread.pinned, thread.turns) == ("Named", True, 2)
    assert await watched.texts() == ["one, corrected", "two"]
    assert [t.id for t in (await history.threads()).threads] == ["t1"]
    assert (await history.search("TWO")).threads[0].snippet == "two"
    with pytest.raises(AppError) as caught:
        await history.delete(["t1"])  # a deletion that was not done is told, not made up
    assert caught.value.code is Code.STORE_NEWER
    assert watched.told == [Code.STORE_NEWER]


async def test_words_for_a_thread_that_was_deleted_are_refused(watched: Watched) -> None:
    await watched.history.put_thread(a_thread())
    await watched.history.delete(["t1"])
    with pytest.raises(AppError) as caught:
        await watched.history.put_item("t1", an_item())
    assert caught.value.code is Code.NOT_FOUND
    assert watched.told == []


async def test_a_defect_is_no_outage(watched: Watched) -> None:
    watched.disk.trouble = Code.BAD_MESSAGE
    with pytest.raises(AppError):
        await watched.history.put_thread(a_thread())


async def test_closing_writes_what_waits(watched: Watched) -> None:
    watched.disk.trouble = Code.STORE_FULL
    await watched.history.put_thread(a_thread())
    await watched.history.put_item("t1", an_item())
    watched.disk.trouble = None
    await watched.history.close()
    assert len(await watched.disk.items("t1")) == 1


async def test_closing_on_a_full_disk_says_how_much_is_lost(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    watched.disk.trouble = Code.STORE_FULL
    await watched.history.put_thread(a_thread())
    await watched.history.put_item("t1", an_item(text="secret words"))
    await watched.history.close()
    assert "1 items" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("way", ["size_limit", "small_disk"])
async def test_a_really_full_disk_loses_nothing(tmp_path: Path, way: str) -> None:
    out = await run_child(
        tmp_path,
        """
        from mka1_desktop.adapters.history_buffered import BufferedHistory

        async def test():
            told = []
            store = SqliteHistory(folder / "history.sqlite3")
            history = BufferedHistory(store=store, on_problem=lambda p: told.append(p and p.code.value))
            await history.put_thread(a_thread())
            fill_disk()
            for n in range(20):
                await history.put_item("t1", an_item(f"k{n}", text="words " * 200))
            print(told, history.unsaved > 0, len(await history.items("t1")))
            free_disk()
            print(await history.retry(), told, history.unsaved)
            await history.close()
            again = SqliteHistory(folder / "history.sqlite3")
            print([i.key for i in await again.items("t1")] == [f"k{n}" for n in range(20)])
            await again.close()
        """,
        full_by=way,
    )
    assert out == ["['disk_full'] True 20", "True ['disk_full', None] 0", "True"]
