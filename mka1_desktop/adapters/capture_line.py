"""From the microphone's thread to the room: an event loop of its own, so that a busy window delays no sound."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.processing import Processing
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples, level_dbfs

QUEUE_MS = 50  # a multiple of 10, or the SDK aborts; longer queues keep old sound
KEPT = 20  # blocks of each side that wait at most, 200 ms: after a stall, older ones are lost
LATE = 3  # with more blocks waiting, pauses are shortened: no word is lost, and the delay goes
QUIET_DBFS = -45.0
PAUSE_BLOCKS = 2  # silence goes out 20 ms at a time
PAUSE_S = PAUSE_BLOCKS * BLOCK / RATE_HZ
CATCH_UP_S = 0.2
JOIN_S = 3.0
SILENCE: Samples = np.zeros(PAUSE_BLOCKS * BLOCK, np.int16)


class CaptureLine:
    """Owns the SDK's audio source and the thread that feeds it.

    While the microphone is open its blocks go out as they come, processed; else silence goes out, so that the far end
    hears a pause and not a gap. `microphone` and `loudspeaker` are called by PortAudio's threads and never wait.
    """

    def __init__(self, processing: Callable[[], Processing], sent: Callable[[Samples], None]) -> None:
        self._new_processing = processing
        self._sent = sent
        self._near: deque[Samples] = deque(maxlen=KEPT)
        self._far: deque[Samples] = deque(maxlen=KEPT)
        self._open = False
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self._main: asyncio.Task[None] | None = None
        self.source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=QUEUE_MS, loop=self._loop)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Blocks until the thread is gone."""
        self._call(self._cancel)
        self._thread.join(JOIN_S)

    def set_open(self, is_open: bool) -> None:
        """Blocks from the microphone count, or silence goes out."""
        self._near.clear()
        self._open = is_open
        self._call(self._news.set)

    def microphone(self, block: Samples) -> None:
        """10 ms that were heard."""
        self._near.append(block.copy())
        self._call(self._news.set)

    def loudspeaker(self, block: Samples) -> None:
        """10 ms that are being played."""
        self._far.append(block)

    def _call(self, work: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(work)
        except RuntimeError:  # closed: the last block of a stream that is being closed
            return

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._work())
            except asyncio.CancelledError:
                return

    async def _work(self) -> None:
        self._main = asyncio.current_task()
        processing = self._new_processing()
        try:
            while True:
                if self._open:
                    await self._send_heard(processing)
                else:
                    await self._send_silence()
        finally:
            await self.source.aclose()

    async def _send_heard(self, processing: Processing) -> None:
        await self._news.wait()
        self._news.clear()
        while self._near and self._open:
            while self._far:
                processing.far(self._far.popleft())
            block = processing.near(self._near.popleft())
            self._sent(block)
            if len(self._near) < LATE or level_dbfs(block) > QUIET_DBFS:
                await self._send(block)

    async def _send_silence(self) -> None:
        due_s = self._loop.time()
        while not self._open:
            self._far.clear()
            await self._send(SILENCE)
            due_s = max(due_s + PAUSE_S, self._loop.time() - CATCH_UP_S)
            self._news.clear()
            try:
                async with asyncio.timeout_at(due_s):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _send(self, block: Samples) -> None:
        await self.source.capture_frame(rtc.AudioFrame(block.tobytes(), RATE_HZ, 1, block.size))
