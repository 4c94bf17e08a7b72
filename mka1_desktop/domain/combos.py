"""Key combinations as the settings write them (`Ctrl+Alt+Space`), taken apart. Key names are those of Qt.

A button of the mouse is a key too, `Mouse1` to `Mouse5`: left, right, middle, back, forward. Foot pedals send keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Modifier: TypeAlias = Literal["ctrl", "alt", "shift", "meta"]

_MODIFIERS: Final[dict[str, Modifier]] = {
    "ctrl": "ctrl", "control": "ctrl", "alt": "alt", "option": "alt", "shift": "shift", "meta": "meta", "super": "meta",
    "win": "meta", "cmd": "meta",
}  # fmt: skip
_ORDER: Final[tuple[Modifier, ...]] = ("ctrl", "alt", "shift", "meta")
MAX_LENGTH = 60
_BUTTONS: Final[dict[str, int]] = {f"Mouse{number}": number for number in range(1, 6)}
_CLICKS = 3  # so many buttons every program needs
_STRONG: Final[frozenset[Modifier]] = frozenset({"ctrl", "alt", "meta"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Combo:
    """`key` is one key that is no modifier (`Space`, `F9`, `A`, `Pause`, `+`), or a mouse button (`Mouse4`)."""

    modifiers: frozenset[Modifier] = frozenset()
    key: str

    @property
    def button(self) -> int | None:
        """The number of a mouse button: 1 left, 2 right, 3 middle, 4 back, 5 forward; None for a key."""
        return _BUTTONS.get(self.key)

    @property
    def is_click(self) -> bool:
        """Whether it is what people do with a mouse all the time: nobody may take that from them."""
        return self.button is not None and self.button <= _CLICKS and not self.modifiers & _STRONG

    def __str__(self) -> str:
        return "+".join((*(m.capitalize() for m in _ORDER if m in self.modifiers), self.key))


def parse_combo(text: str) -> Combo | None:
    """Return the combination that `text` means, None when it is none. Letters, modifiers and buttons in any case.

    A bare left, right or middle button is none.
    """
    text = text.strip()
    if not text or len(text) > MAX_LENGTH or not text.isprintable():
        return None
    plus = text == "+" or text.endswith("++")
    words = [word.strip() for word in (text[:-1].rstrip("+") if plus else text).split("+")]
    words = [word for word in words if word] if plus else words
    names, key = (words, "+") if plus else (words[:-1], words[-1])
    modifiers = [_MODIFIERS.get(name.lower()) for name in names]
    if None in modifiers or not key or key.lower() in _MODIFIERS:
        return None
    key = key.upper() if len(key) == 1 else key[0].upper() + key[1:]
    key = key.capitalize() if key.capitalize() in _BUTTONS else key
    combo = Combo(modifiers=frozenset(m for m in modifiers if m is not None), key=key)
    return None if combo.is_click else combo
