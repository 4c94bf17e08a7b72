"""Times and dates in words that read well in a caption and sound well in a voice."""

from __future__ import annotations

from datetime import datetime

from mka1_desktop.demo.numbers import in_words


def time_in_words(now: datetime) -> str:
    """Return for example "three minutes past ten in the morning"."""
    hour, minute = now.hour, now.minute
    if minute == 0:
        return _full_hour(hour)
    to = minute > 30
    count = 60 - minute if to else minute
    return f"{_minutes(count)} {'to' if to else 'past'} {_hour(hour + to)} {_part_of_day(hour)}"


def date_in_words(now: datetime) -> str:
    """Return for example "Tuesday, the 24th of November 2026"."""
    day = now.day
    ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{now:%A}, the {day}{ending} of {now:%B} {now.year}"


def _full_hour(hour: int) -> str:
    if hour % 12 == 0:
        return "noon" if hour else "midnight"
    return f"{_hour(hour)} o'clock {_part_of_day(hour)}"


def _minutes(count: int) -> str:
    match count:
        case 30:
            return "half"
        case 15:
            return "a quarter"
        case 1:
            return "one minute"
        case _:
            return f"{in_words(count)} minutes"


def _hour(hour: int) -> str:
    return in_words(hour % 12 or 12)


def _part_of_day(hour: int) -> str:
    if 5 <= hour < 12:
        return "in the morning"
    if 12 <= hour < 18:
        return "in the afternoon"
    return "in the evening" if 18 <= hour < 22 else "at night"
