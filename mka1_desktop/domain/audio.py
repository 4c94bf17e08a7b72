"""Sample constants and levels. Audio in this app is 48 kHz mono int16 unless a name says otherwise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE_HZ = 48_000
BLOCK = 480  # samples in 10 ms: WebRTC's audio processing takes nothing else
FLOOR_DBFS = -90.0
SOUND_DBFS = -50.0  # from here on a block counts as sound (contract: first_audio_s)

Samples: TypeAlias = "NDArray[np.int16]"


def level_dbfs(samples: Samples) -> float:
    """Return the RMS level of one mono block, -90.0 (also for no samples) to 0.0, relative to full scale.

    A full-scale sine gives about -3.01. Cost: about 9 us for 480 samples.
    """
    import numpy as np  # noqa: PLC0415 - 100 ms that the first paint does not wait for

    if samples.size == 0:
        return FLOOR_DBFS
    rms = math.sqrt(float(np.mean(np.square(samples, dtype=np.float64)))) / 32768.0
    return max(FLOOR_DBFS, 20.0 * math.log10(rms)) if rms > 0 else FLOOR_DBFS


@dataclass(frozen=True, slots=True)
class Levels:
    """Newest levels of both sides, dBFS; read 20 to 30 times a second by whoever shows them."""

    microphone_dbfs: float = FLOOR_DBFS
    agent_dbfs: float = FLOOR_DBFS


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of the person's speech, seconds; see SoundPort.keep_speech."""

    unsent_s: float = 0.0  # no room has taken it yet
    recorded_s: float = 0.0  # all that is not forgotten: sent or not, the turn that it belongs to is not over
    sending: bool = False  # a room is being told now


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or speaker. `id` is stable across restarts where the system has such a name."""

    id: str
    name: str
    default: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Devices:
    """What is plugged in now; empty lists are a normal state."""

    microphones: tuple[Device, ...] = ()
    speakers: tuple[Device, ...] = ()
