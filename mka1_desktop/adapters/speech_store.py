"""What the person said, in memory, until the service has taken it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from mka1_desktop.domain.audio import RATE_HZ, Samples, level_dbfs

LIMIT_S = 60.0
QUIET_DBFS = -55.0  # no word is softer, and the noise of most rooms is
AFTER_SPEECH = RATE_HZ * 200 // 1000  # samples of a pause that are always sent: a voice fades
TAKEN = 64  # blocks that can be given back; more than any queue holds
# A room that died in silence is found dead after 6 s at most: what it had in its last seconds, nobody heard. Before
# that, a second's pause ends a sentence, and one that is longer than 15 s is no sentence but noise.
DEAD = 7 * RATE_HZ
SENTENCE = 15 * RATE_HZ
PAUSE = RATE_HZ
BEFORE_SPEECH = RATE_HZ * 100 // 1000  # and these: soft consonants come before the vowel


@dataclass(slots=True, eq=False)
class _Part:
    samples: Samples
    sent: bool
    loud: bool


class SpeechStore:
    """Blocks of speech, oldest first, each sent or unsent; at most the newest 60 s. Any thread may call anything.

    Nothing of it is ever written to disk. What is forgotten is overwritten with zeros first.
    """

    def __init__(self, *, limit_s: float = LIMIT_S) -> None:
        self._limit = int(limit_s * RATE_HZ)
        self._lock = threading.Lock()  # held for microseconds
        self._parts: deque[_Part] = deque()
        self._taken: list[_Part] = []  # newest last: what `give_back` may speak of
        self._first_unsent = 0  # no part before this index is unsent
        self._recorded = self._unsent = 0  # samples
        self._quiet = 0  # samples that were taken since the last loud one

    @property
    def recorded(self) -> int:
        """Samples that are remembered."""
        return self._recorded

    @property
    def unsent(self) -> int:
        """Samples that no room has taken."""
        return self._unsent

    @property
    def full(self) -> bool:
        """One more block would push unsent speech out."""
        return self._unsent >= self._limit

    @property
    def quiet(self) -> int:
        """How many samples in a row, of those taken last, were a pause."""
        return self._quiet

    def add(self, samples: Samples, *, sent: bool) -> None:
        """Remember a copy of int16 samples, shape (n,); the oldest goes when there are more than 60 s."""
        if samples.size == 0:
            return
        part = _Part(samples.copy(), sent, level_dbfs(samples) > QUIET_DBFS)
        with self._lock:
            self._parts.append(part)
            self._recorded += samples.size
            self._unsent += 0 if sent else samples.size
            while self._recorded > self._limit:
                self._forget_oldest()

    def begin(self) -> None:
        """A new sending begins: what was taken before cannot be given back."""
        with self._lock:
            self._start_over()

    def take(self, *, shorten: bool = False) -> Samples | None:
        """Return the oldest unsent block and count it as sent; None when there is none.

        `shorten`: of a pause only 200 ms after the sound before and 100 ms before the next come out.
        """
        with self._lock:
            while (part := self._next()) is not None:
                part.sent = True
                self._unsent -= part.samples.size
                self._quiet = 0 if part.loud else self._quiet + part.samples.size
                if shorten and self._quiet > AFTER_SPEECH and not self._speech_ahead():
                    continue
                self._taken.append(part)
                del self._taken[:-TAKEN]
                return part.samples.copy()
        return None

    def give_back(self, samples: int) -> None:
        """Of what was taken last, this much did not go out: count its blocks as unsent."""
        with self._lock:
            while samples > 0 and self._taken:
                part = self._taken.pop()
                part.sent = False
                self._unsent += part.samples.size
                samples -= part.samples.size
            self._first_unsent = 0
            self._quiet = 0

    def rewind(self) -> None:
        """Count everything as unsent."""
        with self._lock:
            for part in self._parts:
                part.sent = False
            self._start_over()
            self._unsent = self._recorded

    def recall_sentence(self) -> None:
        """Count as unsent what was said in the last 7 s before the first unsent block, from its sentence's start."""
        with self._lock:
            end = next((i for i, part in enumerate(self._parts) if not part.sent), len(self._parts))
            sent = list(self._parts)[:end]
            for part in sent[_start_of_sentence(sent) :]:
                part.sent = False
                self._unsent += part.samples.size
            self._start_over()

    def forget_sent(self) -> None:
        """Forget what a room has taken."""
        with self._lock:
            for part in self._parts:
                if part.sent:
                    part.samples.fill(0)
            self._parts = deque(part for part in self._parts if not part.sent)
            self._recorded = self._unsent
            self._start_over()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for part in self._parts:
                part.samples.fill(0)
            self._parts.clear()
            self._recorded = self._unsent = 0
            self._start_over()

    def _start_over(self) -> None:
        self._taken.clear()
        self._first_unsent = self._quiet = 0

    def _next(self) -> _Part | None:
        while self._first_unsent < len(self._parts):
            part = self._parts[self._first_unsent]
            if not part.sent:
                return part
            self._first_unsent += 1
        return None

    def _speech_ahead(self) -> bool:
        """Something loud follows within 100 ms; behind the newest block, nobody knows."""
        ahead = 0
        for index in range(self._first_unsent + 1, len(self._parts)):
            part = self._parts[index]
            if part.loud:
                return True
            ahead += part.samples.size
            if ahead >= BEFORE_SPEECH:
                break
        return False

    def _forget_oldest(self) -> None:
        part = self._parts.popleft()
        self._recorded -= part.samples.size
        self._unsent -= 0 if part.sent else part.samples.size
        self._first_unsent = max(0, self._first_unsent - 1)
        if self._taken and self._taken[0] is part:
            del self._taken[0]
        part.samples.fill(0)


def _start_of_sentence(parts: Sequence[_Part]) -> int:
    """Return the index at which the newest sentence begins, a soft consonant included; the end when there is none."""
    start = len(parts)
    behind = quiet = 0  # samples: since the part in question, and of those without a sound
    for index in reversed(range(len(parts))):
        size = parts[index].samples.size
        behind += size
        quiet = 0 if parts[index].loud else quiet + size
        if behind > SENTENCE or (behind > DEAD and quiet > PAUSE):
            break
        if parts[index].loud:
            start = index
    lead = 0
    while 0 < start < len(parts) and lead < BEFORE_SPEECH:
        start -= 1
        lead += parts[start].samples.size
    return start
