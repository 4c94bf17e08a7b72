"""What the demo's assistant answers: every phrase, typed questions, sums, clock, memory."""

from __future__ import annotations

import random
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mka1_desktop.demo import texts
from mka1_desktop.demo.capitals import CAPITALS
from mka1_desktop.demo.phrases import PHRASES, SPOKEN_FORMS, SUGGESTIONS
from mka1_desktop.demo.records import Turn
from mka1_desktop.demo.think import NOT_UNDERSTOOD, Mind

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a loaded machine

NOW = datetime(2026, 11, 24, 10, 3)  # noqa: DTZ001 - a clock on the wall has no zone
UNKNOWN = "no language model answers here"
WORDS_A_SECOND = 3.5  # faster than the demo's voice speaks


def answer(heard: str | None, *earlier: Turn, spoken: bool = False, language: str | None = None) -> str:
    mind = Mind(random.Random(1))
    return mind.answer(heard, spoken=spoken, earlier=earlier, now=NOW, language=language)


def said(*pairs: tuple[str, str]) -> list[Turn]:
    return [turn for q, a in pairs for turn in (Turn("user", q, "resp_1"), Turn("assistant", a, "resp_1"))]


# -- phrases --------------------------------------------------------------------------------------


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_gets_a_real_answer(phrase: str) -> None:
    text = answer(phrase, spoken=True)
    assert UNKNOWN not in text
    assert "catch" not in text
    assert text.endswith((".", "?"))


@pytest.mark.parametrize(("form", "phrase"), SPOKEN_FORMS)
def test_the_spoken_words_are_understood_like_the_caption(form: str, phrase: str) -> None:
    assert answer(form) == answer(phrase)


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_means_the_same_however_it_is_typed(phrase: str) -> None:
    plain = phrase.rstrip("?.")
    for typed in (plain.upper(), f"  {plain}  ??", plain.replace(" ", "  ").replace("'", "’")):
        assert answer(typed) == answer(phrase)


def test_the_answers_to_the_phrases_are_right() -> None:
    assert answer("What time is it?") == "It is three minutes past ten in the morning."
    assert answer("What is the date today?") == "Today is Tuesday, the 24th of November 2026."
    assert answer("Which day of the week is it?") == "Today is Tuesday."
    assert answer("Divide eighty one by nine.") == "81 divided by 9 is 9."
    assert answer("What is the capital of Brazil?") == "The capital of Brazil is Brasília."
    assert answer("How do you spell elephant?") == "Elephant is spelled: E, L, E, P, H, A, N, T."
    assert answer("Count from one to ten.").startswith("One, two, three")
    assert answer("Can you hear me?", spoken=True) == "Yes, I can hear you well."
    assert answer("Tell me a long story.") == texts.STORY


def test_the_long_story_lasts_more_than_a_minute() -> None:
    assert len(texts.STORY.split()) / WORDS_A_SECOND > 60


def test_a_coin_has_two_sides() -> None:
    mind = Mind(random.Random(3))
    seen = {mind.answer("Flip a coin for me.", spoken=True, earlier=(), now=NOW, language=None) for _ in range(40)}
    assert seen == {"I flipped a coin, and it shows heads.", "I flipped a coin, and it shows tails."}


# -- what it does not know ------------------------------------------------------------------------


def test_speech_that_was_not_understood_names_two_phrases() -> None:
    for count in range(8):
        text = answer(None, *said(*[("a", "b")] * count), spoken=True)
        assert text.startswith("I did not catch that. You can say: ")
        assert sum(phrase in text for phrase in SUGGESTIONS) == 2
    assert answer("  ?! ").startswith("I did not catch that. You can write: ")


@pytest.mark.parametrize(
    "typed",
    [
        "write a poem about rust",
        "who invented the lamp",
        "who walked on the moon",
        "what will I do tomorrow",
        "how do you spell",
        "what is the capital",
        "tell me about Rome",
        "<b>bold</b>",
        "🙂",
        "مرحبا",
        "7",
        "say the word hello",
        "is it time to go",
    ],
)
def test_it_says_so_when_it_does_not_know(typed: str) -> None:
    text = answer(typed)
    assert UNKNOWN in text
    assert sum(phrase in text for phrase in SUGGESTIONS) == 2


def test_another_language_is_told_that_only_english_is_known() -> None:
    assert "English only" in answer("wie spät ist es", language="de")
    assert "English only" in answer(None, language="de", spoken=True)
    assert "English" not in answer(None, language="en", spoken=True)


@PATIENT
@given(st.text(max_size=13_000), st.booleans())
def test_any_text_gets_a_bounded_answer(typed: str, spoken: bool) -> None:
    text = answer(typed, spoken=spoken)
    assert 0 < len(text) < 3_000


# -- typed text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("time", "It is three minutes past ten in the morning."),
        ("Do you know the time?", "It is three minutes past ten in the morning."),
        ("what is the time in Tokyo", "I only know the time of this computer. Here it is three minutes past ten"),
        ("what's tomorrow's date", "Tomorrow is Wednesday, the 25th of November 2026."),
        ("what day was yesterday?", "Yesterday was Monday, the 23rd of November 2026."),
        ("what date is it", "Today is Tuesday, the 24th of November 2026."),
        ("which year is it", "It is the year 2026."),
        ("capital of the USA?", "The capital of the United States is Washington."),
        ("hi, what is the capital city of Peru please?", "The capital of Peru is Lima."),
        ("France's capital", "The capital of France is Paris."),
        ("usa capital", "The capital of the United States is Washington."),
        ("What is the capital of Bolivia", "Bolivia has two: Sucre by law"),
        ("What is the capital of Atlantis", "I do not know a country of that name."),
        ("Oslo is the capital of which country?", "Oslo is the capital of Norway."),
        ("is Paris the capital of what", "Paris is the capital of France."),
        ("which country has Lima as its capital", "Lima is the capital of Peru."),
        ("spell the word 'Banana'", "Banana is spelled: B, A, N, A, N, A."),
        ("spell " + "x" * 31, "That is too long for me"),
        ("count down from ten to seven", "Ten, nine, eight, seven."),
        ("count to 3", "One, two, three."),
        ("count to a million", "I count at most 50 numbers"),
        ("count from 1 to 99", "I count at most 50 numbers"),
        ("hello", "Hello."),
        ("Good evening!", "Good evening to you too."),
        ("help", "I can tell you the time"),
        ("what's your name", "I am the assistant of the MKA1 Desktop demo."),
        ("what's the weather like?", "I cannot know the weather"),
        ("can you hear me", "You wrote that, and I read it well."),
        ("stop", "All right."),
        ("1/0", "Nothing can be divided by zero."),
        ("18 % of 240", "18 percent of 240 is 43.2."),
    ],
)
def test_typed_questions(typed: str, expected: str) -> None:
    assert answer(typed).startswith(expected)


def test_all_capitals_are_known_in_both_directions() -> None:
    assert len(CAPITALS) >= 150
    for country, city in CAPITALS.items():
        assert city in answer(f"What is the capital of {country}?")
        assert country in answer(f"{city} is the capital of which country?")


# -- memory ---------------------------------------------------------------------------------------


def test_it_remembers_what_was_asked() -> None:
    ask = "What did I ask you earlier?"
    assert answer(ask) == "You have not asked me anything yet in this conversation."
    earlier = said(("What time is it?", "It is noon."))
    assert answer(ask, *earlier) == "Earlier you asked me: What time is it?"
    earlier += said((NOT_UNDERSTOOD, "I did not catch that."), ("spell owl", "O, W, L."))
    expected = "Earlier you asked me: spell owl. Before that: What time is it?"
    assert answer(ask, *earlier) == expected
    assert answer(ask, *earlier, Turn("user", ask, "resp_9")) == expected  # stored before it was answered


def test_a_long_question_is_shortened_in_the_answer() -> None:
    text = answer("What did I ask you earlier?", *said(("word " * 500, "yes")))
    assert text.endswith("word…")
    assert len(text) < 200


def test_it_repeats_what_it_said_once() -> None:
    ask = "Please repeat your last answer."
    assert answer(ask) == "I have not said anything yet that I could repeat."
    once = answer(ask, *said(("a", "It is noon.")))
    assert once == "I said: It is noon."
    assert answer(ask, *said(("a", "It is noon."), (ask, once))) == once


def test_another_joke_each_time_until_all_are_told() -> None:
    told: list[Turn] = []
    for _ in texts.JOKES:
        told += said(("joke", answer("tell me a joke", *told)))
    assert {turn.text for turn in told if turn.role == "assistant"} == set(texts.JOKES)
    assert answer("tell me a joke", *told) == texts.JOKES[0]
