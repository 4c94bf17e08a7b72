"""Key combinations as the settings write them (`Ctrl+Alt+Space`), taken apart. Key names are those of Qt."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Combo:
    """`key` is one key that is no modifier: `Space`, `F9`, `A`, `Pause`, `+`."""

    modifiers: frozenset[Modifier] = frozenset()
    key: str

    def __str__(self) -> str:
        return "+".join((*(m.capitalize() for m in _ORDER if m in self.modifiers), self.key))


def parse_combo(text: str) -> Combo | None:
    """Return the combination that `text` means, None when it is none. Letters and modifiers in any case."""
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
    return Combo(modifiers=frozenset(m for m in modifiers if m is not None), key=key)
