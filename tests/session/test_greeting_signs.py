"""A typed text and a second greeting that comes at the same moment: neither is taken for the other."""

from __future__ import annotations

import pytest

from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentState,
    JoinFailed,
    RoomLost,
    RoomResuming,
    TextGoesOut,
    TextHandedOver,
    Timer,
)
from mka1_desktop.session.machine import concerns
from mka1_desktop.session.state import Shown
from tests.support.session_play import Play, caption

GREETING = "g1"


@pytest.fixture
def again() -> Play:
    """A second room, whose agent has just come."""
    play = Play().listening()
    return play.do(RoomLost(ticket=play.ticket, reason="room_deleted")).join().agent("agent-2")


def ready(play: Play) -> bool:
    return play.session.ready_for_text


def test_a_text_waits_until_words_and_voice_of_the_greeting_are_known(again: Play) -> None:
    assert not ready(again)
    assert not ready(again.sound())
    assert not ready(again.state(AgentState.SPEAKING))
    assert ready(again.words("Hello", segment=GREETING))
    assert not concerns(again.session, caption(again.ticket, "agent", GREETING, "Hello again.", final=True))


def test_words_alone_do_not_settle_it_either(again: Play) -> None:
    assert not ready(again.words("Hello", segment=GREETING))
    assert ready(again.sound())


def test_nor_is_a_greeting_waited_for_for_ever(again: Play) -> None:
    assert ready(again.sound().fire(Timer.SETTLED))


def test_the_answer_may_come_before_the_word_that_the_text_was_handed_over(again: Play) -> None:
    again.fire(Timer.SETTLED).do(TextGoesOut(key="k")).response("resp_1").words("It is ten", segment="a1")
    assert again.session.continuation.response_id == "resp_1"
    again.do(TextHandedOver(key="k"))
    assert again.link.hush is not None
    assert again.link.hush.over
    assert again.link.hush.segments == frozenset()


def test_a_text_that_goes_out_elsewhere_changes_nothing() -> None:
    play = Play().connect()
    before = play.session
    assert play.do(TextGoesOut(key="k")).session == before
    play.join().agent()
    live = play.link
    assert play.do(TextGoesOut(key="k")).link == live


def test_no_sound_in_a_room_that_is_resumed_is_no_silent_voice() -> None:
    play = Play().thinking().words("It is ten")
    assert Timer.SPEAKING_SILENT in play.running
    play.do(RoomResuming(ticket=play.ticket)).fire(Timer.SPEAKING_SILENT)
    assert play.notices == []


def test_a_token_that_has_run_out_is_renewed_once_also_after_a_loss() -> None:
    play = Play().listening()
    expired = Trouble(Code.TOKEN_EXPIRED)
    play.do(RoomLost(ticket=play.ticket, reason="room_deleted")).grant()
    play.do(JoinFailed(ticket=play.ticket, trouble=expired)).grant()
    assert play.shown() is Shown.RECONNECTING
    play.do(JoinFailed(ticket=play.ticket, trouble=expired))
    assert play.shown() is Shown.ERROR
