"""One sending of kept speech, between the event loop and the thread that does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class KeptRun:
    """One sending of kept speech; made and watched on the event loop's thread, worked off by the line's."""

    def __init__(self, *, ready: bool = True) -> None:
        """`ready`: somebody gets what is sent; until then (set it) only silence goes out, and nothing live either."""
        self._loop = asyncio.get_running_loop()
        self.ready = ready
        self._news = asyncio.Event()
        self._paused = False
        self.done = False  # nothing is left to send, or it was ended
        self.ended = False
        self.cut = False

    async def until_pause(self) -> bool:
        """True: all is out, and for 200 ms nothing was said. False: it is done."""
        self._paused = False
        while not (self._paused or self.done):
            self._news.clear()
            await self._news.wait()
        return not self.done

    async def until_done(self) -> None:
        while await self.until_pause():
            continue

    def tell_pause(self) -> None:
        self._tell(self._take_pause)

    def tell_done(self) -> None:
        self._tell(self._take_done)

    def _take_pause(self) -> None:
        self._paused = True
        self._news.set()

    def _take_done(self) -> None:
        self.done = True
        self._news.set()

    def _tell(self, work: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(work)
        except RuntimeError:  # the program ends
            return
