"""The demo's sums, numbers in words, and words for times and dates."""

from __future__ import annotations

import contextlib
import re
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mka1_desktop.demo.clock_words import date_in_words, time_in_words
from mka1_desktop.demo.numbers import WORDS, in_digits, in_words, read_words
from mka1_desktop.demo.sums import SumError, read_sum

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a loaded machine

NOW = datetime(2026, 11, 24, 10, 3)  # noqa: DTZ001 - a clock on the wall has no zone


# -- sums -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("what is seven times eight", "7 times 8 is 56."),
        ("12*7+3", "12 times 7 plus 3 is 87."),
        ("12 * 7 + 3 =", "12 times 7 plus 3 is 87."),
        ("(2+3)×4", "(2 plus 3) times 4 is 20."),
        ("2^10", "2 to the power of 10 is 1,024."),
        ("2^3^2", "2 to the power of 3 to the power of 2 is 512."),
        ("-2^2", "Minus 2 to the power of 2 is minus 4."),
        ("240 + 10 %", "240 plus 10 percent is 264."),
        ("240 - 10 % of 50", "240 minus 10 percent of 50 is 235."),
        ("half of 90", "50 percent of 90 is 45."),
        ("what's the square root of 81?", "The square root of 81 is 9."),
        ("square root of 2", "The square root of 2 is about 1.4142."),
        ("subtract 3 from ten", "10 minus 3 is 7."),
        ("add five and six", "5 plus 6 is 11."),
        ("multiply 3 by 4", "3 times 4 is 12."),
        ("one hundred and five plus two", "105 plus 2 is 107."),
        ("twenty-five thousand three hundred minus one", "25,300 minus 1 is 25,299."),
        ("1,000,000 * 3", "1,000,000 times 3 is 3,000,000."),
        ("3 x 4", "3 times 4 is 12."),
        ("five squared", "5 squared is 25."),
        ("1/3", "1 divided by 3 is about 0.3333."),
        ("0.1+0.2", "0.1 plus 0.2 is 0.3."),
        ("-7/2", "Minus 7 divided by 2 is minus 3.5."),
        ("1/100000", "1 divided by 100,000 is less than 0.0001."),
        ("10^20", "10 to the power of 20 is about 1.0 times 10 to the power of 20."),
        ("please calculate 2+2", "2 plus 2 is 4."),
    ],
)
def test_sums(typed: str, sentence: str) -> None:
    found = read_sum(typed)
    assert found is not None
    assert found.sentence() == sentence


@pytest.mark.parametrize(
    "typed", ["1/0", "0^-1", "5/(3-3)", "2^0.5", "9^99999", "9^999", "(" * 30 + "1" + ")" * 30 + "+1"]
)
def test_sums_without_an_answer_say_why(typed: str) -> None:
    with pytest.raises(SumError, match=r"[.]$"):
        read_sum(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7",
        "seven",
        "(7)",
        "2 2",
        "17 % 5",
        "1 +",
        "* 3",
        "(1",
        "1)",
        "()",
        "what is love",
        "__import__('os')",
        "1;2+3",
    ],
)
def test_what_is_no_sum(typed: str) -> None:
    assert read_sum(typed) is None


numbers = st.integers(min_value=0, max_value=999).map(lambda n: (str(n), Fraction(n)))


def joined(parts: st.SearchStrategy[tuple[str, Fraction]]) -> st.SearchStrategy[tuple[str, Fraction]]:
    def join(left: tuple[str, Fraction], sign: str, right: tuple[str, Fraction]) -> tuple[str, Fraction]:
        (a, x), (b, y) = left, right
        value = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else x}[sign]
        return f"({a}) {sign if y or sign != '/' else '+ 0 *'} ({b})", value

    return st.builds(join, parts, st.sampled_from("+-*/"), parts)


@PATIENT
@given(st.recursive(numbers, joined, max_leaves=8))
def test_sums_agree_with_exact_arithmetic(expression: tuple[str, Fraction]) -> None:
    typed, value = expression
    if not any(sign in typed for sign in "+-*/"):
        return
    if len(typed) <= 200:
        found = read_sum(typed)
        assert found is not None
        assert found.value == value


@PATIENT
@given(st.lists(st.integers(min_value=1, max_value=99), min_size=2, max_size=6), st.data())
def test_signs_bind_as_in_arithmetic(values: list[int], data: st.DataObject) -> None:
    signs = [data.draw(st.sampled_from("+-*")) for _ in values[1:]]
    typed = str(values[0]) + "".join(f"{sign}{value}" for sign, value in zip(signs, values[1:], strict=True))
    total, product, minus = 0, values[0], 1
    for sign, value in zip(signs, values[1:], strict=True):
        if sign == "*":
            product *= value
        else:
            total, product, minus = total + minus * product, value, 1 if sign == "+" else -1
    found = read_sum(typed)
    assert found is not None
    assert found.value == total + minus * product


pieces = st.sampled_from(
    [*"0123456789+-*/^%()., ", "of", "plus", "times", "hundred", "square root of", "squared", "and", "x"]
)


@PATIENT
@given(st.lists(pieces, max_size=60).map("".join))
def test_no_expression_breaks_the_parser(typed: str) -> None:
    with contextlib.suppress(SumError):  # an honest refusal
        found = read_sum(typed)
        sentence = "none." if found is None else found.sentence()
        assert sentence.endswith(".")


# -- numbers, times and dates ---------------------------------------------------------------------


@PATIENT
@given(st.integers(min_value=0, max_value=99))
def test_small_numbers_are_read_as_they_are_written(value: int) -> None:
    words = in_words(value).replace("-", " ").split()
    assert read_words(words) == (value, len(words))


@pytest.mark.parametrize(
    ("words", "value", "used"),
    [
        ("one hundred and five plus", 105, 4),
        ("hundred", 100, 1),
        ("two thousand three hundred", 2_300, 4),
        ("one million and two", 1_000_002, 4),
        ("three hundred thousand", 300_000, 3),
        ("five and six", 5, 1),
        ("one two", 1, 1),
        ("twenty ten", 20, 1),
        ("twenty one hundred", 2_100, 3),
    ],
)
def test_larger_numbers_in_words(words: str, value: int, used: int) -> None:
    assert read_words(words.split()) == (value, used)


@PATIENT
@given(st.lists(st.sampled_from(sorted({*WORDS, "and", "plus"})), max_size=8))
def test_number_words_in_any_order_are_harmless(words: list[str]) -> None:
    number = read_words(words)
    assert number is None or (number[0] >= 0 and 1 <= number[1] <= len(words))


@PATIENT
@given(st.fractions(min_value=-(10**18), max_value=10**18))
def test_written_numbers_hold_nothing_that_a_voice_cannot_say(value: Fraction) -> None:
    assert re.fullmatch(r"[a-z ]*[\d,]+(\.\d+)?( times 10 to the power of \d+)?( and zero)?", in_digits(value))


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [
        (0, 0, "midnight"),
        (12, 0, "noon"),
        (9, 0, "nine o'clock in the morning"),
        (14, 15, "a quarter past two in the afternoon"),
        (19, 30, "half past seven in the evening"),
        (11, 45, "a quarter to twelve in the morning"),
        (12, 59, "one minute to one in the afternoon"),
        (23, 35, "twenty-five minutes to twelve at night"),
        (3, 1, "one minute past three at night"),
    ],
)
def test_times_in_words(hour: int, minute: int, words: str) -> None:
    assert time_in_words(NOW.replace(hour=hour, minute=minute)) == words


@PATIENT
@given(st.integers(min_value=0, max_value=24 * 60 - 1))
def test_every_minute_of_the_day_has_words_of_its_own(minute: int) -> None:
    words = time_in_words(datetime(2026, 1, 1) + timedelta(minutes=minute))  # noqa: DTZ001 - a wall clock
    assert not re.search(r"\d", words)


@pytest.mark.parametrize(
    ("day", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (13, "13th"), (22, "22nd"), (31, "31st")]
)
def test_dates_in_words(day: int, words: str) -> None:
    assert f"the {words} of December 2026" in date_in_words(NOW.replace(month=12, day=day))
