"""From a key combination to what an X server can grab: a keycode or button and a set of modifiers. Pure.

Keysyms are those of X11's keysymdef.h and XF86keysym.h. The columns of a keyboard mapping are those of the core
protocol: group 1 without and with Shift, then group 2 without and with Shift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from mka1_desktop.domain.combos import Combo

SHIFT, LOCK, CONTROL = 1 << 0, 1 << 1, 1 << 2
BUTTON = 0x100  # a mouse button is told as this and its number: no keycode is so high
MODIFIER_BITS = 0xFF  # of an event's state; the rest is mouse buttons and the keyboard group
_PLAIN_COLUMNS, _SHIFT_COLUMNS = (0, 2), (1, 3)

_ALT = frozenset({0xFFE9, 0xFFEA})
_META = frozenset({0xFFE7, 0xFFE8})
_SUPER = frozenset({0xFFEB, 0xFFEC})
_NUM_LOCK = frozenset({0xFF7F})
_SCROLL_LOCK = frozenset({0xFF14})

# Qt's portable names of keys, in lower case.
_NAMED: Final[Mapping[str, int]] = {
    "space": 0x20, "tab": 0xFF09, "backtab": 0xFE20, "backspace": 0xFF08, "return": 0xFF0D, "enter": 0xFF8D,
    "esc": 0xFF1B, "escape": 0xFF1B, "ins": 0xFF63, "insert": 0xFF63, "del": 0xFFFF, "delete": 0xFFFF,
    "home": 0xFF50, "end": 0xFF57, "left": 0xFF51, "up": 0xFF52, "right": 0xFF53, "down": 0xFF54,
    "pgup": 0xFF55, "pageup": 0xFF55, "pgdown": 0xFF56, "pagedown": 0xFF56,
    "pause": 0xFF13, "print": 0xFF61, "scrolllock": 0xFF14, "numlock": 0xFF7F, "capslock": 0xFFE5,
    "menu": 0xFF67, "help": 0xFF6A,
    "volume down": 0x1008FF11, "volume mute": 0x1008FF12, "volume up": 0x1008FF13, "microphone mute": 0x1008FFB2,
    "media play": 0x1008FF14, "media stop": 0x1008FF15, "media previous": 0x1008FF16, "media next": 0x1008FF17,
    "media record": 0x1008FF1C, "media pause": 0x1008FF31, "calculator": 0x1008FF1D, "search": 0x1008FF1B,
}  # fmt: skip
_FUNCTION_KEYS, _F1 = 35, 0xFFBE
# The keys F13 to F24, which foot pedals send, have these keycodes on Linux (KEY_F13 of input-event-codes.h and 8), and
# other names in the usual keyboard description (xkb, inet), or none.
_FIRST_PEDAL = 191
_PEDALS: Final[tuple[int, ...]] = (
    0x1008FF81, 0x1008FF45, 0x1008FF46, 0x1008FF47, 0x1008FF48, 0x1008FF49, 0, 0x1008FFB2, 0x1008FFA9, 0x1008FFB0,
    0x1008FFB1, 0,
)  # fmt: skip
_BUTTONS: Final[Mapping[int, int]] = {1: 1, 2: 3, 3: 2, 4: 8, 5: 9}  # 4 to 7 of X11 are the wheel
# Blocks of letters that have keysyms older than Unicode's: where a block begins, and the code that it follows.
_OLD_LETTERS = (
    (0x100, "iso8859-2"), (0x200, "iso8859-3"), (0x300, "iso8859-4"), (0x500, "iso8859-6"), (0x600, "koi8-u"),
    (0x700, "iso8859-7"), (0xC00, "iso8859-8"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grip:
    """What is grabbed for one combination. `locks` are modifiers that may be on or off (CapsLock, NumLock)."""

    keycode: int  # or BUTTON and the number of a button
    modifiers: int
    locks: frozenset[int] = frozenset()

    @property
    def key(self) -> tuple[int, int]:
        return self.keycode, self.modifiers

    def masks(self) -> tuple[int, ...]:
        """Return the modifiers of every single grab: the combination, with any of the locks on."""
        locks = sorted(self.locks)
        chosen = (some for count in range(len(locks) + 1) for some in combinations(locks, count))
        return tuple(self.modifiers | sum(some) for some in chosen)


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A keyboard as the X server describes it.

    `symbols`: for each keycode from `first` on its keysyms by column, 0 for none. `modifiers`: the keycodes of Shift,
    Lock, Control and Mod1 to Mod5.
    """

    first: int = 8
    symbols: Sequence[Sequence[int]] = field(default=(), repr=False)
    modifiers: Sequence[Sequence[int]] = ()

    def grip(self, combo: Combo) -> Grip | None:
        """Return what to grab, None where this keyboard has no such key or modifier.

        A sign that needs Shift (`+` on many keyboards) is grabbed with Shift.
        """
        masks = [self._modifier(name) for name in combo.modifiers]
        if combo.button is None:
            place = self._place(keysyms(combo.key)) or self._pedal(combo.key)
        else:
            place = BUTTON + _BUTTONS[combo.button], False
        if place is None or not all(masks):
            return None
        keycode, shifted = place
        modifiers = SHIFT if shifted else 0
        for mask in masks:
            modifiers |= mask
        locks = {LOCK, self._mask(_NUM_LOCK), self._mask(_SCROLL_LOCK)} - {0}
        return Grip(keycode, modifiers, frozenset(lock for lock in locks if not lock & modifiers))

    def _modifier(self, name: str) -> int:
        """Return the mask of a modifier, 0 where there is none."""
        match name:
            case "ctrl":
                return CONTROL
            case "shift":
                return SHIFT
            case "alt":
                return self._mask(_ALT) or self._mask(_META)
            case _:
                return self._mask(_SUPER) or self._mask(_META) & ~self._mask(_ALT)

    def _mask(self, wanted: frozenset[int]) -> int:
        """Return which of Mod1 to Mod5 has a key with one of these keysyms, 0 if none has."""
        for index, keycodes in enumerate(self.modifiers):
            if index > 2 and any(wanted & set(self._of(keycode)) for keycode in keycodes):
                return 1 << index
        return 0

    def _of(self, keycode: int) -> Sequence[int]:
        index = keycode - self.first
        return self.symbols[index] if 0 <= index < len(self.symbols) else ()

    def _place(self, wanted: Iterable[int]) -> tuple[int, bool] | None:
        """Return the first key with one of these keysyms, and whether it takes Shift; without Shift is preferred."""
        wanted = frozenset(wanted)
        for column in (*_PLAIN_COLUMNS, *_SHIFT_COLUMNS):
            for index, symbols in enumerate(self.symbols):
                if column < len(symbols) and symbols[column] in wanted:
                    return self.first + index, column in _SHIFT_COLUMNS
        return None

    def _pedal(self, key: str) -> tuple[int, bool] | None:
        """Return the key that sends F13 to F24 though it is not called so here."""
        for number, keysym in enumerate(_PEDALS):
            keycode = _FIRST_PEDAL + number
            if key.upper() == f"F{13 + number}" and self.first <= keycode < self.first + len(self.symbols):
                return (keycode, False) if set(self._of(keycode)) <= {0, keysym} else None
        return None


def keysyms(key: str) -> tuple[int, ...]:
    """Return the keysyms that a key of a `Combo` may have, none where the name means nothing."""
    name = key.lower()
    if (named := _NAMED.get(name)) is not None:
        return (named,)
    if name.startswith("f") and name[1:].isascii() and name[1:].isdecimal() and 1 <= int(name[1:]) <= _FUNCTION_KEYS:
        return (_F1 + int(name[1:]) - 1,)
    if len(name) != 1 or not name.isprintable():
        return ()
    code = ord(name)
    if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF:
        return (code,)
    return (0x1000000 | code, *_old(name))


def _old(letter: str) -> Iterable[int]:
    for base, codec in _OLD_LETTERS:
        try:
            byte = letter.encode(codec)[0]
        except UnicodeEncodeError:
            continue
        if byte > 0xA0:
            yield base + byte
