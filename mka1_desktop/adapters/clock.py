"""Monotonic time, wall time and sleep."""

from __future__ import annotations

import asyncio
import time


class SystemClock:
    """ClockPort over the operating system."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
