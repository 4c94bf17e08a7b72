"""Where each piece of a fed sound is found in a recording: what is missing, doubled or out of order shows as a jump."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
PIECE = RATE_HZ * 240 // 1000
STEP = RATE_HZ * 40 // 1000
REACH = RATE_HZ * 150 // 1000
LOUD_RMS = 300.0
ALIKE = 0.4  # of the waveform; a codec, noise suppression and gain control leave most pieces above it


def places(heard: NDArray[np.int16], fed: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return shape (n, 2): the second in `fed` of each loud piece that is found, and its second in `heard`.

    Both are 16 kHz. The place of the whole is looked for first, then each piece of 240 ms within 150 ms around. A voice
    repeats itself every 5 to 10 ms, so that single pieces may be found one or two such periods off.
    """
    long, short = heard.astype(np.float64), fed.astype(np.float64)
    long = np.pad(long, max(REACH, short.size - long.size))
    padding = (long.size - heard.size) // 2
    whole = int(np.argmax(_correlation(long, short)))
    found = []
    for at in loud_pieces(fed):
        piece = short[at : at + PIECE]
        first = max(0, whole + at - REACH)
        window = long[first : whole + at + PIECE + REACH]
        if window.size < PIECE:
            continue
        sums = np.concatenate([[0.0], np.cumsum(window**2)])
        energy = np.sqrt((sums[PIECE:] - sums[:-PIECE]) * np.sum(piece**2)) + 1e-9
        alike = _correlation(window, piece)[: energy.size] / energy
        best = int(np.argmax(alike))
        if alike[best] > ALIKE:
            found.append((at / RATE_HZ, (first + best - padding) / RATE_HZ))
    return np.array(found, np.float64).reshape(-1, 2)


def loud_pieces(fed: NDArray[np.int16]) -> list[int]:
    """Where the pieces begin that `places` looks for, in samples."""
    sound = fed.astype(np.float64)
    starts = range(0, fed.size - PIECE, STEP)
    return [at for at in starts if np.sqrt(np.mean(sound[at : at + PIECE] ** 2)) >= LOUD_RMS]


def _correlation(long: NDArray[np.float64], short: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shape (long - short + 1,), by way of the spectrum."""
    size = 1 << (long.size + short.size - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    result: NDArray[np.float64] = product[: max(1, long.size - short.size + 1)]
    return result
