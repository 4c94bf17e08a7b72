"""HistoryPort in memory: for private sessions, and for what a disk does not take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mka1_desktop.adapters.history_pages import PAGE_LIMIT, clean, cursor_of, place_of, unknown_thread
from mka1_desktop.domain.conversation import Item, Thread, ThreadPage
from mka1_desktop.domain.folding import folded, folded_query, snippet


class MemoryHistory:
    """Threads and items until the process ends."""

    def __init__(self) -> None:
        self._threads: dict[str, Thread] = {}
        self._items: dict[str, dict[str, Item]] = {}

    async def put_thread(self, thread: Thread) -> None:
        items = self._items.setdefault(thread.id, {})
        self._threads[thread.id] = replace(
            thread,
            title=clean(thread.title),
            draft=clean(thread.draft),
            turns=_turns(items.values()),
            snippet=None,
        )

    async def put_item(self, thread_id: str, item: Item) -> None:
        thread = await self.thread(thread_id)
        items = self._items[thread_id]
        before = items.get(item.key)
        index = len(items) if before is None else before.index
        heard = None if item.heard_text is None else clean(item.heard_text)
        items[item.key] = replace(item, index=index, text=clean(item.text), heard_text=heard)
        self._threads[thread_id] = replace(
            thread, updated_at=max(thread.updated_at, item.at), turns=_turns(items.values())
        )

    async def thread(self, thread_id: str) -> Thread:
        try:
            return self._threads[thread_id]
        except KeyError:
            raise unknown_thread() from None

    async def items(self, thread_id: str) -> tuple[Item, ...]:
        await self.thread(thread_id)
        return tuple(self._items[thread_id].values())

    async def threads(self, *, limit: int = 50, cursor: str | None = None) -> ThreadPage:
        return self._page(self._threads.values(), limit, cursor)

    async def search(self, query: str, *, limit: int = 50, cursor: str | None = None) -> ThreadPage:
        needle = folded_query(clean(query))
        if not needle:
            return await self.threads(limit=limit, cursor=cursor)
        hits = ((thread, self._snippet(thread, needle)) for thread in self._threads.values())
        return self._page((replace(thread, snippet=found) for thread, found in hits if found), limit, cursor)

    async def rename(self, thread_id: str, title: str) -> None:
        self._threads[thread_id] = replace(await self.thread(thread_id), title=clean(title))

    async def pin(self, thread_id: str, pinned: bool) -> None:
        self._threads[thread_id] = replace(await self.thread(thread_id), pinned=pinned)

    async def delete(self, thread_ids: Sequence[str]) -> None:
        for thread_id in thread_ids:
            self._threads.pop(thread_id, None)
            self._items.pop(thread_id, None)

    async def close(self) -> None:
        """Nothing is open."""

    def _snippet(self, thread: Thread, needle: str) -> str | None:
        for item in self._items[thread.id].values():
            if needle in folded(item.text):
                return snippet(item.text, needle)
        return snippet(thread.title, needle)

    @staticmethod
    def _page(threads: Iterable[Thread], limit: int, cursor: str | None) -> ThreadPage:
        limit = max(1, min(limit, PAGE_LIMIT))
        after = None if cursor is None else place_of(cursor)
        ordered = sorted(threads, key=_place, reverse=True)
        rest = [thread for thread in ordered if after is None or _place(thread) < after]
        found = tuple(rest[:limit])
        return ThreadPage(found, cursor_of(found[-1]) if len(rest) > limit else None)


def _place(thread: Thread) -> tuple[int, float, str]:
    return int(thread.pinned), thread.updated_at, thread.id


def _turns(items: Iterable[Item]) -> int:
    return sum(item.role != "notice" for item in items)
