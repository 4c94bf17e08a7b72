"""Typed messages on their way: in order, each handed over once, none lost. Pure: no clock, no I/O.

A message waits, is handed over to a room, and is delivered when a sign of its answer comes. When the room is lost in
between nobody knows whether it arrived: it is in doubt until the service has been asked, and never goes out by itself
before that. A message that cannot be told is put aside for the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Stage(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"  # the room is being given it
    HANDED = "handed"  # the room that counts now has it
    DOUBTED = "doubted"  # that room is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    key: str  # of its entry
    text: str
    stage: Stage = Stage.WAITING
    refusals: int = 0  # by rooms that seemed well


class Outbox:
    """The letters of the open thread, oldest first."""

    def __init__(self) -> None:
        self._letters: list[Letter] = []

    def __len__(self) -> int:
        """How many are not delivered yet."""
        return len(self._letters)

    @property
    def letters(self) -> tuple[Letter, ...]:
        return tuple(self._letters)

    @property
    def next(self) -> Letter | None:
        """The one to see to now: in doubt, or waiting. Those that are handed over wait for their sign."""
        return next((letter for letter in self._letters if letter.stage in (Stage.WAITING, Stage.DOUBTED)), None)

    @property
    def waiting(self) -> int:
        """How many have not been handed over."""
        return sum(letter.stage in (Stage.WAITING, Stage.DOUBTED) for letter in self._letters)

    def load(self, letters: Sequence[Letter]) -> None:
        """Take over what another thread, or an earlier run, left."""
        self._letters = list(letters)

    def add(self, key: str, text: str) -> None:
        """One more, at the end; one with the same key that is here already stays where it is."""
        if not any(letter.key == key for letter in self._letters):
            self._letters.append(Letter(key=key, text=text))

    def move(self, key: str, stage: Stage) -> None:
        self._letters = [replace(one, stage=stage) if one.key == key else one for one in self._letters]

    def refused(self, key: str) -> None:
        """A room did not take it, as far as anybody knows."""
        self._letters = [
            replace(one, stage=Stage.DOUBTED, refusals=one.refusals + 1) if one.key == key else one
            for one in self._letters
        ]

    def take(self, key: str) -> bool:
        """Forget one: delivered, failed or put aside; False when it is not here."""
        before = len(self._letters)
        self._letters = [one for one in self._letters if one.key != key]
        return len(self._letters) < before

    def signed(self) -> tuple[str, ...]:
        """An answer begins: what was handed over has arrived. Returns the keys."""
        return self._take_all(Stage.HANDED)

    def room_gone(self) -> None:
        """What was handed over may have been lost with its room."""
        for one in self._letters:
            if one.stage is Stage.HANDED:
                self.move(one.key, Stage.DOUBTED)

    def _take_all(self, stage: Stage) -> tuple[str, ...]:
        keys = tuple(one.key for one in self._letters if one.stage is stage)
        self._letters = [one for one in self._letters if one.stage is not stage]
        return keys
