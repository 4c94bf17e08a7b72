"""The two ends of a sound check inside PortAudio's callbacks: what came from the microphone, what goes to the speaker.

Both know when each of their samples passed. A busy machine makes callbacks late and never early, so the earliest
callback, less the samples before it, tells the time best.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np

from mka1_desktop.domain.audio import BLOCK, FLOOR_DBFS, RATE_HZ, Samples, level_dbfs
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.sound_check import Loudness, clips, peak_dbfs

STALL_S = 3.0
KEPT = 15 * RATE_HZ
DRAIN = RATE_HZ * 3 // 10  # asked for beyond the last sample: then that one is out, buffers of the system included


class _Mark:
    """Waits on the loop until a count that another thread raises is reached."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._wanted: int | None = None
        self.count = 0

    def raise_by(self, size: int) -> None:
        """In PortAudio's thread."""
        self.count += size
        if self._wanted is not None and self.count >= self._wanted:
            self._wanted = None
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._event.set)

    async def until(self, count: int, failure: Code) -> None:
        """Raises AppError(failure) when nothing moves for 3 s."""
        while self.count < count:
            before = self.count
            self._event.clear()
            self._wanted = count
            if self.count >= count:
                return
            try:
                async with asyncio.timeout(STALL_S):
                    await self._event.wait()
            except TimeoutError:
                if self.count == before:
                    raise AppError(failure, details=f"nothing moved for {STALL_S:.0f} s") from None


class CheckCapture:
    """See Capture. `hear` is PortAudio's."""

    def __init__(self, *, keeps: bool, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._keeps = keeps
        self._monotonic = monotonic
        self._mark = _Mark()
        self._blocks: list[Samples] = []
        self._counts = False
        self._begin_s = float("inf")  # when the first sample arrived
        self._dbfs = self._peak = FLOOR_DBFS
        self._clipped = False

    def begin(self) -> None:
        """What comes from now on is from the right microphone."""
        self._counts = True

    def hear(self, block: Samples) -> None:
        """In PortAudio's thread."""
        if not self._counts:
            return
        count = self._mark.count + block.size
        self._begin_s = min(self._begin_s, self._monotonic() - count / RATE_HZ)
        if self._keeps and count <= KEPT:
            self._blocks.append(block.copy())
        self._dbfs = level_dbfs(block)
        self._peak = max(self._peak, peak_dbfs(block))
        self._clipped = self._clipped or clips(block)
        self._mark.raise_by(block.size)

    def end(self) -> None:
        """Wipe what was heard, and hear no more."""
        self._counts = False
        for block in self._blocks:
            block.fill(0)
        self._blocks.clear()

    @property
    def recorded(self) -> int:
        return self._mark.count

    def loudness(self) -> Loudness:
        heard = Loudness(dbfs=self._dbfs, peak_dbfs=self._peak, clipped=self._clipped)
        self._peak, self._clipped = FLOOR_DBFS, False
        return heard

    async def until(self, count: int) -> None:
        await self._mark.until(count, Code.NO_MICROPHONE)

    def index_at(self, at_s: float) -> int:
        return round((at_s - self._begin_s) * RATE_HZ)

    def samples(self, start: int = 0, stop: int | None = None) -> Samples:
        whole: Samples = np.concatenate([np.zeros(0, np.int16), *self._blocks])[max(0, start) : stop]
        return whole


class CheckPlayback:
    """See Playback. `wanted` is PortAudio's."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._mark = _Mark()
        self._piece: tuple[int, Samples] = (0, np.zeros(0, np.int16))  # what is played, and as which sample it begins
        self._begin_s = float("inf")
        self._ended = False
        self.latency_s = 0.0

    def wanted(self, size: int) -> Samples:
        """In PortAudio's thread: the next samples, zeros where there is nothing to play."""
        asked = self._mark.count
        self._begin_s = min(self._begin_s, self._monotonic() - asked / RATE_HZ)
        block = np.zeros(size, np.int16)
        first, samples = self._piece
        if not self._ended and asked + size > first:
            part = samples[max(0, asked - first) : asked - first + size]
            start = max(0, first - asked)
            block[start : start + part.size] = part[: size - start]
        self._mark.raise_by(size)
        return block

    def end(self) -> None:
        self._ended = True

    async def settled(self) -> None:
        """Return when the speaker takes samples as they are played. Raises AppError(DEVICE_GONE)."""
        await self._mark.until(DRAIN, Code.DEVICE_GONE)

    async def play(self, samples: Samples) -> float:
        """See Playback."""
        first = self._mark.count + 2 * BLOCK  # no callback has passed this one when it is looked for
        self._begin_s = float("inf")  # before, the stream may have been moved to another device
        self._piece = (first, samples)
        await self._mark.until(first + samples.size + DRAIN, Code.DEVICE_GONE)
        return self._begin_s + first / RATE_HZ
