"""Lowers streams of other programs and gives their levels back, over any mixer: the file first, then the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Protocol

from mka1_desktop.adapters.changed_file import ChangedFile
from mka1_desktop.domain.other_sound import (
    Identity,
    Levels,
    Lowered,
    OtherStream,
    set_by_person,
    still_ours,
    to_lower,
    to_remember,
)


class StreamMixer(Protocol):
    """A connection to the system's mixer. Methods block, and raise what that system raises when it is gone."""

    def streams(self) -> Sequence[OtherStream]:
        """What other programs play now, without what must never be lowered."""

    def set_levels(self, stream: OtherStream, levels: Levels) -> None:
        """Nothing happens when the stream has ended since it was listed."""

    def memories(self) -> Mapping[str, Levels]:
        """What the system remembers for streams that come later, by the stream's `memory`."""

    def remember(self, memory: str, levels: Levels) -> None:
        """Change that, and nothing that plays."""


class LevelKeeper:
    """All in one thread, or one call after the other. Raises what the mixer raises, and goes on from there."""

    def __init__(self, file: ChangedFile) -> None:
        """What is in the file, from a run that was killed, is given back by the first `restore`."""
        self._file = file
        self._read = False
        self._held: tuple[Lowered, ...] = ()
        self._left: frozenset[Identity] = frozenset()

    def lower(self, mixer: StreamMixer, percent: int) -> None:
        """Lower what is not yet lowered. To be called again whenever streams came, went or changed."""
        streams = mixer.streams()
        held = self._mend(mixer, streams)
        new = to_lower(streams, held, self._left, percent)
        if not self._hold((*held, *new)):
            return
        for one in new:
            mixer.set_levels(one.stream, one.to)
        self._remember(mixer)

    def restore(self, mixer: StreamMixer) -> None:
        """Give everything back that is still as it was left."""
        streams = mixer.streams()
        for one in self._mend(mixer, streams):
            mixer.set_levels(one.stream, one.stream.levels)
        self._held, self._left = (), frozenset()
        self._file.write([])

    def _mend(self, mixer: StreamMixer, streams: Sequence[OtherStream]) -> tuple[Lowered, ...]:
        """Undo what the system has remembered, and return what is still held."""
        if not self._read:
            self._held = tuple(one for row in self._file.read() if (one := _lowered(row)) is not None)
            self._read = True
        self._remember(mixer)
        self._left |= set_by_person(streams, self._held)
        return still_ours(streams, self._held)

    def _remember(self, mixer: StreamMixer) -> None:
        if any(one.stream.memory for one in self._held):
            for memory, levels in to_remember(mixer.memories(), self._held).items():
                mixer.remember(memory, levels)

    def _hold(self, held: tuple[Lowered, ...]) -> bool:
        """False: it cannot be written down, and so must not be done."""
        if held != self._held and not self._file.write([asdict(one) for one in held]):
            return False
        self._held = held
        return True


def _lowered(row: Mapping[str, object]) -> Lowered | None:
    """Read a row of the file, None when it is none of ours."""
    match row:
        case {
            "stream": {
                "id": str(id_), "process": str(process), "program": str(program), "memory": str(memory),
                "levels": list(levels),
            },
            "to": list(to),
        } if all(isinstance(level, int | float) for level in (*levels, *to)):  # fmt: skip
            stream = OtherStream(
                id=id_, process=process, program=program, levels=tuple(map(float, levels)), memory=memory
            )
            return Lowered(stream=stream, to=tuple(map(float, to)))
        case _:
            return None
