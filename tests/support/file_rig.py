"""The engine without a sound card on a clock that is moved by hand, and what it hands to the SDK."""

from __future__ import annotations

import asyncio
import heapq

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.sound_file import FileSound
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples
from mka1_desktop.domain.events import SoundEvent


class HandClock:
    """Time that passes only when `pass_s` says so."""

    def __init__(self) -> None:
        self._now_s = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._serial = 0

    def monotonic(self) -> float:
        return self._now_s

    def now(self) -> float:
        return self._now_s

    async def sleep(self, seconds: float) -> None:
        self._serial += 1
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + seconds, self._serial, woken))
        await woken

    async def pass_s(self, seconds: float) -> None:
        """Wake every sleeper at its own time."""
        end_s = self._now_s + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end_s:
            at_s, _, woken = heapq.heappop(self._sleepers)
            self._now_s = max(self._now_s, at_s)
            if not woken.done():
                woken.set_result(None)
            await settle()
        self._now_s = end_s

    async def jump_s(self, seconds: float) -> None:
        """The machine was busy: nobody is woken in between."""
        self._now_s += seconds
        await settle()


async def settle() -> None:
    for _ in range(12):
        await asyncio.sleep(0)


class KeptSource(rtc.AudioSource):
    """A source that keeps what it is given, and takes it at once."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__(RATE_HZ, 1, queue_size_ms=0)
        self._hand_clock = clock
        self.blocks: list[tuple[float, Samples]] = []
        self.defect: Exception | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        if self.defect is not None:
            raise self.defect
        self.blocks.append((self._hand_clock.monotonic(), np.frombuffer(frame.data, np.int16).copy()))

    @property
    def sent(self) -> Samples:
        return np.concatenate([block for _, block in self.blocks])


class Rig:
    def __init__(self, recording: str | None) -> None:
        self.clock = HandClock()
        self.events: list[SoundEvent] = []
        self.sources: list[KeptSource] = []
        self.sound = FileSound(clock=self.clock, recording=recording, source=self._source)
        self.room = rtc.Room()

    def _source(self) -> rtc.AudioSource:
        self.sources.append(KeptSource(self.clock))
        return self.sources[-1]

    @property
    def source(self) -> KeptSource:
        return self.sources[-1]

    async def publish(self) -> rtc.LocalAudioTrack:
        track = await self.sound.microphone_track()
        assert track is not None
        self.sound.microphone_published(track, self.room)
        return track

    def hear(self, samples: Samples) -> None:
        """The agent's frames, 20 ms each, all at the clock's present time."""
        for start in range(0, samples.size, 2 * BLOCK):
            part = samples[start : start + 2 * BLOCK]
            self.sound.agent_frame(rtc.AudioFrame(part.tobytes(), RATE_HZ, 1, part.size))
