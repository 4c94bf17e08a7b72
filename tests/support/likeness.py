"""How much a recording sounds like a sentence that was synthesised: one number, by spectrum over time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 16_000
HOP = RATE_HZ // 50  # 20 ms
WINDOW = 2 * HOP
EDGES_HZ = (100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400, 5300)
FLOOR_DB = 60.0  # what is so far below the loudest is silence


def likeness(heard: NDArray[np.int16], heard_hz: int, wanted: NDArray[np.int16], wanted_hz: int) -> float:
    """Return the best correlation, -1 to 1, of `wanted` with any place of `heard`, in both time and spectrum.

    The same sentence that went through a codec and a jitter buffer gives above 0.9 (0.7 with gaps in it), others of
    the same voice less than 0.6.
    """
    long, short = _picture(heard, heard_hz), _picture(wanted, wanted_hz)
    if long.shape[0] < short.shape[0]:
        long = np.pad(long, ((0, short.shape[0] - long.shape[0]), (0, 0)))
    places = range(long.shape[0] - short.shape[0] + 1)
    return max((_correlation(long[at : at + short.shape[0]], short) for at in places), default=0.0)


def loud_seconds(samples: NDArray[np.int16], rate_hz: int, *, above: float = 150.0) -> float:
    """Return how long the sound is louder than an RMS of `above`, counted in blocks of 20 ms."""
    block = rate_hz // 50
    blocks = samples[: samples.size // block * block].reshape(-1, block).astype(np.float64)
    return float(np.sum(np.sqrt(np.mean(blocks**2, axis=1)) > above)) * 0.02


def _picture(samples: NDArray[np.int16], rate_hz: int) -> NDArray[np.float64]:
    """Return levels in dB, shape (n, bands), one row each 20 ms."""
    sound = soxr.resample(samples.astype(np.float32), rate_hz, RATE_HZ)
    if sound.size < WINDOW:
        return np.zeros((0, len(EDGES_HZ) - 1))
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP] * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    places = [round(hz * WINDOW / RATE_HZ) for hz in EDGES_HZ]
    bands = np.stack([power[:, a:b].sum(axis=1) for a, b in pairwise(places)], axis=1)
    levels = 10 * np.log10(bands + 1e-9)
    lowest = max(float(levels.max()) - FLOOR_DB, 30.0)
    clipped: NDArray[np.float64] = np.maximum(levels, lowest) - lowest
    return clipped


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size else 0.0
