"""Speech faster or slower without a change of pitch: overlap-add of windows that fit (WSOLA).

Source: Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality
time-scale modification of speech", ICASSP 1993.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mka1_desktop.domain.audio import RATE_HZ, Samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float32]

HOP = RATE_HZ * 12 // 1000  # samples that one window adds: half of its 24 ms
WINDOW = 2 * HOP
REACH = RATE_HZ * 10 // 1000  # a window may be taken so much earlier or later: a period of a voice of 50 Hz, either way
COARSE = 4  # the search is made in every fourth sample first: a voice has its strength far below 6 kHz
SLOWEST, FASTEST = 0.5, 2.0
RISE: Floats = (0.5 - 0.5 * np.cos(np.pi * (np.arange(HOP) + 0.5) / HOP)).astype(np.float32)  # with its mirror it is 1


def stretched(samples: Samples, speed: float) -> Iterator[Samples]:
    """Yield the sound at `speed` in blocks of at most 12 ms, each made when it is asked for.

    Args:
        samples: int16, shape (n,), 48 kHz. Not modified; kept until the last block.
        speed: 0.5 to 2.0; 1.0 gives the samples as they are.

    Together the blocks have n / speed samples, to the nearest. Nothing is louder than it was.

    Raises:
        ValueError: `speed` is out of range (with the first block).

    Cost: about 0.1 ms for each block.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"speed {speed} is not between {SLOWEST} and {FASTEST}")
    if speed == 1.0:
        yield from (samples[at : at + HOP] for at in range(0, samples.size, HOP))
        return
    wanted = round(samples.size / speed)
    source = _Source(samples)
    place, made = -HOP, 0  # where the last window was taken; samples that were yielded
    while made < wanted:
        going_on = place + HOP  # what follows in the recording: the next window should be like it
        place = source.most_alike(going_on, round((made + HOP) * speed) - HOP)
        old, new = source.part(going_on, HOP), source.part(place, HOP)
        block = np.rint(old + (new - old) * RISE).astype(np.int16)[: wanted - made]
        made += block.size
        yield block


def stretch(samples: Samples, speed: float) -> Samples:
    """All of `stretched` at once."""
    blocks = list(stretched(samples, speed))
    whole: Samples = np.concatenate(blocks) if blocks else np.zeros(0, np.int16)
    return whole


class _Source:
    """The recording, with silence around it."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        even = np.zeros(-(-samples.size // COARSE) * COARSE, np.int16)
        even[: samples.size] = samples
        self._coarse: Floats = even.reshape(-1, COARSE).mean(axis=1, dtype=np.float32)

    def part(self, at: int, size: int) -> Floats:
        """Return `size` samples from `at` on, zeros outside the recording."""
        return _cut(self._samples, at, size)

    def most_alike(self, like: int, near: int) -> int:
        """Return where, at most 10 ms from `near`, the sound is most like that of the window at `like`."""
        wanted = _cut(self._coarse, like // COARSE, WINDOW // COARSE)
        around = _cut(self._coarse, (near - REACH) // COARSE, (WINDOW + 2 * REACH) // COARSE)
        first = near - REACH + COARSE * _best(wanted, around) - COARSE
        exact = _best(self.part(like, WINDOW), self.part(first, WINDOW + 2 * COARSE))
        return first + exact


def _cut(values: Samples | Floats, at: int, size: int) -> Floats:
    part = np.zeros(size, np.float32)
    first, last = max(at, 0), min(at + size, values.size)
    if first < last:
        part[first - at : last - at] = values[first:last]
    return part


def _best(wanted: Floats, around: Floats) -> int:
    """Return the offset at which `around` correlates best with `wanted`, for its strength there."""
    found = np.correlate(around, wanted, mode="valid")
    total = np.concatenate([[0.0], np.cumsum(np.square(around, dtype=np.float64))])
    strength = np.sqrt(total[wanted.size :] - total[: -wanted.size]) + 1.0
    return int(np.argmax(found / strength))
