"""Chirps into the microphone and their echo from the speaker, in one aligned recording."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.support.pulse import RATE_HZ, Heard

CHIRP_S, EVERY_S = 0.12, 1.0
LONGEST_S = 0.9


def chirp() -> NDArray[np.int16]:
    """Return a sweep that survives speech processing: 500 to 2,500 Hz, 120 ms, soft edges."""
    t = np.arange(int(CHIRP_S * RATE_HZ)) / RATE_HZ
    sweep = np.sin(2 * np.pi * (500 * t + 2000 / (2 * CHIRP_S) * t**2))
    samples: NDArray[np.int16] = (14_000 * np.hanning(t.size) * sweep).astype(np.int16)
    return samples


def train(count: int) -> NDArray[np.int16]:
    """Return `count` chirps, one a second."""
    one = np.zeros(int(EVERY_S * RATE_HZ), np.int16)
    one[: chirp().size] = chirp()
    return np.tile(one, count)


def delays_s(heard: Heard) -> list[float]:
    """Return how long after each fed chirp its echo was played; a lost one is left out."""
    fed, played = _matches(heard.fed), _matches(heard.played)
    found = []
    for start in _peaks(fed):
        window = played[start : start + int(LONGEST_S * RATE_HZ)]
        if window.size and window.max() > 0.2 * np.abs(played).max():
            found.append(int(window.argmax()) / RATE_HZ)
    return found


def _matches(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return the matched filter's output."""
    size = 1 << int(np.ceil(np.log2(samples.size + chirp().size)))
    spectrum = np.fft.rfft(samples.astype(np.float64), size) * np.conj(np.fft.rfft(chirp().astype(np.float64), size))
    correlation: NDArray[np.float64] = np.abs(np.fft.irfft(spectrum, size)[: samples.size])
    return correlation


def _peaks(matched: NDArray[np.float64]) -> list[int]:
    """Return where the fed chirps begin: the greatest value of each second above half of all."""
    found: list[int] = []
    step = int(EVERY_S * RATE_HZ * 0.7)
    limit, place = 0.5 * matched.max(), 0
    while place < matched.size:
        above = np.flatnonzero(matched[place:] > limit)
        if not above.size:
            break
        start = place + int(above[0])
        found.append(start + int(matched[start : start + 2400].argmax()))
        place = start + step
    return found
