"""What is said while no room hears it, and errors of the service that send it again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    GrantFailed,
    GrantReady,
    HangUpRequested,
    KeptNotSent,
    KeptSent,
    MuteChanged,
    RoomJoined,
    RoomLost,
    RoomResumed,
    RoomResuming,
    ServiceErrorReceived,
    SpeechDropped,
    SpeechRepeated,
    Timer,
)
from mka1_desktop.session.effects import (
    FailTurn,
    FetchGrant,
    ForgetSpeech,
    KeepSpeech,
    RecallSentence,
    SendKept,
    SetMicrophone,
)
from mka1_desktop.session.state import Failed, Live, Shown
from tests.support.session_play import AGENT, GRANT, Play


def test_a_press_while_connecting_is_kept_and_sent_first() -> None:
    play = Play().connect().key(True)
    assert play.those(KeepSpeech) == [KeepSpeech(keep=True)]
    play.join().agent()
    sent = [e for e in play.effects if isinstance(e, SendKept | SetMicrophone)]
    assert sent == [SendKept(ticket=1, again=False), SetMicrophone(sending=True)]
    assert play.shown() is Shown.LISTENING  # the person has begun: the greeting is cut


def test_a_key_released_before_the_room_listens_still_sends() -> None:
    play = Play().connect().key(True).key(False).join().agent()
    assert play.those(SendKept) == [SendKept(ticket=1, again=False)]
    assert play.microphone == []
    assert play.do(KeptSent(ticket=1)).shown() is Shown.THINKING


def test_a_turn_that_a_lost_room_may_not_have_taken_is_sent_again_whole() -> None:
    play = Play().listening().key(True).user("What is the cap").do(RoomLost(ticket=1, reason="gone"))
    play.join().agent()
    assert play.those(SendKept) == [SendKept(ticket=2, again=True)]


def test_an_answered_turn_is_forgotten_and_not_sent_again() -> None:
    play = Play().listening().key(True).key(False).user("What time is it?", final=True).response("r1")
    assert play.those(ForgetSpeech) == [ForgetSpeech(taken=True)]
    assert play.do(RoomLost(ticket=1, reason="gone")).join().agent().those(SendKept) == []


def test_what_is_said_while_the_sdk_resumes_is_sent_when_it_is_back() -> None:
    play = Play().listening().do(RoomResuming(ticket=1)).key(True)
    assert play.those(KeepSpeech) == [KeepSpeech(keep=True)]
    assert play.those(SetMicrophone) == []
    play.do(RoomResumed(ticket=1))
    assert play.those(SendKept) == [SendKept(ticket=1, again=False)]


def test_it_can_be_dropped_before_and_while_it_is_sent() -> None:
    waiting = Play().connect().key(True).key(False).do(SpeechDropped())
    assert waiting.effects == (ForgetSpeech(taken=False),)
    assert waiting.join().agent().those(SendKept) == []
    sending = Play().connect().key(True).key(False).join().agent().do(SpeechDropped())
    assert ForgetSpeech(taken=False) in sending.effects


def test_hanging_up_forgets_and_a_failure_keeps() -> None:
    assert ForgetSpeech(taken=False) in Play().connect().key(True).do(HangUpRequested()).effects
    failed = Play().connect().key(True).do(GrantFailed(ticket=1, trouble=Trouble(Code.KEY_REJECTED)))
    assert isinstance(failed.session.link, Failed)
    assert failed.those(ForgetSpeech) == []
    failed.connect().do(GrantReady(ticket=failed.ticket, grant=GRANT), RoomJoined(ticket=failed.ticket)).agent()
    assert len(failed.those(SendKept)) == 1


def test_muting_ends_the_recording() -> None:
    play = Play().listening().key(True).do(MuteChanged(muted=True))
    assert play.effects == (KeepSpeech(keep=False), SetMicrophone(sending=False))


def test_an_open_microphone_sends_nothing_before_the_greeting_and_little_after_a_loss() -> None:
    play = Play()
    play.session = replace(play.session, open_mic=True)
    play.connect().key(True).join().agent()
    assert play.those(SendKept) == []
    assert play.shown() is Shown.GREETING
    assert play.those(RecallSentence) == []
    play.do(RoomLost(ticket=1, reason="gone")).join().agent()
    assert [e for e in play.effects if isinstance(e, RecallSentence | SendKept)] == [
        RecallSentence(), SendKept(ticket=2, again=False),
    ]  # fmt: skip


def test_what_a_new_agent_in_the_same_room_cannot_have_heard_is_sent_again() -> None:
    play = Play().listening().key(True).user("What is the cap").do(AgentLeft(ticket=1, identity=AGENT)).agent()
    assert play.those(SendKept) == [SendKept(ticket=1, again=True)]


def test_a_room_that_resumes_has_the_beginning_of_the_sentence() -> None:
    play = Play()
    play.session = replace(play.session, open_mic=True)
    play.connect().key(True).join().agent().do(RoomResuming(ticket=1), RoomResumed(ticket=1))
    assert play.those(RecallSentence) == []


def test_a_room_that_takes_no_sound_is_told_and_a_lost_one_is_waited_for() -> None:
    play = Play().connect().key(True).join().agent()
    play.do(KeptNotSent(ticket=1, trouble=Trouble(Code.ROOM_LOST)))
    assert play.effects == ()
    play.do(RoomLost(ticket=1, reason="gone")).join().do(AgentJoined(ticket=2, identity="a"))
    assert play.those(SendKept) == [SendKept(ticket=2, again=True)]
    refused = Play().connect().key(True).join().agent()
    assert refused.do(KeptNotSent(ticket=1, trouble=Trouble(Code.ROOM_UNREACHABLE))).notices == [Code.ROOM_UNREACHABLE]


def test_a_failed_turn_is_said_again_in_place() -> None:
    play = Play().listening().do(SpeechRepeated())
    assert play.those(SendKept) == [SendKept(ticket=1, again=True)]
    assert Play().do(SpeechRepeated()).effects == ()


# --- errors of the service ---------------------------------------------------------------------------------------


def error(play: Play, code: Code, service: str | None = "llm") -> Play:
    return play.do(ServiceErrorReceived(ticket=play.ticket, trouble=Trouble(code, service=service)))


@pytest.mark.parametrize("code", [Code.INVALID_SESSION, Code.SESSION_AUTH])
def test_new_token_once_is_once_until_an_answer_comes(code: Code) -> None:
    play = error(Play().listening(), code, None)
    assert len(play.those(FetchGrant)) == 1
    play.join().agent().fire(Timer.SETTLED)
    assert isinstance(error(play, code, None).session.link, Failed)
    answered = error(Play().listening(), code, None).join().agent().user("Hi", final=True).response("r5")
    assert len(error(answered, code, None).those(FetchGrant)) == 1


def test_a_service_that_is_unreachable_twice_gets_another_room() -> None:
    play = error(Play().thinking(), Code.LLM_UNREACHABLE)
    assert isinstance(play.session.link, Live)
    assert play.those(FetchGrant) == []
    assert len(error(play, Code.LLM_UNREACHABLE).those(FetchGrant)) == 1


def test_a_continuation_that_shows_as_refused_at_the_first_question_goes_back_once_with_the_question() -> None:
    play = Play().listening().response("r1").response("r2").do(RoomLost(ticket=1, reason="gone")).join().agent()
    play.key(True).key(False).user("And then?", final=True)
    error(play, Code.INVALID_REQUEST)
    assert [e.continuation.response_id for e in play.those(FetchGrant)] == ["r1"]
    assert play.those(FailTurn) == []
    assert play.join().agent().those(SendKept) == [SendKept(ticket=3, again=True)]
    assert error(play, Code.INVALID_REQUEST).those(FetchGrant) == []
