"""Sums, typed or spoken: "12*7+3", "18 % of 240", "seven times eight". A small parser, never eval.

expression = term { (+|-) term } · term = signed { (*|/|of) signed } · signed = [-] power
power = part [ ^ signed ] · part = (number | ( expression ) | root part) { % | squared | cubed }
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from mka1_desktop.demo.numbers import in_digits, read_words

MAX_TEXT = 200  # characters
MAX_TOKENS = 80
MAX_DEPTH = 20  # brackets and signs inside each other
MAX_BITS = 2_000  # of a numerator or denominator on the way
MAX_POWER = 1_000

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<word>[a-z]+)|(?P<sign>\*\*|[-+*/^%()×÷·−√]))"
)
# Longer wordings first; what they become is a sign of the grammar.
_WORDINGS: Sequence[tuple[str, str]] = (
    (r"\bto the power of\b", "^"),
    (r"\bmultiplied by\b", "*"),
    (r"\bdivided by\b", "/"),
    (r"\b(the )?square root of\b", "√"),
    (r"\bper cent\b", "%"),
    (r"\bhalf of\b", "50 % of"),
    (r"\b(twice|double)\b", "2 *"),
    (r"(?<=\d) ?x ?(?=\d)", "*"),
    (r"^(?:add) (.+?) (?:and|to) (.+)$", r"(\1) + (\2)"),
    (r"^(?:subtract|take) (.+?) from (.+)$", r"(\2) - (\1)"),
    (r"^(?:multiply) (.+?) (?:by|with|and) (.+)$", r"(\1) * (\2)"),
    (r"^(?:divide) (.+?) by (.+)$", r"(\1) / (\2)"),
)
_ONE_WORD: Mapping[str, str] = MappingProxyType(
    {
        "plus": "+",
        "minus": "-",
        "less": "-",
        "times": "*",
        "x": "*",
        "over": "/",
        "percent": "%",
        "of": "of",
        "squared": "squared",
        "cubed": "cubed",
    }
)
_SAME_SIGN: Mapping[str, str] = MappingProxyType({"×": "*", "·": "*", "÷": "/", "−": "-", "**": "^"})
_SPOKEN: Mapping[str, str] = MappingProxyType(
    {
        "+": "plus",
        "-": "minus",
        "*": "times",
        "/": "divided by",
        "^": "to the power of",
        "%": "percent",
        "√": "the square root of",
    }
)
_LEAD = re.compile(
    r"^(?:(?:please|so|and|now|ok|okay|hey|can you|could you|tell me|do you know|what is|what's|whats|what are|"
    r"how much is|how much are|how many is|calculate|compute|work out|solve|the result of)\b[\s,:]*)+"
)

Token = Fraction | str


class SumError(Exception):
    """It is a sum, but one without an answer here; the text is a sentence for people."""


class _NotASumError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum and its value; `words` is the sum as one would say it."""

    words: str
    value: Fraction

    def sentence(self) -> str:
        text = f"{self.words} is {in_digits(self.value)}."
        return text[0].upper() + text[1:]


def read_sum(text: str) -> Sum | None:
    """Return the sum that `text` asks for, None when it asks for none.

    Raises:
        SumError: there is no answer (division by zero) or none of a useful size.
    """
    if len(text) > MAX_TEXT:
        return None
    plain = _LEAD.sub("", text.lower().strip()).strip(" ?!.=").replace("-", " - ")
    plain = re.sub(r"([a-z]) - ([a-z])", r"\1 \2", plain)  # eighty-one
    for wording, sign in _WORDINGS:
        plain = re.sub(wording, sign, plain)
    tokens = _tokens(plain)
    if tokens is None or not any(isinstance(each, str) and each not in "()" for each in tokens):
        return None
    try:
        return Sum(_words(tokens), _Parser(tokens).value())
    except _NotASumError:
        return None


def _tokens(plain: str) -> list[Token] | None:
    """Cut into numbers and signs; None when a word is neither."""
    raw: list[str] = []
    place = 0
    while place < len(plain):
        found = _TOKEN.match(plain, place)
        if found is None or len(raw) >= MAX_TOKENS:
            return None
        raw.append(found.group().strip())
        place = found.end()
    tokens: list[Token] = []
    place = 0
    while place < len(raw):
        number = read_words(raw[place:])
        if number is not None:
            tokens.append(Fraction(number[0]))
            place += number[1]
            continue
        sign = _token(raw[place])
        if sign is None:
            return None
        tokens.append(sign)
        place += 1
    return tokens


def _token(raw: str) -> Token | None:
    if raw[0].isdigit() or raw[0] == ".":
        return Fraction(raw.replace(",", ""))
    return _ONE_WORD.get(raw) if raw.isalpha() else _SAME_SIGN.get(raw, raw)


def _words(tokens: Sequence[Token]) -> str:
    said = " ".join(in_digits(t) if isinstance(t, Fraction) else _SPOKEN.get(t, t) for t in tokens)
    # Brackets around one number come from wordings such as "divide 81 by 9".
    return re.sub(r"\( ([\d.,]+) \)", r"\1", said).replace("( ", "(").replace(" )", ")")


class _Parser:
    """Recursive descent over the tokens; every value is exact and bounded."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    def value(self) -> Fraction:
        value = self._expression()
        if self._place < len(self._tokens):
            raise _NotASumError
        return value

    def _expression(self) -> Fraction:
        value, _ = self._term()
        while (sign := self._take("+", "-")) is not None:
            right, is_share = self._term()
            change = value * right if is_share else right  # 240 + 10 % means 10 % of the 240
            value = _bounded(value + change if sign == "+" else value - change)
        return value

    def _term(self) -> tuple[Fraction, bool]:
        """Return the value, and whether it is nothing but a percentage."""
        start = self._place
        value = self._signed()
        alone = self._place - start == 2 and self._tokens[self._place - 1] == "%"
        while (sign := self._take("*", "/", "of")) is not None:
            alone = False
            right = self._signed()
            if sign == "/" and right == 0:
                raise SumError("Nothing can be divided by zero.")
            value = _bounded(value / right if sign == "/" else value * right)
        return value, alone

    def _signed(self) -> Fraction:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SumError("That sum has too many brackets for me.")
        sign = self._take("-", "+")
        value = self._signed() if sign is not None else self._power()
        self._depth -= 1
        return -value if sign == "-" else value

    def _power(self) -> Fraction:
        base = self._part()
        if self._take("^") is None:
            return base
        return _raised(base, self._signed())

    def _part(self) -> Fraction:
        if self._take("√") is not None:
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise SumError("That sum has too many roots for me.")
            value = _root(self._part())
            self._depth -= 1
        elif self._take("(") is not None:
            value = self._expression()
            if self._take(")") is None:
                raise _NotASumError
        else:
            value = self._number()
        while (sign := self._take("%", "squared", "cubed")) is not None:
            value = value / 100 if sign == "%" else _raised(value, Fraction(2 if sign == "squared" else 3))
        return value

    def _number(self) -> Fraction:
        token = self._tokens[self._place] if self._place < len(self._tokens) else None
        if not isinstance(token, Fraction):
            raise _NotASumError
        self._place += 1
        return _bounded(token)

    def _take(self, *signs: str) -> str | None:
        token = self._tokens[self._place] if self._place < len(self._tokens) else None
        if isinstance(token, str) and token in signs:
            self._place += 1
            return token
        return None


def _raised(base: Fraction, power: Fraction) -> Fraction:
    if power.denominator != 1 or abs(power) > MAX_POWER:
        raise SumError("I only know whole powers, up to a thousand.")
    if base == 0 and power < 0:
        raise SumError("Nothing can be divided by zero.")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(power) > MAX_BITS + abs(power):  # a power of 1 or 2 gains no more than a bit each
        raise SumError("That number is too large for me.")
    return _bounded(base ** int(power))


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise SumError("A negative number has no square root that I know.")
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top**2 == value.numerator and bottom**2 == value.denominator:
        return Fraction(top, bottom)
    scale = 10**12  # so many more digits than an answer shows
    return Fraction(math.isqrt(value.numerator * scale**2 // value.denominator), scale)


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise SumError("That number is too large for me.")
    return value
