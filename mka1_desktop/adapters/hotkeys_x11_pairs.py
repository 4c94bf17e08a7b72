"""Presses and releases of grabbed keys, in pairs and without repeats. Pure: time and keyboard come in with the events.

Buttons of the mouse come among the keycodes (see BUTTON). They do not repeat, and while one is down no other program
can take the pointer: so their releases come, and count at once.

X11 repeats a held key as a release and a press of the same millisecond. A release therefore counts only when no such
press follows and the keyboard has been looked at since: a key that is still down there is held. So a hold lasts until
the main key is up, whatever comes up before it. A key that is found up without a release event is told as up, too:
nothing sticks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mka1_desktop.adapters.hotkeys_x11_keys import BUTTON, MODIFIER_BITS, Grip
from mka1_desktop.domain.input_time import passed_s
from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyName


@dataclass(slots=True)
class _Hold:
    """A key that is down: `name` is None where nobody is told of it, `released_ms` that a release waits for proof."""

    name: HotkeyName | None
    released_ms: int | None = None


class KeyPairs:
    """Every method yields what is to be told; consume it."""

    def __init__(self) -> None:
        self._grips: dict[tuple[int, int], HotkeyName] = {}
        self._locks: dict[int, int] = {}  # keycode: modifiers that mean nothing
        self._holds: dict[int, _Hold] = {}
        self._last_ms: dict[HotkeyName, int] = {}

    @property
    def holding(self) -> bool:
        return bool(self._holds)

    @property
    def unsure(self) -> bool:
        """Whether a release waits until the keyboard has been looked at."""
        return any(hold.released_ms is not None for hold in self._holds.values())

    def set_grips(self, grips: Mapping[HotkeyName, Grip], *, down: frozenset[int] = frozenset()) -> list[HotkeyChanged]:
        """Follow these from now on; a held key that is not among them any more, under its name, is told as up.

        `down`: keycodes that were down before they were grabbed. They count from their next press on: their repeats
        are not meant for us.
        """
        before, self._grips = self._grips, {grip.key: name for name, grip in grips.items()}
        self._locks = {grip.keycode: sum(grip.locks) for grip in grips.values()}
        kept = {(keycode, name) for (keycode, mask), name in before.items() if self._grips.get((keycode, mask)) == name}
        told = [
            change
            for keycode, hold in self._holds.items()
            if (keycode, hold.name) not in kept
            for change in self._let_go(hold)
        ]
        for keycode in down & {grip.keycode for grip in grips.values()}:
            self._holds.setdefault(keycode, _Hold(None))
        return told

    def press(self, keycode: int, state: int, at_ms: int) -> Iterator[HotkeyChanged]:
        """A key went down or repeats; `state` are the modifiers that were down before."""
        hold = self._holds.get(keycode)
        if hold is not None and keycode >= BUTTON:
            yield from self._up(keycode)
        elif hold is not None and hold.released_ms in (None, at_ms):
            hold.released_ms = None
            return
        # A repeat follows its release at once: by any other press the releases before it were real.
        for released in [code for code, hold in self._holds.items() if hold.released_ms not in (None, at_ms)]:
            yield from self._up(released)
        name = self._grips.get((keycode, state & MODIFIER_BITS & ~self._locks.get(keycode, 0)))
        if name is not None:
            self._holds[keycode] = _Hold(name)
            yield HotkeyChanged(name=name, down=True, since_s=self._since(name, at_ms))

    def release(self, keycode: int, at_ms: int) -> list[HotkeyChanged]:
        """A button came up; or a key did, or is about to repeat."""
        hold = self._holds.get(keycode)
        if hold is None:
            return []
        hold.released_ms = at_ms
        return list(self._up(keycode)) if keycode >= BUTTON else []

    def looked(self, keymap: Sequence[int]) -> Iterator[HotkeyChanged]:
        """The keyboard was looked at after all that was told before. `keymap`: 32 bytes, a bit for each key down."""
        for keycode, hold in [(code, hold) for code, hold in self._holds.items() if code < BUTTON]:
            if is_down(keymap, keycode):
                hold.released_ms = None
            else:
                yield from self._up(keycode)

    def clear(self) -> list[HotkeyChanged]:
        """Forget all keys; those that are held are told as up."""
        told = [change for hold in self._holds.values() for change in self._let_go(hold)]
        self._holds.clear()
        self._grips.clear()
        self._last_ms.clear()
        return told

    def _up(self, keycode: int) -> Iterator[HotkeyChanged]:
        hold = self._holds.pop(keycode)
        if hold.name is not None:
            yield HotkeyChanged(name=hold.name, down=False, since_s=self._since(hold.name, hold.released_ms or 0))

    def _let_go(self, hold: _Hold) -> Iterator[HotkeyChanged]:
        """Tell as up what nobody released; the key itself may still be down, and its repeats mean nothing."""
        name, hold.name = hold.name, None
        if name is not None:
            yield HotkeyChanged(name=name, down=False, since_s=self._since(name, 0))

    def _since(self, name: HotkeyName, at_ms: int) -> float | None:
        """Return the seconds since this key's event before, None where one of both has no time (0) of its own."""
        before_ms, self._last_ms[name] = self._last_ms.get(name, 0), at_ms
        return passed_s(before_ms, at_ms)


def is_down(keymap: Sequence[int], keycode: int) -> bool:
    """Read one key's bit of a keymap as QueryKeymap answers it."""
    return bool(keymap[keycode // 8] >> keycode % 8 & 1)
