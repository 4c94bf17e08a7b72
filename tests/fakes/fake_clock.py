"""ClockPort whose time moves only when a test says so."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sized
from typing import cast

BUSY_LIMIT = 100_000  # turns of the loop after which something runs in circles


async def settle() -> None:
    """Return when nothing on the loop is ready to run: everybody waits for time or for the world."""
    loop = asyncio.get_running_loop()
    ready = cast("Sized", vars(loop)["_ready"])  # asyncio has no public way to ask; counting turns would be a guess
    for _ in range(BUSY_LIMIT):
        await asyncio.sleep(0)
        if not ready:
            return
    raise AssertionError("the loop never comes to rest")


class FakeClock:
    """Virtual time. `slept` holds what was asked for, in order."""

    def __init__(self, *, start_s: float = 1000.0, unix_s: float = 1_700_000_000.0) -> None:
        self._now_s = start_s
        self._unix_offset_s = unix_s - start_s
        self._count = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self._now_s

    def now(self) -> float:
        return self._now_s + self._unix_offset_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._count += 1
        waiting = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + seconds, self._count, waiting))
        await waiting

    @property
    def sleeping(self) -> int:
        return sum(not waiting.done() for _, _, waiting in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Let time pass; sleepers wake in order, each at its own time, and run until everybody waits again."""
        end_s = self._now_s + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end_s + 1e-9:
            due_s, _, waiting = heapq.heappop(self._sleepers)
            if waiting.done():
                continue
            self._now_s = max(self._now_s, due_s)
            waiting.set_result(None)
            await settle()
        self._now_s = max(self._now_s, end_s)
