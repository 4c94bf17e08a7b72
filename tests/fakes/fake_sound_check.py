"""SoundCheckPort in a made-up room, without time: what is waited for is there at once, unless the test holds it up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from mka1_desktop.domain.audio import RATE_HZ, Device, Samples, level_dbfs
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.sound_check import Loudness, clips, peak_dbfs
from mka1_desktop.ports.audio import EngineName

LENGTH = 15 * RATE_HZ


class FakeCapture:
    def __init__(self, room: FakeCheck) -> None:
        self._room = room
        self.recorded = 0
        self.heard = room.noise.copy()
        self.wiped = False

    def loudness(self) -> Loudness:
        newest = self.heard[max(0, self.recorded - 480) : self.recorded]
        return Loudness(dbfs=level_dbfs(newest), peak_dbfs=peak_dbfs(newest), clipped=clips(newest))

    async def until(self, count: int) -> None:
        await self._room.held("hearing")
        self.recorded = max(self.recorded, count)

    def index_at(self, at_s: float) -> int:
        return round(at_s * RATE_HZ)

    def samples(self, start: int = 0, stop: int | None = None) -> Samples:
        assert not self.wiped
        return self.heard[start:stop].copy()


class FakePlayback:
    def __init__(self, room: FakeCheck) -> None:
        self._room = room
        self.latency_s = room.latency_s

    async def play(self, samples: Samples) -> float:
        room = self._room
        room.played.append(samples)
        capture = room.capture
        first = 0 if capture is None else capture.recorded
        if capture is not None:
            start = first + room.delay
            back = samples[: LENGTH - start] * room.echo
            capture.heard[start : start + back.size] += np.rint(back).astype(np.int16)
            capture.recorded += samples.size
        await room.held("playing")
        return first / RATE_HZ


class FakeCheck:
    """`noise` is what the microphone hears; `echo` and `delay` (samples) are the way back of what is played.

    `opened` and `closed` name devices in order; `hold` is what waits until `go` is set: "hearing" or "playing".
    """

    def __init__(self, *, noise_dbfs: float = -60.0, echo: float = 0.0, delay: int = 2400) -> None:
        wave = np.random.default_rng(1).normal(0.0, 32768 * 10 ** (noise_dbfs / 20), LENGTH)
        self.noise: Samples = np.rint(wave).astype(np.int16)
        self.echo, self.delay = echo, delay
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.played: list[Samples] = []
        self.capture: FakeCapture | None = None
        self.failure: AppError | None = None
        self.hold = ""
        self.go = asyncio.Event()
        self.ended = 0
        self.latency_s = 0.0

    @property
    def still_open(self) -> int:
        return len(self.opened) - len(self.closed)

    async def held(self, what: str) -> None:
        if self.hold == what:
            await self.go.wait()

    @asynccontextmanager
    async def microphone(self, device: Device | None, *, keeps: bool) -> AsyncIterator[FakeCapture]:
        name = self._open("microphone", device)
        self.capture = capture = FakeCapture(self)
        try:
            yield capture
        finally:
            capture.wiped, self.capture = True, None
            self.closed.append(name)

    @asynccontextmanager
    async def speaker(self, device: Device | None) -> AsyncIterator[FakePlayback]:
        name = self._open("speaker", device)
        try:
            yield FakePlayback(self)
        finally:
            self.closed.append(name)

    def _open(self, side: str, device: Device | None) -> str:
        if self.failure is not None:
            raise self.failure
        name = f"{side} {device.id if device else ''}".strip()
        self.opened.append(name)
        return name

    def gain(self, percent: int, engine: EngineName) -> float:
        return percent / 100

    async def close(self) -> None:
        self.ended += 1
