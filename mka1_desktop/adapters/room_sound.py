"""The agent's audio track: frames for the engine, and when there is sound."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.domain.audio import RATE_HZ, SOUND_DBFS, level_dbfs
from mka1_desktop.domain.events import AgentSoundStarted, AgentSoundStopped

FRAME_MS = 20
HANGOVER_S = 0.3
CAPACITY = 100  # frames waiting: 2 s, should the loop ever be late


class SoundGate:
    """Says when sound begins and when it has been over for 300 ms. Times come in with the frames."""

    def __init__(
        self,
        *,
        ticket: int,
        emit: Callable[[AgentSoundStarted | AgentSoundStopped], None],
        tasks: OwnedTasks,
        now: Callable[[], float],
    ) -> None:
        self._ticket = ticket
        self._emit = emit
        self._tasks = tasks
        self._now = now
        self._last_s: float | None = None
        self._watching = False

    @property
    def sounds(self) -> bool:
        """Whether there was sound within the last 300 ms."""
        return self._last_s is not None

    def push(self, dbfs: float, at_s: float) -> None:
        """Take the level of one frame."""
        if dbfs > SOUND_DBFS:
            began = self._last_s is None
            self._last_s = at_s
            if began:
                self._emit(AgentSoundStarted(ticket=self._ticket, at_s=at_s))
                if not self._watching:
                    self._watching = True
                    self._tasks.spawn(self._watch(), "agent sound gate")
        else:
            self._tick(at_s)

    def _tick(self, at_s: float) -> None:
        if self._last_s is not None and at_s - self._last_s >= HANGOVER_S:
            last_s, self._last_s = self._last_s, None
            self._emit(AgentSoundStopped(ticket=self._ticket, at_s=last_s))

    async def _watch(self) -> None:
        """A track that sends nothing more brings no frame that would say so."""
        while self._last_s is not None:
            await asyncio.sleep(HANGOVER_S / 3)
            self._tick(self._now())
        self._watching = False


async def pump(
    track: rtc.RemoteAudioTrack, *, take: Callable[[rtc.AudioFrame], None], gate: SoundGate, now: Callable[[], float]
) -> None:
    """Hand every 20 ms frame of `track` to `take` and the gate until the track ends or the task is cancelled."""
    stream = rtc.AudioStream(track, sample_rate=RATE_HZ, num_channels=1, frame_size_ms=FRAME_MS, capacity=CAPACITY)
    try:
        async for event in stream:
            take(event.frame)
            gate.push(level_dbfs(np.frombuffer(event.frame.data, dtype=np.int16)), now())
    finally:
        await stream.aclose()
