"""How far two events of an input system are apart, by its own clock."""

from __future__ import annotations

LONGEST_MS = 600_000  # a longer time is another clock's, or one that began anew (X11's does after 49.7 days)


def passed_s(before_ms: int, now_ms: int) -> float | None:
    """Return the seconds between two times in ms; None where one of them has no time (0), or they make no sense."""
    passed_ms = now_ms - before_ms
    if before_ms <= 0 or now_ms <= 0 or not 0 <= passed_ms <= LONGEST_MS:
        return None
    return passed_ms / 1000
