"""Sound of a room: what the agent says, and what its microphone track brings.

Everything is mono int16. The agent speaks at 24 kHz in frames of 20 ms; the recogniser hears 16 kHz.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, AudioResampler
from numpy.typing import NDArray

VOICE_RATE = 24_000
FRAME_S = 0.02
VOICE_FRAME = int(VOICE_RATE * FRAME_S)
EARS_RATE = 16_000
EARS_FRAME = int(EARS_RATE * FRAME_S)
WIRE_RATE = 48_000
LATE_S = 0.2  # further behind than this, the clock starts anew instead of sending a burst
GAP_S = 0.1  # no frame for this long: the microphone is muted
ECHO_FRAMES = 3  # frames that an echo may wait; more would be delay

Samples = NDArray[np.int16]


class Playback:
    """One utterance on its way out. Positions count samples that have left, at 24 kHz."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._waiting: list[tuple[int, asyncio.Future[bool]]] = []
        self.position = 0
        self.cut = False

    @property
    def over(self) -> bool:
        return self.cut or self.position >= len(self._samples)

    def take(self, count: int) -> Samples:
        """Return the next samples, at most `count`; nothing once it is cut."""
        if self.cut:
            return self._samples[:0]
        block = self._samples[self.position : self.position + count]
        self.position += len(block)
        self._tell()
        return block

    def stop(self) -> int:
        """Cut it; what has not left by now never leaves. Returns the position."""
        if not self.over:
            self.cut = True
            self._tell()
        return self.position

    async def reached(self, sample: int) -> bool:
        """Wait until `sample` has left. False: it was cut before."""
        sample = min(sample, len(self._samples))
        if self.position >= sample:
            return True
        if self.cut:
            return False
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((sample, future))
        return await future

    async def finished(self) -> bool:
        """Wait for the end. False: it was cut."""
        return await self.reached(len(self._samples))

    def _tell(self) -> None:
        still = []
        for sample, future in self._waiting:
            if future.done():
                continue
            if self.position >= sample or self.cut:
                future.set_result(self.position >= sample)
            else:
                still.append((sample, future))
        self._waiting = still


class AgentTrack(MediaStreamTrack):
    """The agent's voice: 20 ms frames on an absolute clock, silence where nothing is said."""

    kind = "audio"

    def __init__(self, *, muted: Callable[[], bool] = lambda: False) -> None:
        """Args: muted: asked at each frame; True sends zeros while the utterance runs on."""
        super().__init__()
        self._muted = muted
        self._playback: Playback | None = None
        self._start_s: float | None = None
        self._sent = 0  # frames since `_start_s`
        self._pts = 0

    def play(self, samples: Samples) -> Playback:
        """Start to say `samples` (24 kHz) with the next frame; cuts what was being said."""
        if self._playback is not None:
            self._playback.stop()
        self._playback = Playback(samples)
        return self._playback

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        await self._pace()
        block = np.zeros(VOICE_FRAME, np.int16)
        if self._playback is not None:
            said = self._playback.take(VOICE_FRAME)
            if not self._muted():
                block[: len(said)] = said
            if self._playback.over:
                self._playback = None
        frame = _frame(block, VOICE_RATE, self._pts)
        self._pts += VOICE_FRAME
        return frame

    async def run_unheard(self) -> None:
        """Let time pass for what is said although no connection asks for frames. Cancel to end."""
        while self.readyState == "live":
            await self.recv()

    async def _pace(self) -> None:
        now = time.monotonic()
        if self._start_s is None or now - (self._start_s + self._sent * FRAME_S) > LATE_S:
            self._start_s, self._sent = now, 0
        due = self._start_s + self._sent * FRAME_S
        self._sent += 1
        if due > now:
            await asyncio.sleep(due - now)


class EchoTrack(MediaStreamTrack):
    """Sends back what the microphone brings, at once and at the wire's rate: for delay measurements."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._queue: asyncio.Queue[Samples] = asyncio.Queue(ECHO_FRAMES)
        self._pts = 0

    def push(self, samples: Samples) -> None:
        """Give it one block at 48 kHz; the oldest waiting one goes when it is behind."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(samples)

    async def recv(self) -> AudioFrame:
        if self.readyState != "live":
            raise MediaStreamError
        block = await self._queue.get()
        frame = _frame(block, WIRE_RATE, self._pts)
        self._pts += len(block)
        return frame


class Floor:
    """Which microphone of a user is heard: the newest one that still brings frames.

    Agents listen to the newest microphone track of a person, and go back when it is taken away; a track that was
    unpublished never says that it ended.
    """

    def __init__(self) -> None:
        self._newest = 0
        self._holder = 0
        self._held_at_s = float("-inf")

    def enter(self) -> int:
        """Return the number of one more microphone, greater than all before."""
        self._newest += 1
        return self._newest

    def take(self, number: int, now_s: float) -> bool:
        """A frame came from microphone `number`; True: it is the one that is heard."""
        if number < self._holder and now_s - self._held_at_s < GAP_S:
            return False
        self._holder, self._held_at_s = number, now_s
        return True

    def has(self, number: int) -> bool:
        """This microphone brought the newest frame that was heard."""
        return self._holder == number


class Microphone:
    """Reads the user's track and hands on mono blocks: 20 ms at 16 kHz, or as they come at 48 kHz."""

    def __init__(self, track: MediaStreamTrack, *, rate: int, hear: Callable[[Samples], None], floor: Floor) -> None:
        """Args: rate: in Hz, of the blocks for `hear`. floor: shared by all microphones of the user."""
        self._floor = floor
        self._number = floor.enter()
        self._track = track
        self._hear = hear
        size = EARS_FRAME if rate == EARS_RATE else 0
        self._silence: Samples = np.zeros(int(rate * FRAME_S), np.int16)
        self._resampler = AudioResampler(format="s16", layout="mono", rate=rate, frame_size=size or None)

    async def run(self) -> None:
        """Read until the track ends. Cancel to stop earlier."""
        while True:
            try:
                frame = await self._next_frame()
            except MediaStreamError:
                return
            if isinstance(frame, AudioFrame) and self._floor.take(self._number, time.monotonic()):
                frame.pts = None  # gaps of lost packets would make the resampler insert or refuse frames
                for block in self._resampler.resample(frame):
                    self._hear(block.to_ndarray().reshape(-1).astype(np.int16, copy=False))

    async def _next_frame(self) -> object:
        """Wait for a frame. A muted microphone sends none: the ears hear silence meanwhile, at the pace of time."""
        coming = asyncio.get_running_loop().create_task(self._track.recv(), name="microphone frame")
        due_s = time.monotonic() + GAP_S
        try:
            while True:
                done, _ = await asyncio.wait((coming,), timeout=max(0.0, due_s - time.monotonic()))
                if done:
                    return coming.result()
                if self._floor.has(self._number):
                    self._hear(self._silence)
                due_s += FRAME_S
        finally:
            coming.cancel()


def _frame(samples: Samples, rate: int, pts: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    frame.pts = pts
    frame.time_base = Fraction(1, rate)
    return frame
