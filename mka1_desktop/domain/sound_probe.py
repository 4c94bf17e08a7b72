"""What the sound check plays: a soft tone for the ear, and sweeps that are found again in what a microphone hears.

All of it is 48 kHz mono int16, made once and not to be written to.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mka1_desktop.domain.audio import RATE_HZ, Samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOW_HZ, HIGH_HZ = 300.0, 6000.0  # what small speakers give and every microphone takes
SWEEP = RATE_HZ * 9 // 10
EVERY = RATE_HZ * 3 // 2  # the pause after a sweep is longer than the longest echo that is looked for
SWEEPS = 3  # a cough spoils one of them
SWEEP_PEAK = 0.14  # -20 dBFS RMS, as a voice that speaks softly
TONE_PEAK = 0.12
TONE_NOTES = ((440.0, 0.5), (554.37, 0.5), (659.26, 0.9))  # Hz, seconds
EDGE_S, ATTACK_S, RELEASE_S = 0.03, 0.12, 0.3


@cache
def sweep() -> Samples:
    """A tone that rises evenly from 300 to 6,000 Hz in 0.9 s. Its spectrum is flat in between."""
    import numpy as np  # noqa: PLC0415 - 100 ms that the first paint does not wait for

    t = np.arange(SWEEP) / RATE_HZ
    phase = 2 * np.pi * (LOW_HZ * t + (HIGH_HZ - LOW_HZ) * t**2 / (2 * t[-1]))
    return _fixed(np.sin(phase) * _fade(SWEEP, EDGE_S, EDGE_S) * SWEEP_PEAK)


@cache
def probe() -> Samples:
    """Three sweeps, each with a pause behind it: 4.5 s."""
    import numpy as np  # noqa: PLC0415

    part = np.zeros(EVERY, np.int16)
    part[:SWEEP] = sweep()
    whole: Samples = np.tile(part, SWEEPS)
    whole.setflags(write=False)
    return whole


@cache
def tone() -> Samples:
    """Three notes that begin and end softly: 1.9 s."""
    import numpy as np  # noqa: PLC0415

    notes = []
    for hz, seconds in TONE_NOTES:
        count = int(seconds * RATE_HZ)
        t = np.arange(count) / RATE_HZ
        wave = np.sin(2 * np.pi * hz * t) + 0.2 * np.sin(4 * np.pi * hz * t)
        notes.append(wave / 1.2 * _fade(count, ATTACK_S, RELEASE_S) * TONE_PEAK)
    return _fixed(np.concatenate(notes))


def amplified(samples: Samples, gain: float) -> Samples:
    """`samples` times `gain`; what is too loud is clipped instead of wrapping round."""
    import numpy as np  # noqa: PLC0415

    louder: Samples = np.clip(np.rint(samples * gain), -32768, 32767).astype(np.int16)
    return louder


def _fade(count: int, attack_s: float, release_s: float) -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415

    t = np.arange(count) / RATE_HZ
    edge = np.clip(np.minimum(t / attack_s, (t[-1] - t) / release_s), 0.0, 1.0)
    fade: NDArray[np.float64] = np.sin(edge * np.pi / 2) ** 2
    return fade


def _fixed(wave: NDArray[np.float64]) -> Samples:
    import numpy as np  # noqa: PLC0415

    samples: Samples = np.rint(wave * 32767).astype(np.int16)
    samples.setflags(write=False)
    return samples
