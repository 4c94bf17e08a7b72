"""Turns a burst of calls into one: waits until nothing came for a moment, but not for ever."""

from __future__ import annotations

import asyncio

QUIET_S = 0.2
BURST_S = 1.0  # the longest time that a burst can hold its own news back


class QuietMoment:
    """`touch` for each piece of news, on the loop's thread; `next` returns once for each burst. One waiter."""

    def __init__(self, *, quiet_s: float = QUIET_S, burst_s: float = BURST_S) -> None:
        self._quiet_s = quiet_s
        self._burst_s = burst_s
        self._touched = asyncio.Event()
        self._error: Exception | None = None

    def touch(self) -> None:
        self._touched.set()

    def fail(self, error: Exception) -> None:
        """Let `next` raise `error`: nothing will come any more."""
        self._error = error
        self._touched.set()

    async def next(self) -> None:
        """Wait for a burst and its end."""
        loop = asyncio.get_running_loop()
        await self._taken()
        ends = loop.time() + self._burst_s
        while (left := ends - loop.time()) > 0:
            try:
                async with asyncio.timeout(min(left, self._quiet_s)):
                    await self._taken()
            except TimeoutError:
                return

    async def _taken(self) -> None:
        await self._touched.wait()
        self._touched.clear()
        if self._error is not None:
            raise self._error
