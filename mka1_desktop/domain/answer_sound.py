"""The assistant's voice of the last answers, in memory, to be heard again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from mka1_desktop.domain.audio import RATE_HZ, SOUND_DBFS, Samples, level_dbfs

LIMIT_S = 180.0
BEFORE = RATE_HZ * 100 // 1000  # samples of quiet that are kept before a voice: soft consonants come first
AFTER = RATE_HZ * 200 // 1000  # and behind it: a voice fades
PAUSE = RATE_HZ  # a longer pause inside an answer, such as that of a tool, is heard as one second


@dataclass(slots=True, eq=False)
class _Take:
    """What was heard in one go; `key` names the turn once that is known."""

    blocks: deque[Samples] = field(default_factory=deque)
    size: int = 0  # samples

    def add(self, block: Samples) -> None:
        self.blocks.append(block)
        self.size += block.size

    def drop_oldest(self) -> int:
        block = self.blocks.popleft()
        self.size -= block.size
        block.fill(0)
        return block.size

    def forget(self) -> None:
        while self.blocks:
            self.drop_oldest()


class AnswerSounds:
    """Takes of the voice, each under the key of its turn; at most the newest 3 minutes in all.

    Nothing of it is ever written to disk. What is forgotten is overwritten with zeros first. One thread.
    """

    def __init__(self, *, limit_s: float = LIMIT_S) -> None:
        self._limit = int(limit_s * RATE_HZ)
        self._takes: dict[str, _Take] = {}  # oldest first
        self._running = _Take()  # being heard
        self._unclaimed: _Take | None = None  # over, and no turn has shown itself yet
        self._fading = 0  # so many samples more are kept behind the voice
        self._quiet = _Take()  # newest blocks without a voice, which count once one follows

    @property
    def keys(self) -> frozenset[str]:
        """Of the turns whose sound is here."""
        return frozenset(self._takes)

    @property
    def newest(self) -> str | None:
        """Key of the turn that was heard last."""
        return next(reversed(self._takes), None)

    @property
    def seconds(self) -> float:
        """How much is kept in all."""
        return self._size / RATE_HZ

    @property
    def unclaimed(self) -> bool:
        """Whether something was heard that belongs to no turn yet."""
        return self._unclaimed is not None

    def hear(self, block: memoryview) -> None:
        """Take a copy of one frame of the voice: int16, 48 kHz mono; pauses too."""
        import numpy as np  # noqa: PLC0415 - as in domain/audio

        samples = np.frombuffer(block, np.int16).copy()
        if level_dbfs(samples) > SOUND_DBFS:
            self._take_quiet(PAUSE if self._running.size else BEFORE)
            self._running.add(samples)
            self._fading = AFTER
            self._make_room()
        elif self._fading > 0:
            self._running.add(samples)
            self._fading -= samples.size
        else:
            self._quiet.add(samples)
            while self._quiet.size > PAUSE:
                self._quiet.drop_oldest()

    def end(self, key: str | None) -> bool:
        """The voice is over, and was that of this turn; None: it is not known yet. Return whether there was one."""
        self._quiet.forget()
        self._fading = 0
        take, self._running = self._running, _Take()
        if not take.size:
            return False
        if self._unclaimed is not None:
            self._unclaimed.forget()
        self._unclaimed = take
        if key is not None:
            self.claim(key)
        return True

    def drop(self) -> None:
        """What is being heard is none of what follows: forget it."""
        self._running.forget()
        self._quiet.forget()
        self._fading = 0

    def claim(self, key: str) -> None:
        """What was heard last belongs to this turn, behind what it has already."""
        take, self._unclaimed = self._unclaimed, None
        if take is None:
            return
        before = self._takes.pop(key, None)
        if before is not None:
            before.blocks.extend(take.blocks)
            before.size += take.size
            take = before
        self._takes[key] = take
        self._make_room()

    def sound(self, key: str) -> Samples | None:
        """Return a copy, shape (n,), which the caller overwrites; None when it is not here (any more)."""
        import numpy as np  # noqa: PLC0415 - as in domain/audio

        take = self._takes.get(key)
        return np.concatenate(take.blocks) if take is not None else None

    def forget(self) -> None:
        """Overwrite everything."""
        self.drop()
        for take in (*self._takes.values(), self._unclaimed):
            if take is not None:
                take.forget()
        self._takes.clear()
        self._unclaimed = None

    # --- inside ------------------------------------------------------------------------------------------------

    @property
    def _size(self) -> int:
        unclaimed = self._unclaimed.size if self._unclaimed is not None else 0
        return sum(take.size for take in self._takes.values()) + self._running.size + unclaimed

    def _take_quiet(self, most: int) -> None:
        """Put the newest quiet blocks into the running take, up to so many samples."""
        while self._quiet.size > most:
            self._quiet.drop_oldest()
        while self._quiet.blocks:
            self._running.add(self._quiet.blocks.popleft())
        self._quiet.size = 0

    def _make_room(self) -> None:
        """Whole answers go first, the oldest one before the others; of one that is too long alone, its beginning."""
        while self._size > self._limit:
            older = next(iter(self._takes), None)
            last = len(self._takes) == 1 and not self._running.size
            if older is not None and not last:
                self._takes.pop(older).forget()
            elif self._unclaimed is not None and self._running.size:
                self._unclaimed.forget()
                self._unclaimed = None
            else:
                (self._takes[older] if older is not None else self._running).drop_oldest()
