"""Single values as the service sends them: ids, short lines, moments. Anything may come, and nothing raises."""

from __future__ import annotations

import re

ID_LIMIT = 256  # characters
WORD_LIMIT = 64  # of names such as a type, a role or a status
MILLISECONDS_FROM = 1e11  # a larger moment is in milliseconds (open question 46)
MOMENT_LIMIT = 1e14

_ID = re.compile(rf"[\x21-\x7e]{{1,{ID_LIMIT}}}")


def read_id(value: object) -> str | None:
    """Return an id that can stand in a path and in a request; ids are opaque, so only what no id can be is refused.

    `.` and `..` are steps of a path: a call about them would reach another address.
    """
    if isinstance(value, str) and _ID.fullmatch(value) and value not in {".", ".."}:
        return value
    return None


def read_word(value: object, limit: int = WORD_LIMIT) -> str | None:
    """Return one printable line of at most `limit` characters, cut where it is longer; None for nothing."""
    if not isinstance(value, str):
        return None
    line = " ".join(value[: limit * 4].split())[:limit]
    return "".join(c if c.isprintable() else "\ufffd" for c in line) or None


def sound(text: str) -> str:
    """Replace half characters (JSON may hold a lone surrogate): no file, log or database takes them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def unix_seconds(value: object) -> float | None:
    """Return a moment in Unix seconds, whole or not, also when it came in milliseconds; None for no moment."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOMENT_LIMIT:
        return None  # NaN compares false
    return float(value) / 1000 if value > MILLISECONDS_FROM else float(value)
