"""The microphone that stays open between what is said: from when until when, and never unasked."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.events import (
    AgentState,
    ConnectRequested,
    HangUpRequested,
    MuteChanged,
    RoomLost,
    RoomResumed,
    RoomResuming,
    TextHandedOver,
    Timer,
)
from mka1_desktop.session.effects import WarmMicrophone
from mka1_desktop.session.state import Session
from tests.support.session_play import Play


def ready_play(*, voiced: bool = True) -> Play:
    """A session that was begun by wanting to speak, or by typing; the agent is there."""
    play = Play(session=Session(keep_ready=True))
    play.do(ConnectRequested(voiced=voiced))
    return play.join().agent().fire(Timer.GREETING_QUIET)


def told(play: Play) -> list[bool]:
    """What the engine was told since the session began."""
    return [e.warm for e in play.asked if isinstance(e, WarmMicrophone)]


def test_it_opens_with_the_agent_and_closes_30_s_after_the_last_turn() -> None:
    play = ready_play()
    assert told(play) == [True]
    play.key(True)
    assert Timer.READY_END not in play.running, "nobody rests while somebody speaks"
    play.user("What is two plus two?").key(False)
    assert Timer.READY_END not in play.running
    play.words("Four.", final=True).state(AgentState.LISTENING)
    assert Timer.READY_END in play.running
    play.fire(Timer.READY_END)
    assert told(play) == [True, False]
    play.key(True)
    assert told(play) == [True, False, True], "and is there again for the next turn"


def test_who_types_opens_no_microphone_until_the_key_is_pressed() -> None:
    play = ready_play(voiced=False)
    play.do(TextHandedOver(key="a"))
    assert told(play) == []
    assert told(play.key(True)) == [True]


def test_muting_and_hanging_up_close_it() -> None:
    assert told(ready_play().do(MuteChanged(muted=True))) == [True, False]
    assert told(ready_play().do(HangUpRequested())) == [True, False]
    ended = ready_play().do(HangUpRequested())
    assert Timer.READY_END not in ended.running


def test_a_lost_room_does_not_close_it() -> None:
    play = ready_play().do(RoomResuming(ticket=1), RoomResumed(ticket=1), RoomLost(ticket=1, reason="gone"))
    play.join().agent()
    assert told(play) == [True]


def test_with_the_setting_off_or_an_open_microphone_nothing_of_this_happens() -> None:
    for session in (Session(), Session(keep_ready=True, open_mic=True)):
        play = Play(session=session)
        play.do(ConnectRequested()).join().agent().fire(Timer.GREETING_QUIET).key(True)
        assert told(play) == []


def test_the_setting_works_in_mid_session() -> None:
    play = ready_play()
    play.session = replace(play.session, keep_ready=False)
    assert told(play.key(True)) == [True, False]
