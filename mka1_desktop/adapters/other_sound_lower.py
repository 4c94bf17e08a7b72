"""Lowers other programs, over the mixer of any system."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from mka1_desktop.adapters.changed_file import ChangedFile
from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.adapters.level_keeper import LevelKeeper, StreamMixer
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.ports.other_sound import Way

log = logging.getLogger(__name__)
ANSWER_LIMIT_S = 5.0


class MixerLink(Protocol):
    """A system's mixer. Everything is called in one thread that may block."""

    @property
    def lost(self) -> tuple[type[Exception], ...]:
        """What the mixer raises when it is gone."""

    def connected(self) -> AbstractContextManager[StreamMixer]:
        """A connection for a moment; raises one of `lost`."""

    def watch(self, news: Callable[[], None]) -> Callable[[], None]:
        """Call `news`, in any thread, whenever streams came, went or changed, or the mixer is back.

        What is returned ends that. Raises one of `lost`.
        """


class LoweredSound:
    """See OtherSoundPort. A thread of its own does all that blocks: the mixer's calls and the file."""

    way: Way = "lower"

    def __init__(self, link: MixerLink, file: ChangedFile) -> None:
        self._link = link
        self._keeper = LevelKeeper(file)
        self._worker = DaemonWorker("other sound")
        self._tasks = OwnedTasks()
        self._percent: int | None = None  # None: nothing is to be lowered
        self._closed = False
        self._news = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._unwatch: Callable[[], None] | None = None  # the thread's

    async def quiet(self, percent: int) -> None:
        """See OtherSoundPort."""
        if self._percent not in (None, percent):
            await self.restore()  # what is lowered once is not lowered again
        self._percent = percent
        await self._do(self._lower)
        if self._following is None:
            loop = asyncio.get_running_loop()
            self._following = self._tasks.spawn(self._follow(), "other sound")
            await self._do(lambda: self._watch(loop))

    async def restore(self) -> None:
        """See OtherSoundPort."""
        self._percent = None
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
        await self._do(self._restore)
        await self._do(self._end_watch)

    async def close(self) -> None:
        """See OtherSoundPort."""
        if not self._closed:
            await self.restore()
            self._closed = True
            await self._tasks.cancel()
            self._worker.stop()

    async def _follow(self) -> None:
        """What changes while it is looked at is looked at again, once."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self._do(self._lower)

    async def _do(self, work: Callable[[], None]) -> None:
        if self._closed:
            return

        def job() -> None:
            try:
                work()
            except self._link.lost as e:
                log.info("the mixer did not answer: %s", type(e).__name__)

        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await asyncio.wrap_future(self._worker.submit(job))
        except TimeoutError:
            log.warning("the mixer is frozen")

    # --- in the thread -----------------------------------------------------------------------------------------

    def _lower(self) -> None:
        percent = self._percent
        if percent is not None:  # else it was wanted before this had its turn
            with self._link.connected() as mixer:
                self._keeper.lower(mixer, percent)

    def _restore(self) -> None:
        with self._link.connected() as mixer:
            self._keeper.restore(mixer)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        def news() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._news.set)

        if self._unwatch is None and self._percent is not None:
            self._unwatch = self._link.watch(news)

    def _end_watch(self) -> None:
        unwatch, self._unwatch = self._unwatch, None
        if unwatch is not None:
            unwatch()
