"""Entries of the dialogue as rows of the conversation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mka1_desktop.app.turn_rows import turn_row
from mka1_desktop.domain.conversation import ItemState
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.session.entry import Entry
from mka1_desktop.session.state import Connecting, Failed, Idle, Link, Live, Phase, Session

WORDS = Entry(
    key="1", role="assistant", source="voice", text="one two three", final=True, state="final", at=5.0, at_s=1.0,
    final_text="one two three",
)  # fmt: skip
SPEAKING = Session(link=Live(agent="a", phase=Phase.SPEAKING))
LISTENING = Session(link=Live(agent="a", phase=Phase.LISTENING), sending=True)


def test_an_answer_shows_how_far_the_voice_is() -> None:
    row = turn_row(WORDS, SPEAKING, newest=True, spoken_chars=7)
    assert (row.live, row.heard_chars, row.cut) == (True, 7, None)
    assert turn_row(WORDS, SPEAKING, newest=False, spoken_chars=7).heard_chars is None
    assert not turn_row(WORDS, Session(link=Idle()), newest=True, spoken_chars=7).live


def test_a_cut_answer_keeps_what_was_heard() -> None:
    cut = replace(WORDS, state="interrupted", heard_chars=3, sound_s=1.5)
    row = turn_row(cut, SPEAKING, newest=True, spoken_chars=9)
    assert (row.live, row.cut, row.words_left, row.stopped_at_s) == (False, 3, 2, 1.5)
    whole = replace(cut, heard_chars=len(cut.text), sound_s=0.0)
    row = turn_row(whole, SPEAKING, newest=True, spoken_chars=None)
    assert (row.interrupted, row.stopped_at_s) == (False, None)


def test_words_of_the_person_are_interim_until_they_are_final() -> None:
    said = replace(WORDS, role="user", final=False, final_text="one")
    row = turn_row(said, LISTENING, newest=True, spoken_chars=None)
    assert (row.interim, row.settled_chars, row.live) == (True, 3, True)
    assert not turn_row(said, replace(LISTENING, sending=False), newest=True, spoken_chars=None).live
    typed = replace(said, source="text", final=True)
    assert not turn_row(typed, LISTENING, newest=True, spoken_chars=None).live


TYPED = replace(WORDS, role="user", source="text")


@pytest.mark.parametrize(
    ("state", "again"), [("failed", True), ("unsure", True), ("waiting", False), ("sent", False), ("final", False)]
)
def test_a_text_without_an_answer_can_be_sent_again(state: ItemState, again: bool) -> None:
    assert turn_row(replace(TYPED, state=state), LISTENING, newest=True, spoken_chars=None).can_send_again is again


@pytest.mark.parametrize("recorded", [False, True])
def test_spoken_words_without_an_answer_can_be_sent_again_while_they_are_recorded(recorded: bool) -> None:
    said = replace(WORDS, role="user")
    row = turn_row(said, LISTENING, newest=True, spoken_chars=None, failed=True, recorded=recorded)
    assert (row.state, row.can_send_again) == ("failed", recorded)
    row = turn_row(said, LISTENING, newest=True, spoken_chars=None)
    assert (row.state, row.can_send_again) == ("final", False)


@pytest.mark.parametrize(
    ("link", "on_hold"),
    [
        (Idle(), True),
        (Failed(trouble=Trouble(Code.OFFLINE)), True),
        (Connecting(), False),
        (Connecting(again="gone"), False),
        (Live(resuming=True), False),
    ],
)
def test_a_text_waits_for_a_connection_or_for_the_person(link: Link, on_hold: bool) -> None:
    waiting = replace(TYPED, state="waiting")
    assert turn_row(waiting, Session(link=link), newest=True, spoken_chars=None).on_hold is on_hold
