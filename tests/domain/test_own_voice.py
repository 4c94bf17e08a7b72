"""Words of the assistant that came back through the microphone, and words that are the person's own."""

from __future__ import annotations

import pytest

from mka1_desktop.domain.own_voice import is_own_voice

STORY = "Once upon a time there was a king. He lived in a castle by the sea, and he was alone."


@pytest.mark.parametrize(
    "heard",
    [
        "there was a king",
        "He lived in a castle by the sea",
        "he lived in the castle by a sea and",  # as a recogniser hears it through a room
        "ONCE UPON A TIME!",
    ],
)
def test_what_it_said_is_its_own(heard: str) -> None:
    assert is_own_voice(heard, STORY)


@pytest.mark.parametrize(
    "heard",
    ["", "stop", "a king", "Tell me more about the sea", "sea the by castle a in lived he", "What is two plus two?"],
)
def test_what_the_person_says_is_not(heard: str) -> None:
    assert not is_own_voice(heard, STORY)


def test_nothing_said_is_nobody_s_echo() -> None:
    assert not is_own_voice("there was a king", "")
