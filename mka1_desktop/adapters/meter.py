"""Level of the agent's voice from its frames, falling to silence when no frame comes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from livekit import rtc

from mka1_desktop.domain.audio import FLOOR_DBFS, RATE_HZ, SOUND_DBFS, Samples, level_dbfs

STALE_S = 0.2
LOUD_SAMPLE = int(32768 * 10 ** (SOUND_DBFS / 20)) + 1  # the first value over -50 dBFS


def samples_of(frame: rtc.AudioFrame) -> Samples:
    """The frame's samples, shape (n,), without a copy.

    Raises ValueError for a frame that is not 48 kHz mono: the room adapter asks the SDK for exactly this.
    """
    if frame.sample_rate != RATE_HZ or frame.num_channels != 1:
        raise ValueError(f"expected 48 kHz mono, got {frame.sample_rate} Hz with {frame.num_channels} channels")
    return np.frombuffer(frame.data, np.int16)


def first_loud(samples: Samples) -> int | None:
    """Index of the first sample over -50 dBFS, None when there is none."""
    loud = np.flatnonzero((samples >= LOUD_SAMPLE) | (samples <= -LOUD_SAMPLE))
    return int(loud[0]) if loud.size else None


def last_loud(samples: Samples) -> int | None:
    """Index of the last sample over -50 dBFS, None when there is none."""
    loud = np.flatnonzero((samples >= LOUD_SAMPLE) | (samples <= -LOUD_SAMPLE))
    return int(loud[-1]) if loud.size else None


class Meter:
    """The newest level; reads as silence 200 ms after the last block."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._dbfs = FLOOR_DBFS
        self._at_s = 0.0

    def hear(self, samples: Samples) -> None:
        self.set(level_dbfs(samples))

    def set(self, dbfs: float) -> None:
        self._dbfs, self._at_s = dbfs, self._monotonic()

    def clear(self) -> None:
        self._dbfs = FLOOR_DBFS

    @property
    def dbfs(self) -> float:
        return self._dbfs if self._monotonic() - self._at_s < STALE_S else FLOOR_DBFS
