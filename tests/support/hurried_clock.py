"""Time for the session machine that can be made to pass faster than on the wall."""

from __future__ import annotations

import asyncio

from mka1_desktop.adapters.clock import SystemClock


class HurriedClock(SystemClock):
    """Its sleeps are `times` shorter from the moment that this is set; the hands of the clock go as ever."""

    def __init__(self, times: float = 1.0) -> None:
        self.times = times
        self.slept: list[float] = []  # seconds that were asked for

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(seconds / self.times)
