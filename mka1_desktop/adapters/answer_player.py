"""Plays an answer again, faster or slower, in a thread and on a stream of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol

import numpy as np

from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.adapters.portaudio_output import Output
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.stretch import stretched

OPEN_LIMIT_S = 5.0
LATE_S = 5.0  # a device that takes so much longer than the sound lasts has stopped
EDGE = RATE_HZ * 5 // 1000  # samples: an answer that was cut in mid-word ends without a click
REST = np.zeros(BLOCK, np.int16)
REST_BLOCKS = 30  # 0.3 s of silence behind the last word push it out of every buffer


class OutputStream(Protocol):
    """What is written to; see portaudio_output."""

    def write(self, samples: Samples) -> None: ...

    def close(self) -> None: ...


class AnswerPlayer:
    """AnswerPlayerPort over PortAudio. One answer at a time; the next one waits until the stream is closed."""

    def __init__(self, open_output: Callable[[str], OutputStream] = Output) -> None:
        self._open_output = open_output
        self._worker = DaemonWorker("replay")

    async def play(
        self,
        sound: Samples,
        *,
        speed: float,
        volume: Callable[[], int],
        speaker: Callable[[], Awaitable[str]],
    ) -> None:
        """See AnswerPlayerPort."""
        run = _Run(sound, speed, volume)
        try:
            name = await speaker()
            async with asyncio.timeout(OPEN_LIMIT_S):
                await self._do(lambda: run.open(self._open_output, name))
            await speaker()  # not a word comes out of the system's speaker before the stream is moved
            async with asyncio.timeout(sound.size / RATE_HZ / speed + LATE_S):
                await self._do(run.write)
        except TimeoutError:
            raise AppError(Code.NO_SOUND, details="the sound system did not answer") from None
        finally:
            run.stopped.set()
            self._worker.submit(run.close)

    def close(self) -> None:
        """See AnswerPlayerPort."""
        self._worker.stop()

    async def _do(self, work: Callable[[], None]) -> None:
        await asyncio.wrap_future(self._worker.submit(work))


class _Run:
    """One playing; all but `stopped` belongs to the worker's thread."""

    def __init__(self, sound: Samples, speed: float, volume: Callable[[], int]) -> None:
        self._sound = sound
        self._speed = speed
        self._volume = volume
        self._output: OutputStream | None = None
        self.stopped = threading.Event()

    def open(self, open_output: Callable[[str], OutputStream], name: str) -> None:
        if not self.stopped.is_set():
            self._output = open_output(name)

    def write(self) -> None:
        if self._output is None:
            return
        size = min(EDGE, self._sound.size)
        self._sound[self._sound.size - size :] = self._sound[self._sound.size - size :] * np.linspace(1.0, 0.0, size)
        for block in stretched(self._sound, self._speed):
            if self.stopped.is_set():
                return
            self._output.write(_louder(block, self._volume()))
        for _ in range(REST_BLOCKS):
            if self.stopped.is_set():
                return
            self._output.write(REST)

    def close(self) -> None:
        output, self._output = self._output, None
        self._sound.fill(0)
        if output is not None:
            output.close()


def _louder(block: Samples, percent: int) -> Samples:
    """The block at this volume; loud passages are clipped, as the engine does it."""
    if percent == 100:
        return block
    changed: Samples = np.clip(np.rint(block * (percent / 100)), -32768, 32767).astype(np.int16)
    return changed
