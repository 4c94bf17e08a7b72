"""Numbers of a bench, in one form."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def summary(values: Sequence[float], *, digits: int = 3) -> dict[str, float]:
    """Return median, least and most of some measurements."""
    return {
        "median": round(median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
        "n": len(values),
    }
