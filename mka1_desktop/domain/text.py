"""Typed text: limits, and plain showing of what a service said."""

from __future__ import annotations

from mka1_desktop.domain.errors import AppError, Code

TEXT_LIMIT_B = 12_000  # UTF-8; under LiveKit's safe size for a reliable packet (open questions 26)


def checked_text(text: str) -> str:
    """Return the text as it is sent; raises AppError(TEXT_EMPTY | TEXT_TOO_LONG)."""
    trimmed = text.strip()
    if not trimmed:
        raise AppError(Code.TEXT_EMPTY)
    if len(trimmed.encode("utf-8", "surrogatepass")) > TEXT_LIMIT_B:
        raise AppError(Code.TEXT_TOO_LONG)
    return trimmed.encode("utf-8", "replace").decode("utf-8")
