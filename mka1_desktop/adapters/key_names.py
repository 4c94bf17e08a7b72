"""Names of keys, as Qt writes them, of mouse buttons, and the modifier keys, which have two sides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from mka1_desktop.domain.combos import Combo, Modifier

# Both sides of each modifier. `AltGr` is none that a combination can ask for: it types letters.
MODIFIER_KEYS: Final[dict[str, Modifier | None]] = {
    "LeftCtrl": "ctrl", "RightCtrl": "ctrl", "LeftAlt": "alt", "RightAlt": "alt", "LeftShift": "shift",
    "RightShift": "shift", "LeftMeta": "meta", "RightMeta": "meta", "AltGr": None,
}  # fmt: skip
BUTTON_NAMES: Final[tuple[str, ...]] = ("Mouse1", "Mouse2", "Mouse3", "Mouse4", "Mouse5")  # see Combo.button
_OTHER_SPELLINGS: Final[dict[str, str]] = {
    "escape": "Esc", "delete": "Del", "insert": "Ins", "pageup": "PgUp", "pagedown": "PgDown",
    "media play": "Toggle Media Play/Pause",
}  # fmt: skip
# What Shift makes of the keys of the US layout. Qt names a key by what it types, the systems by what it is.
_SHIFTED: Final[dict[str, str]] = dict(zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True))


def known_key(name: str, keys: Collection[str]) -> str | None:
    """Return how `keys` spell the key that a combination calls `name`, None when it is not among them."""
    name = _OTHER_SPELLINGS.get(name.lower(), name)
    name = _SHIFTED.get(name, name)
    return next((key for key in keys if key.lower() == name.lower()), None)


def called(combo: Combo, names: Mapping[Modifier, str]) -> str:
    """Return `combo` with the modifiers as the system calls them, in the order of `names`."""
    return "+".join((*(name for modifier, name in names.items() if modifier in combo.modifiers), combo.key))
