"""Key combinations as the desktop portal reads them: `CTRL+ALT+space`.

The notation is that of the XDG shortcuts specification: modifiers in capitals, then the name of the key as xkbcommon
has it.
"""

from __future__ import annotations

import re
from typing import Final

from mka1_desktop.domain.combos import Combo, Modifier

_MODIFIERS: Final[tuple[tuple[Modifier, str], ...]] = (
    ("ctrl", "CTRL"), ("alt", "ALT"), ("shift", "SHIFT"), ("meta", "LOGO"),
)  # fmt: skip
_SIGNS: Final = {
    "!": "exclam", '"': "quotedbl", "#": "numbersign", "$": "dollar", "%": "percent", "&": "ampersand",
    "'": "apostrophe", "(": "parenleft", ")": "parenright", "*": "asterisk", "+": "plus", ",": "comma", "-": "minus",
    ".": "period", "/": "slash", ":": "colon", ";": "semicolon", "<": "less", "=": "equal", ">": "greater",
    "?": "question", "@": "at", "[": "bracketleft", "\\": "backslash", "]": "bracketright", "^": "asciicircum",
    "_": "underscore", "`": "grave", "{": "braceleft", "|": "bar", "}": "braceright", "~": "asciitilde",
}  # fmt: skip
_WORDS: Final = {  # Qt's names in small letters
    "space": "space", "tab": "Tab", "backtab": "ISO_Left_Tab", "backspace": "BackSpace", "return": "Return",
    "enter": "KP_Enter", "esc": "Escape", "escape": "Escape", "ins": "Insert", "insert": "Insert", "del": "Delete",
    "delete": "Delete", "pause": "Pause", "print": "Print", "sysreq": "Sys_Req", "home": "Home", "end": "End",
    "left": "Left", "up": "Up", "right": "Right", "down": "Down", "pgup": "Page_Up", "pageup": "Page_Up",
    "pgdown": "Page_Down", "pagedown": "Page_Down", "capslock": "Caps_Lock", "numlock": "Num_Lock",
    "scrolllock": "Scroll_Lock", "menu": "Menu", "help": "Help", "plus": "plus", "clear": "Clear",
    "media play": "XF86AudioPlay", "media pause": "XF86AudioPause", "media stop": "XF86AudioStop",
    "media next": "XF86AudioNext", "media previous": "XF86AudioPrev", "media record": "XF86AudioRecord",
    "volume up": "XF86AudioRaiseVolume", "volume down": "XF86AudioLowerVolume", "volume mute": "XF86AudioMute",
    "microphone mute": "XF86AudioMicMute",
}  # fmt: skip
_FUNCTION_KEY = re.compile(r"f([1-9]|[12][0-9]|3[0-5])")


def trigger_of(combo: Combo) -> str | None:
    """Return the combination in the portal's notation, None when its key has no name there: no mouse button has."""
    key = _keysym(combo.key)
    if key is None:
        return None
    return "+".join((*(name for modifier, name in _MODIFIERS if modifier in combo.modifiers), key))


def _keysym(key: str) -> str | None:
    small = key.lower()
    if len(key) == 1:
        if key.isascii():
            return small if key.isalnum() else _SIGNS.get(key)
        # every other sign has the name U and its number; a letter that is two in small (İ) is taken as it is
        return f"U{ord(small if len(small) == 1 else key):04X}" if key.isprintable() else None
    return small.upper() if _FUNCTION_KEY.fullmatch(small) else _WORDS.get(small)
