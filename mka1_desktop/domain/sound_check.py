"""What a sound check finds: the noise of the room, how much of what is played comes back and when, and clipping."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mka1_desktop.domain.audio import FLOOR_DBFS, RATE_HZ, Samples, level_dbfs
from mka1_desktop.domain.sound_probe import EVERY, SWEEPS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_DELAY_S = 0.5
NOISE_BLOCK = RATE_HZ // 10
CLIP_SAMPLE, CLIP_RUN = 32_600, 3  # so many samples in a row at full scale are no sound of the room
BEFORE, AFTER = RATE_HZ * 2 // 1000, RATE_HZ * 100 // 1000  # of the strongest return: what belongs to it in a room
CLEAR = 7.0  # a return stands out from the noise by this factor; noise alone reaches 4
COUNTED = 4.0  # and from here on a part of it counts
ALIKE = RATE_HZ * 4 // 1000  # sweeps whose delays differ by no more tell the delay
EARLY = RATE_HZ // 10  # samples of the microphone that were lost on a busy machine let a return seem early


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of the newest block its level, of all since the last question the loudest sample; both dBFS."""

    dbfs: float = FLOOR_DBFS
    peak_dbfs: float = FLOOR_DBFS
    clipped: bool = False


@dataclass(frozen=True, slots=True)
class Echo:
    """What comes back: its level against what was played, dB, and how much later, ms, the ways in and out included.

    The delay is None when no two sweeps agree about it, as on a machine that was too busy to play without gaps.
    """

    level_db: float
    delay_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one check has measured."""

    noise_dbfs: float  # RMS of the room, -90 to 0
    echo: Echo | None  # None: nothing came back that stands out from the noise
    peak_dbfs: float  # the loudest sample of all
    clipped: bool
    silent: bool = False  # nothing but zeros arrived: no room is as quiet as that


def examine(*, quiet: Samples, played: Samples, heard: Samples, buffer_s: float = 0.0) -> Findings:
    """Find out what the recordings of a check tell. Takes 30 to 60 ms: not for the window's thread.

    Args:
        quiet: the microphone while nothing was played, one second or more.
        played: the one sweep that was played three times, as loud as it was played.
        heard: the microphone from the moment on at which the first sweep was handed to the sound system, with one
            sweep each `EVERY` samples; shorter is well, too.
        buffer_s: what the check's own buffer has added to the delay, and is no part of it.
    """
    import numpy as np  # noqa: PLC0415 - 100 ms that the first paint does not wait for

    echo = echo_of(played, heard)
    return Findings(
        noise_dbfs=noise_dbfs(quiet),
        echo=_without(buffer_s, echo),
        peak_dbfs=max(peak_dbfs(quiet), peak_dbfs(heard)),
        clipped=clips(quiet) or clips(heard),
        silent=not np.any(quiet) and not np.any(heard),
    )


def noise_dbfs(quiet: Samples) -> float:
    """The level of the room: the median of tenths of a second, so that a cough is not the room."""
    import numpy as np  # noqa: PLC0415

    blocks = quiet[: quiet.size // NOISE_BLOCK * NOISE_BLOCK].reshape(-1, NOISE_BLOCK).astype(np.float64)
    if not blocks.size:
        return level_dbfs(quiet)
    steady = blocks - blocks.mean(axis=1, keepdims=True)  # a constant offset is of the device, and nobody hears it
    return _db(float(np.median(np.sqrt(np.mean(steady**2, axis=1)))) / 32768.0)


def peak_dbfs(samples: Samples) -> float:
    """The loudest sample, -90.0 (also for none) to 0.0."""
    import numpy as np  # noqa: PLC0415

    return _db(float(np.max(np.abs(samples.astype(np.int32)))) / 32768.0) if samples.size else FLOOR_DBFS


def clips(samples: Samples) -> bool:
    """Whether the sound was too loud for the microphone: three samples in a row stand at full scale."""
    import numpy as np  # noqa: PLC0415

    full = np.abs(samples.astype(np.int32)) >= CLIP_SAMPLE
    runs = full.size - CLIP_RUN + 1
    return runs > 0 and bool(np.any(np.logical_and.reduce([full[i : i + runs] for i in range(CLIP_RUN)])))


def echo_of(played: Samples, heard: Samples) -> Echo | None:
    """Find the echo of the sweeps by cross-correlation. Arguments as in `examine`.

    A single path is found within 0.1 ms and 1 dB where it stands 20 dB over the noise of the correlation, which is
    46 dB below that of the room for a sweep of 0.9 s. The strongest return counts: gaps and noise only take away.
    """
    import numpy as np  # noqa: PLC0415

    padded = np.concatenate([np.zeros(EARLY, np.int16), heard])
    parts = [padded[number * EVERY : (number + 1) * EVERY + EARLY] for number in range(SWEEPS)]
    found = [one for one in (_return_of(played, part) for part in parts) if one is not None]
    if not found:
        return None
    middle = sorted(at for at, _ in found)[len(found) // 2]
    alike = [at for at, _ in found if abs(at - middle) <= ALIKE]
    delay_ms = (float(np.median(alike)) - EARLY) * 1000 / RATE_HZ if len(alike) > 1 else None
    return Echo(level_db=20.0 * math.log10(max(gain for _, gain in found)), delay_ms=delay_ms)


def _without(buffer_s: float, echo: Echo | None) -> Echo | None:
    if echo is None or echo.delay_ms is None:
        return echo
    return replace(echo, delay_ms=max(0.0, echo.delay_ms - 1000 * buffer_s))


def _return_of(played: Samples, heard: Samples) -> tuple[int, float] | None:
    """Place in `heard` and gain of the strongest return of one sweep and what follows it in the room, or None."""
    import numpy as np  # noqa: PLC0415

    lags = min(EARLY + int(LONGEST_DELAY_S * RATE_HZ), heard.size - played.size)
    energy = float(np.sum(played.astype(np.float64) ** 2))
    if lags <= 0 or energy == 0.0:
        return None
    length = 1 << (heard.size + played.size).bit_length()
    spectrum = np.fft.rfft(played, length)
    found = np.fft.irfft(np.fft.rfft(heard, length) * np.conj(spectrum), length) / energy
    itself = np.fft.irfft(np.abs(spectrum) ** 2, length) / energy
    strength = np.abs(found[:lags])
    noise = float(np.median(strength)) / 0.6745  # the standard deviation of what is noise almost everywhere
    at = int(np.argmax(strength))
    if strength[at] == 0.0 or strength[at] < CLEAR * noise:
        return None
    least = COUNTED * noise
    return at, math.sqrt(_energy(found, at, least) / _energy(itself, 0, least / float(strength[at])))


def _energy(correlation: NDArray[np.float64], at: int, least: float) -> float:
    """What lies around `at` (the array goes round) and is not smaller than `least`."""
    import numpy as np  # noqa: PLC0415

    around = correlation.take(range(at - BEFORE, at + AFTER), mode="wrap")
    return float(np.sum(np.square(around[np.abs(around) >= least])))


def _db(amplitude: float) -> float:
    """Amplitude of 0 to 1 in dB, never below the floor."""
    return max(FLOOR_DBFS, 20.0 * math.log10(amplitude)) if amplitude > 0 else FLOOR_DBFS
