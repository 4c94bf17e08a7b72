"""The agent's audio track: frames for the engine, and when there is sound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.audio import RATE_HZ, SOUND_DBFS, level_dbfs
from mka1_desktop.domain.events import AgentSoundStarted, AgentSoundStopped

FRAME_MS = 20
HANGOVER_S = 0.3
CAPACITY = 100  # frames waiting: 2 s, should the loop ever be late


class SoundGate:
    """Says when sound begins and when it has been over for 300 ms. Time comes in with the frames."""

    def __init__(self, *, ticket: int, emit: Callable[[AgentSoundStarted | AgentSoundStopped], None]) -> None:
        self._ticket = ticket
        self._emit = emit
        self._last_s: float | None = None

    def push(self, dbfs: float, at_s: float) -> None:
        if dbfs > SOUND_DBFS:
            if self._last_s is None:
                self._emit(AgentSoundStarted(ticket=self._ticket, at_s=at_s))
            self._last_s = at_s
        else:
            self.tick(at_s)

    def tick(self, at_s: float) -> None:
        """Time passes without a frame: a track that stops is silent too."""
        if self._last_s is not None and at_s - self._last_s >= HANGOVER_S:
            self._emit(AgentSoundStopped(ticket=self._ticket, at_s=self._last_s))
            self._last_s = None


async def pump(track: rtc.RemoteAudioTrack, *, host: TrackHost, gate: SoundGate, now: Callable[[], float]) -> None:
    """Hand every 20 ms frame of `track` to the engine and the gate until the track ends or the task is cancelled."""
    stream = rtc.AudioStream(track, sample_rate=RATE_HZ, num_channels=1, frame_size_ms=FRAME_MS, capacity=CAPACITY)
    try:
        async for event in stream:
            host.agent_frame(event.frame)
            gate.push(level_dbfs(np.frombuffer(event.frame.data, dtype=np.int16)), now())
    finally:
        await stream.aclose()
