"""Virtual key codes of Windows (Microsoft: "Virtual-Key Codes"; winuser.h), by the names of Qt.

Letters and digits follow the keyboard layout. The punctuation is that of the US layout: on others the OEM codes belong
to other characters.
"""

from __future__ import annotations

from typing import Final

from mka1_desktop.domain.combos import Modifier

VK_RETURN = 0x0D
VK_LCONTROL = 0xA2
MODIFIER_CODES: Final[dict[int, str]] = {
    0xA0: "LeftShift", 0xA1: "RightShift", VK_LCONTROL: "LeftCtrl", 0xA3: "RightCtrl", 0xA4: "LeftAlt",
    0xA5: "RightAlt", 0x5B: "LeftMeta", 0x5C: "RightMeta",
}  # fmt: skip
KEYPAD_ENTER = "Enter"  # VK_RETURN as an extended key
KEYS: Final[dict[int, str]] = {
    **{code: chr(code) for code in (*range(0x30, 0x3A), *range(0x41, 0x5B))},  # 0-9, A-Z
    **{0x70 + i: f"F{i + 1}" for i in range(24)},
    0x08: "Backspace", 0x09: "Tab", 0x0C: "Clear", VK_RETURN: "Return", 0x13: "Pause",
    0x03: "Pause",  # VK_CANCEL: what Pause and ScrollLock become while Ctrl is down
    0x14: "CapsLock", 0x1B: "Esc", 0x20: "Space", 0x21: "PgUp", 0x22: "PgDown", 0x23: "End", 0x24: "Home",
    0x25: "Left", 0x26: "Up", 0x27: "Right", 0x28: "Down", 0x2C: "Print", 0x2D: "Ins", 0x2E: "Del", 0x2F: "Help",
    0x5D: "Menu", 0x90: "NumLock", 0x91: "ScrollLock",
    0xBA: ";", 0xBB: "=", 0xBC: ",", 0xBD: "-", 0xBE: ".", 0xBF: "/", 0xC0: "`",
    0xDB: "[", 0xDC: "\\", 0xDD: "]", 0xDE: "'",
    0xA6: "Back", 0xA7: "Forward", 0xA8: "Refresh", 0xA9: "Stop", 0xAA: "Search", 0xAB: "Favorites",
    0xAC: "Home Page", 0xB4: "Launch Mail", 0xB5: "Launch Media",
    0xAD: "Volume Mute", 0xAE: "Volume Down", 0xAF: "Volume Up",
    0xB0: "Media Next", 0xB1: "Media Previous", 0xB2: "Media Stop", 0xB3: "Toggle Media Play/Pause",
}  # fmt: skip
# What the person calls them.
MODIFIER_NAMES: Final[dict[Modifier, str]] = {"ctrl": "Ctrl", "alt": "Alt", "shift": "Shift", "meta": "Win"}
