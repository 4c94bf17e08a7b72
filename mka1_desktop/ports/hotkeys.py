"""Keys that work in every program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from mka1_desktop.domain.combos import Combo

HotkeyName: TypeAlias = Literal["talk", "quick_ask"]
Backend: TypeAlias = Literal["x11", "portal", "windows", "macos", "none"]


class HotkeyProblem(StrEnum):
    """Why a key is not ours."""

    TAKEN = "taken"  # another program has it
    UNKNOWN_KEY = "unknown_key"  # this keyboard, or this system, has no such key
    NO_BUTTONS = "no_buttons"  # this way has keys only, and it is a mouse button
    NOT_GRANTED = "not_granted"  # the person, or the system's privacy settings, said no
    UNAVAILABLE = "unavailable"  # there is no way to have keys here


@dataclass(frozen=True, slots=True, kw_only=True)
class HotkeyChanged:
    """A bound key went down or came up: always in pairs, without repeats.

    `since_s` is the time since this key's event before, by the clock of the input system; None where it has none.
    """

    name: HotkeyName
    down: bool
    since_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What became of a wish. `key` is how the system calls what is bound; it may have let the person choose."""

    key: str
    problem: HotkeyProblem | None = None


class HotkeyPort(Protocol):
    """One way to have such keys. Made with `emit`, which gets every `HotkeyChanged` on the loop's thread."""

    @property
    def backend(self) -> Backend: ...

    @property
    def release_events(self) -> bool:
        """Whether this way tells when a key comes up."""

    async def bind(self, wanted: Mapping[HotkeyName, Combo]) -> Mapping[HotkeyName, Binding]:
        """Own exactly these keys from now on; what was bound before and is not wanted is free again.

        A key that was down and is released, or goes away in any other manner, is told as up. Raises nothing: the
        answer says what is wrong.
        """

    async def close(self) -> None:
        """Let go of everything; safe to call twice."""
