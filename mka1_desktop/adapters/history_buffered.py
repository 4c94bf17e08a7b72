"""A history that never loses a caption to a full disk: what cannot be saved is kept and saved when that works again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.domain.conversation import Item, Thread, ThreadPage
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.ports.store import HistoryPort

log = logging.getLogger(__name__)

# What a store says when it is not the caller's fault.
OUTAGES = frozenset({Code.STORE_FULL, Code.STORE_READ_ONLY, Code.STORE_NEWER, Code.STORE_DAMAGED, Code.BUSY})


class BufferedHistory:
    """HistoryPort over another one. During an outage threads are kept whole in memory, and read from there.

    `on_problem` is told once when saving begins to fail, and None when everything has been written again; after
    STORE_DAMAGED, which is over when it is told, no None follows.
    Reads during an outage that reaches reading too (a newer file) find what this run has kept, and nothing else.
    """

    def __init__(self, *, store: HistoryPort, on_problem: Callable[[AppError | None], None]) -> None:
        self._store = store
        self._on_problem = on_problem
        self._problem: Code | None = None
        self._kept = MemoryHistory()
        self._unsaved: dict[str, dict[str, None]] = {}  # thread id -> keys of its items that wait, in order
        self._known: dict[str, Thread] = {}  # threads of this run, as they were put last
        self._lock = asyncio.Lock()  # writes go one after the other, so that nothing overtakes what waits

    @property
    def unsaved(self) -> int:
        """How many items wait to be written."""
        return sum(len(keys) for keys in self._unsaved.values())

    async def retry(self) -> bool:
        """Try to write what waits; True when nothing waits any more."""
        async with self._lock:
            return await self._flush()

    async def put_thread(self, thread: Thread) -> None:
        self._known[thread.id] = thread
        await self._write(thread.id, lambda history: history.put_thread(thread))

    async def put_item(self, thread_id: str, item: Item) -> None:
        await self._write(thread_id, lambda history: history.put_item(thread_id, item), key=item.key)

    async def thread(self, thread_id: str) -> Thread:
        return await self._home_of(thread_id).thread(thread_id)

    async def items(self, thread_id: str) -> tuple[Item, ...]:
        return await self._home_of(thread_id).items(thread_id)

    async def threads(self, *, limit: int = 50, cursor: str | None = None) -> ThreadPage:
        return await self.search("", limit=limit, cursor=cursor)

    async def search(self, query: str, *, limit: int = 50, cursor: str | None = None) -> ThreadPage:
        """During an outage the first page begins with what is kept, and may be that much longer."""
        kept = ThreadPage() if cursor or not self._unsaved else await self._kept.search(query, limit=limit)
        try:
            page = await self._store.search(query, limit=limit, cursor=cursor)
        except AppError as e:
            self._note(e)
            return ThreadPage(kept.threads)
        saved = tuple(thread for thread in page.threads if thread.id not in self._unsaved)
        return replace(page, threads=kept.threads + saved)

    async def rename(self, thread_id: str, title: str) -> None:
        await self._write(thread_id, lambda history: history.rename(thread_id, title))
        if thread_id in self._known:
            self._known[thread_id] = replace(self._known[thread_id], title=title)

    async def pin(self, thread_id: str, pinned: bool) -> None:
        await self._write(thread_id, lambda history: history.pin(thread_id, pinned))
        if thread_id in self._known:
            self._known[thread_id] = replace(self._known[thread_id], pinned=pinned)

    async def delete(self, thread_ids: Sequence[str]) -> None:
        """Raises what the store raises: a deletion that was not done must be known."""
        async with self._lock:
            await self._store.delete(thread_ids)
            await self._forget(thread_ids)

    async def close(self) -> None:
        """Try once more to write what waits, then close the store."""
        async with self._lock:
            if not await self._flush():
                log.warning("%d items of the history could not be saved", self.unsaved)
            await self._store.close()

    def _home_of(self, thread_id: str) -> HistoryPort:
        return self._kept if thread_id in self._unsaved else self._store

    async def _write(
        self, thread_id: str, write: Callable[[HistoryPort], Awaitable[None]], *, key: str | None = None
    ) -> None:
        """Write to the store, or to memory while the store fails or this thread waits; `key` is the item's."""
        async with self._lock:
            if thread_id not in self._unsaved and await self._flush():
                try:
                    await write(self._store)
                except AppError as e:
                    if e.code is not Code.NOT_FOUND or thread_id not in self._known:
                        self._note(e)
                    # else: a new file was begun since the thread was put; it is written again
                else:
                    self._note_success()
                    return
            await self._keep(thread_id)
            await write(self._kept)
            if key is not None:
                self._unsaved[thread_id][key] = None
            await self._flush()

    async def _keep(self, thread_id: str) -> None:
        """Take a thread with its items into memory, from the store if it still answers."""
        if thread_id in self._unsaved:
            return
        items: tuple[Item, ...] = ()
        try:
            thread = await self._store.thread(thread_id)
            items = await self._store.items(thread_id)
        except AppError:
            if thread_id not in self._known:
                raise
            thread = self._known[thread_id]
        await self._kept.put_thread(thread)
        for item in items:
            await self._kept.put_item(thread_id, item)
        await self._kept.put_thread(thread)  # its own updated_at, not that of the items
        self._unsaved[thread_id] = {}

    async def _flush(self) -> bool:
        """Write what waits, oldest thread first; stops at the first failure."""
        for thread_id in tuple(self._unsaved):
            try:
                await self._store.put_thread(await self._kept.thread(thread_id))
                for item in await self._kept.items(thread_id):
                    if item.key in self._unsaved[thread_id]:
                        await self._store.put_item(thread_id, item)
            except AppError as e:
                self._note(e)
                return False
            await self._kept.delete((thread_id,))
            del self._unsaved[thread_id]
            if not self._unsaved:
                self._note_success()
        return True

    async def _forget(self, thread_ids: Sequence[str]) -> None:
        await self._kept.delete(thread_ids)
        for thread_id in thread_ids:
            self._unsaved.pop(thread_id, None)
            self._known.pop(thread_id, None)

    def _note_success(self) -> None:
        if self._problem is not None:
            self._problem = None
            self._on_problem(None)

    def _note(self, error: AppError) -> None:
        """Tell of an outage once; anything else is the caller's own fault."""
        if error.code not in OUTAGES:
            raise error
        if error.code == self._problem:
            return
        self._problem = None if error.code is Code.STORE_DAMAGED else error.code
        self._on_problem(error)
