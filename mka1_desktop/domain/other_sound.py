"""Which streams of other programs are lowered, and what is given back afterwards. Pure; a mixer acts on it.

A stream is lowered once, in proportion to its own level. What the person changes meanwhile is the person's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

Levels: TypeAlias = tuple[float, ...]  # one for each channel; 1.0 is 100 %
Identity: TypeAlias = tuple[str, str, str]
SAME = 0.004  # levels this near are the same: mixers round, and a person moves a slider by more


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherStream:
    """What another program plays. `memory` is the name under which the system remembers the level; "" if it does not.

    `id` is given anew by another run of the sound server, so that it counts together with process and program only.
    """

    id: str
    process: str
    program: str
    levels: Levels
    memory: str = ""

    @property
    def identity(self) -> Identity:
        return self.id, self.process, self.program


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A stream as it was before, and the levels that it was given."""

    stream: OtherStream
    to: Levels


def lowered(levels: Levels, percent: int) -> Levels:
    """The balance of the channels stays."""
    return tuple(level * percent / 100 for level in levels)


def same(one: Levels, other: Levels) -> bool:
    """Whether a person hears no difference and has made none."""
    return len(one) == len(other) and all(abs(a - b) <= SAME for a, b in zip(one, other, strict=True))


def to_lower(
    streams: Sequence[OtherStream], held: Sequence[Lowered], left: Collection[Identity], percent: int
) -> tuple[Lowered, ...]:
    """Return what is to be lowered besides `held`; `left` are streams that the person has set meanwhile.

    A new stream may begin with the lowered level of another one of its program, since the system remembers levels for
    programs: that one is held from now on, and keeps its level.
    """
    known = {one.stream.identity for one in held} | set(left)
    found = []
    for stream in streams:
        wanted = lowered(stream.levels, percent)
        if stream.identity in known:
            continue
        twin = next((h for h in held if stream.memory and stream.memory == h.stream.memory), None)
        if twin is not None and same(stream.levels, twin.to):
            found.append(Lowered(stream=replace(stream, levels=twin.stream.levels), to=stream.levels))
        elif not same(stream.levels, wanted):
            found.append(Lowered(stream=stream, to=wanted))
    return tuple(found)


def still_ours(streams: Sequence[OtherStream], held: Sequence[Lowered]) -> tuple[Lowered, ...]:
    """Those of `held` that play on with the level that they were given; the others are gone, or the person's."""
    now = {stream.identity: stream.levels for stream in streams}
    return tuple(one for one in held if same(now.get(one.stream.identity, ()), one.to))


def set_by_person(streams: Sequence[OtherStream], held: Sequence[Lowered]) -> frozenset[Identity]:
    """The streams of `held` that play on with another level than they were given."""
    playing = {stream.identity for stream in streams}
    ours = {one.stream.identity for one in still_ours(streams, held)}
    return frozenset(one.stream.identity for one in held if one.stream.identity in playing - ours)


def to_remember(memories: Mapping[str, Levels], held: Sequence[Lowered]) -> Mapping[str, Levels]:
    """What the system shall remember instead of a lowered level, so that a later stream of the program is not quiet."""
    return {
        one.stream.memory: one.stream.levels
        for one in held
        if same(memories.get(one.stream.memory, ()), one.to) and not same(one.stream.levels, one.to)
    }
