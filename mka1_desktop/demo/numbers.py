"""Numbers read from words, and written so that they look right in a caption and sound right in a voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

SMALL: Mapping[str, int] = MappingProxyType(
    {
        word: value
        for value, word in enumerate(
            (
                *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
                *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
                *("eighteen", "nineteen"),
            )
        )
    }
)
TENS: Mapping[str, int] = MappingProxyType(
    {
        word: 10 * value
        for value, word in enumerate(
            ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2
        )
    }
)
SCALES: Mapping[str, int] = MappingProxyType(
    {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
)
WORDS = frozenset({*SMALL, *TENS, *SCALES})
_WORD_OF = {value: word for word, value in (*SMALL.items(), *TENS.items())}
PLACES = 4  # decimals in an answer
HUGE = 10**15  # from here on, an order of magnitude says more than digits do


def read_words(words: Sequence[str]) -> tuple[int, int] | None:
    """Read a whole number from the start of `words`: (value, how many words), None without one.

    "and" belongs to the number only behind hundred, thousand or million ("one hundred and five"); digits
    in a row ("one two") are not one number.
    """
    total = part = 0
    used = 0
    last = 0  # the size of the word before; 0 at the start and behind a scale
    for place, word in enumerate(words):
        if word == "and":
            joins = used and words[place - 1] in SCALES and place + 1 < len(words)
            if joins and words[place + 1] in WORDS and words[place + 1] not in SCALES:
                continue
            break
        if word in SCALES:
            if not used and word != "hundred":
                break
            scale = SCALES[word]
            if scale == 100:
                part = max(part, 1) * 100
            else:
                total, part = total + max(part, 1) * scale, 0
            last = 0
        else:
            value = SMALL.get(word, TENS.get(word, -1))
            if value < 0 or (last and not (last >= 20 and 1 <= value <= 9)) or (part % 100 and not last):
                break
            part += value
            last = value or 1
        used = place + 1
    return (total + part, used) if used else None


def in_words(value: int) -> str:
    """Write 0 to 99 in words, as clock times need them."""
    if value in _WORD_OF:
        return _WORD_OF[value]
    return f"{_WORD_OF[value - value % 10]}-{_WORD_OF[value % 10]}"


def in_digits(value: Fraction) -> str:
    """Write a number for an answer: "56", "3,628,800", "43.2", "minus 3", "about 0.3333"."""
    sign = "minus " if value < 0 else ""
    size = abs(value)
    if size.denominator == 1 and size < HUGE:
        return f"{sign}{size.numerator:,}"
    if size >= HUGE:
        digits = str(int(size))
        return f"about {sign}{digits[0]}.{digits[1]} times 10 to the power of {len(digits) - 1}"
    rounded = Fraction(round(size * 10**PLACES), 10**PLACES)
    if not rounded:
        return f"{sign}less than 0.0001" if not sign else "between minus 0.0001 and zero"
    whole, rest = divmod(rounded.numerator * 10**PLACES // rounded.denominator, 10**PLACES)
    decimals = f"{rest:04d}".rstrip("0")
    about = "" if rounded == size else "about "
    return f"{about}{sign}{whole:,}" + (f".{decimals}" if decimals else "")
