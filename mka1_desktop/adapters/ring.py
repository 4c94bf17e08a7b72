"""The agent's voice between the network and the loudspeaker."""

from __future__ import annotations

from collections import deque

import numpy as np

from mka1_desktop.adapters.meter import first_loud
from mka1_desktop.domain.audio import RATE_HZ, Samples

TARGET = RATE_HZ * 50 // 1000  # play from here on: 20 ms frames arrive with some jitter
LATE = RATE_HZ * 90 // 1000  # with more waiting, pauses are shortened: no word is lost, and the delay goes
LIMIT = RATE_HZ * 200 // 1000  # more is delay that nobody needs: skip back to the target
FULL = RATE_HZ * 2  # nobody plays: a device that stopped


class PlayoutRing:
    """One thread pushes, another one pulls, without a lock: each counter has one writer, and only `pull` takes out.

    It waits until 50 ms are there, plays on until it is empty, then waits again.
    """

    def __init__(self) -> None:
        self._blocks: deque[Samples] = deque()
        self._pushed = 0  # samples, by the pusher
        self._pulled = 0  # samples, by the puller
        self._drop_to = 0  # by the pusher: what was pushed before this is not to be heard
        self._first = 0  # samples of the first block that are gone
        self._playing = False
        self.underruns = 0

    @property
    def waiting(self) -> int:
        """Samples that are there."""
        return self._pushed - self._pulled

    def push(self, samples: Samples) -> None:
        """Append a copy of int16 samples, shape (n,)."""
        if self.waiting > LATE and first_loud(samples) is None:
            return
        if samples.size and self.waiting < FULL:
            self._blocks.append(samples.copy())
            self._pushed += samples.size

    def drop(self) -> None:
        """What is there is not heard any more (but for a fade of one block, against the click)."""
        self._drop_to = self._pushed

    def pull(self, size: int) -> Samples:
        """Return exactly `size` samples, silence where there are none; called by the device's thread."""
        if self._pulled < self._drop_to:
            return self._fade_out(size)
        if self.waiting > LIMIT:
            self._skip(self.waiting - TARGET)
        if not self._playing and self.waiting < max(TARGET, size):
            return np.zeros(size, np.int16)
        self._playing = True
        block = self._take(size)
        if block.size < size:
            self._playing = False
            self.underruns += 1
            block = np.concatenate([block, np.zeros(size - block.size, np.int16)])
        return block

    def _fade_out(self, size: int) -> Samples:
        drop_to, was_playing = self._drop_to, self._playing
        block = self._take(min(size, drop_to - self._pulled))
        self._skip(drop_to - self._pulled)
        self._playing = False
        faded = np.zeros(size, np.int16)
        if was_playing and block.size:
            faded[: block.size] = (block * np.linspace(1.0, 0.0, block.size)).astype(np.int16)
        return faded

    def _take(self, size: int) -> Samples:
        parts: list[Samples] = []
        while size > 0 and self._blocks:
            first = self._blocks[0]
            part = first[self._first : self._first + size]
            parts.append(part)
            size -= part.size
            self._first += part.size
            self._pulled += part.size
            if self._first >= first.size:
                self._blocks.popleft()
                self._first = 0
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def _skip(self, size: int) -> None:
        self._take(size)
