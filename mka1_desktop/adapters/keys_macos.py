"""Virtual key codes of macOS (kVK_* in Carbon's HIToolbox/Events.h), by the names of Qt.

They name places on a US keyboard, whatever the layout. Media keys are none: macOS tells of them in another way.
Modifiers are as Qt has them there: `Ctrl` is the Command key and `Meta` is the Control key.
"""

from __future__ import annotations

from typing import Final

from mka1_desktop.domain.combos import Modifier

_ROWS: Final[tuple[tuple[int, str], ...]] = (
    (0x00, "ASDFHGZXCV"), (0x0B, "BQWERYT123465=97-80]OU[IP"), (0x25, "LJ'K;\\,/NM."), (0x32, "`"),
)  # fmt: skip
_FUNCTION_KEYS: Final[tuple[int, ...]] = (
    0x7A, 0x78, 0x63, 0x76, 0x60, 0x61, 0x62, 0x64, 0x65, 0x6D,  # F1 to F10
    0x67, 0x6F, 0x69, 0x6B, 0x71, 0x6A, 0x40, 0x4F, 0x50, 0x5A,  # F11 to F20
)  # fmt: skip
KEYS: Final[dict[int, str]] = {
    **{first + i: key for first, keys in _ROWS for i, key in enumerate(keys)},
    **{code: f"F{i + 1}" for i, code in enumerate(_FUNCTION_KEYS)},
    0x24: "Return", 0x30: "Tab", 0x31: "Space", 0x33: "Backspace", 0x35: "Esc", 0x4C: "Enter", 0x47: "Clear",
    0x72: "Help", 0x73: "Home", 0x74: "PgUp", 0x75: "Del", 0x77: "End", 0x79: "PgDown",
    0x7B: "Left", 0x7C: "Right", 0x7D: "Down", 0x7E: "Up",
}  # fmt: skip
# What the person calls them.
MODIFIER_NAMES: Final[dict[Modifier, str]] = {"ctrl": "Command", "alt": "Option", "shift": "Shift", "meta": "Control"}
# A modifier's bit in an event's flags (CGEventTypes.h), and the bits of its two keys (IOKit's IOLLEvent.h).
FLAGS: Final[tuple[tuple[int, tuple[tuple[int, str], tuple[int, str]]], ...]] = (
    (0x20000, ((0x2, "LeftShift"), (0x4, "RightShift"))),
    (0x40000, ((0x1, "LeftMeta"), (0x2000, "RightMeta"))),
    (0x80000, ((0x20, "LeftAlt"), (0x40, "RightAlt"))),
    (0x100000, ((0x8, "LeftCtrl"), (0x10, "RightCtrl"))),
)


def modifiers_down(flags: int) -> frozenset[str]:
    """Return the modifier keys that an event's flags call down. A program's own events may not say which side."""
    down: set[str] = set()
    for mask, sides in FLAGS:
        if flags & mask:
            down.update({name for bit, name in sides if flags & bit} or {sides[0][1]})
    return frozenset(down)
