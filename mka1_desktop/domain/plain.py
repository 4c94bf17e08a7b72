"""Text from the service, shown on a terminal: nothing in it can move a cursor or hide a line."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    r"""Return `text` with control and format characters shown as `\x1b` or `\u202e`; line breaks become spaces."""
    return "".join(_shown(c) for c in text.replace("\r\n", "\n").replace("\n", " "))


def _shown(character: str) -> str:
    code = ord(character)
    if unicodedata.category(character) in ("Cc", "Cs"):
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    if 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069:
        return f"\\u{code:04x}"
    return character
