"""Which keys are down, and what that means for the keys that are ours. Pure: no clock, no thread, no system.

Counts as the talk key of the window does (ui/talk_keys.py): down when the main key goes down while exactly the
modifiers of the combination are; up when the main key or one of these modifiers comes up. What still comes of the main
key afterwards is swallowed too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mka1_desktop.adapters.key_names import MODIFIER_KEYS
from mka1_desktop.domain.combos import Combo, Modifier
from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyName

Told: TypeAlias = tuple[HotkeyChanged, ...]
# A key that is down repeats at least this often. One that is pressed after more has come up where nobody saw it.
LONGEST_REPEAT_S = 3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one event meant, and whether the program in front must not see it."""

    told: Told = ()
    swallow: bool = False


@dataclass(slots=True)
class _Down:
    """A key that is no modifier and is down: swallowed or not, and the name it was told as."""

    seen_s: float
    swallow: bool = False
    name: HotkeyName | None = None


class PressedKeys:
    """Fed with every key event of the system. Keys of a combination are spelled as the events spell them."""

    def __init__(self) -> None:
        self._wanted: dict[HotkeyName, Combo] = {}
        self._modifiers: set[str] = set()
        self._down: dict[str, _Down] = {}
        self._told_s: dict[HotkeyName, float] = {}

    @property
    def modifiers(self) -> frozenset[str]:
        """The modifier keys that are believed to be down."""
        return frozenset(self._modifiers)

    def want(self, wanted: Mapping[HotkeyName, Combo]) -> Told:
        """Own these from now on. One that changes while it is down is told as up."""
        told: list[HotkeyChanged] = []
        for down in self._down.values():
            if down.name is not None and wanted.get(down.name) != self._wanted[down.name]:
                told += self._up(down, None)
        self._wanted = dict(wanted)
        return tuple(told)

    def event(self, key: str, down: bool, at_s: float, held: Callable[[], Iterable[str]] | None = None) -> Answer:
        """A key went down, repeated, or came up. `at_s` is the time of the input system.

        `held` asks the system which modifier keys are down. It is called only where that decides: a modifier may have
        come up where nobody saw it, and then every Space would be Ctrl+Alt+Space.
        """
        if key in MODIFIER_KEYS:
            return Answer(self.set_modifiers(self._modifiers | {key} if down else self._modifiers - {key}, at_s))
        return self._pressed(key, at_s, held) if down else self._released(key, at_s)

    def set_modifiers(self, held: Iterable[str], at_s: float | None = None) -> Told:
        """Exactly these modifier keys are down."""
        self._modifiers = {key for key in held if key in MODIFIER_KEYS}
        classes = self._classes()
        told: list[HotkeyChanged] = []
        for down in self._down.values():
            if down.name is not None and not self._wanted[down.name].modifiers <= classes:
                told += self._up(down, at_s)
        return tuple(told)

    def let_go(self) -> Told:
        """Tell what is down as up. The keys themselves are still down: what comes of them stays swallowed."""
        return tuple(change for down in self._down.values() for change in self._up(down, None))

    def forget(self) -> Told:
        """Let go, and know of no key any more: nobody tells of them now."""
        told = self.let_go()
        self._down.clear()
        self._modifiers.clear()
        return told

    def _pressed(self, key: str, at_s: float, held: Callable[[], Iterable[str]] | None) -> Answer:
        told: Told = ()
        if (before := self._down.get(key)) is not None:
            if at_s - before.seen_s <= LONGEST_REPEAT_S:
                before.seen_s = at_s
                return Answer((), before.swallow)
            told = self._up(before, None)
        down = self._down[key] = _Down(at_s)
        names = [name for name, combo in self._wanted.items() if combo.key == key]
        if names and held is not None:
            told += self.set_modifiers(held(), at_s)
        classes = self._classes()
        for name in names:
            if self._wanted[name].modifiers == classes:
                down.swallow, down.name = True, name
                return Answer((*told, self._change(name, True, at_s)), swallow=True)
        return Answer(told)

    def _released(self, key: str, at_s: float) -> Answer:
        down = self._down.pop(key, None)
        return Answer() if down is None else Answer(self._up(down, at_s), down.swallow)

    def _up(self, down: _Down, at_s: float | None) -> Told:
        name, down.name = down.name, None
        return () if name is None else (self._change(name, False, at_s),)

    def _change(self, name: HotkeyName, down: bool, at_s: float | None) -> HotkeyChanged:
        before_s = self._told_s.pop(name, None)
        if at_s is not None:
            self._told_s[name] = at_s
        passed = None if before_s is None or at_s is None or at_s < before_s else at_s - before_s
        return HotkeyChanged(name=name, down=down, since_s=passed)

    def _classes(self) -> frozenset[Modifier | None]:
        return frozenset(MODIFIER_KEYS[key] for key in self._modifiers)
