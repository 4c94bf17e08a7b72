from __future__ import annotations

from dataclasses import replace

import pytest

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentLeft,
    ConnectRequested,
    DevicesChanged,
    Event,
    GrantFailed,
    GrantReady,
    HangUpRequested,
    JoinFailed,
    MicrophoneClosed,
    MicrophoneFailed,
    MicrophoneReady,
    MuteChanged,
    RetryRequested,
    RoomJoined,
    RoomLost,
    RoomResumed,
    RoomResuming,
    ServiceErrorReceived,
    StopRequested,
    Timer,
    TimerFired,
)
from mka1_desktop.session.effects import ClearNotice, FetchGrant, JoinRoom, LeaveRoom, SetMicrophone, Tell
from mka1_desktop.session.state import Connecting, Failed, Idle, Live, Session, Shown
from tests.support.session_play import GRANT, Play

RESPONSE, EARLIER = Continuation(response_id="resp_2"), Continuation(response_id="resp_1")
OFFLINE = Trouble(Code.OFFLINE)


def lose(play: Play, reason: str = "signal_close") -> Play:
    return play.do(RoomLost(ticket=play.ticket, reason=reason))


def refuse(play: Play, code: Code, *, retry_after_s: float | None = None, http_status: int | None = None) -> Play:
    trouble = Trouble(code, retry_after_s=retry_after_s, http_status=http_status)
    return play.do(GrantFailed(ticket=play.ticket, trouble=trouble))


def error(play: Play, code: Code, service: str | None = None) -> Play:
    return play.do(ServiceErrorReceived(ticket=play.ticket, trouble=Trouble(code, service=service)))


def asked_for(play: Play) -> FetchGrant:
    (fetch,) = play.those(FetchGrant)
    return fetch


# --- connecting ----------------------------------------------------------------------------------------------------


def test_a_session_goes_from_a_wish_to_listening() -> None:
    play = Play()
    assert play.shown() is Shown.IDLE
    assert asked_for(play.connect(RESPONSE)) == FetchGrant(ticket=1, continuation=RESPONSE)
    assert play.shown() is Shown.CONNECTING
    assert play.grant().those(JoinRoom) == [JoinRoom(ticket=1, grant=GRANT)]
    assert play.do(RoomJoined(ticket=1)).shown() is Shown.CONNECTING  # nobody is there yet
    assert play.agent().shown() is Shown.GREETING
    assert play.fire(Timer.GREETING_QUIET).shown() is Shown.LISTENING


def test_each_step_is_told_once() -> None:
    play = Play().connect(RESPONSE).join().agent()
    told = [e for e in play.asked if isinstance(e, Tell)]
    assert [t.news for t in told] == ["token", "joined", "agent"]
    assert told[0].continues == RESPONSE


@pytest.mark.parametrize("ready", [Play().connect, Play().greeting, Play().speaking])
def test_a_second_wish_to_connect_changes_nothing(ready: object) -> None:
    assert callable(ready)
    play: Play = ready()
    before = play.session
    assert play.do(ConnectRequested()).session == before
    assert play.effects == ()


def test_facts_of_an_older_ticket_mean_nothing() -> None:
    play = Play().connect().do(RetryRequested())
    before = play.session
    for event in (
        GrantReady(ticket=1, grant=GRANT), GrantFailed(ticket=1, trouble=OFFLINE), RoomJoined(ticket=1),
        JoinFailed(ticket=1, trouble=OFFLINE), RoomLost(ticket=1, reason="x"), GrantReady(ticket=9, grant=GRANT),
    ):  # fmt: skip
        assert play.do(event).session == before
        assert play.effects == ()


def test_a_timer_that_was_replaced_or_cancelled_means_nothing() -> None:
    play = Play().connect().join()
    old = play.session.timers[Timer.AGENT_ABSENT]
    play.agent()
    before = play.session
    assert play.do(TimerFired(timer=Timer.AGENT_ABSENT, serial=old)).session == before
    assert play.do(TimerFired(timer=Timer.GREETING_QUIET, serial=old)).session == before


# --- hanging up ----------------------------------------------------------------------------------------------------

PLACES = ["connect", "greeting", "listening", "thinking", "speaking"]


@pytest.mark.parametrize("place", PLACES)
def test_hanging_up_leaves_the_room_and_makes_late_answers_harmless(place: str) -> None:
    play: Play = getattr(Play(), place)()
    ticket = play.ticket
    play.do(HangUpRequested())
    assert isinstance(play.session.link, Idle)
    assert play.those(LeaveRoom) == [LeaveRoom(ticket=ticket)]
    assert play.those(Tell) == [Tell(news="ended", ticket=ticket, cause="hung up")]
    assert play.running == set()
    assert not play.silent
    late = (GrantReady(ticket=ticket, grant=GRANT), RoomJoined(ticket=ticket), RoomLost(ticket=ticket, reason="x"))
    assert play.do(*late).effects == ()
    assert play.shown() is Shown.IDLE


def test_hanging_up_twice_or_with_nothing_to_hang_up_does_nothing() -> None:
    assert Play().do(HangUpRequested()).effects == ()
    assert Play().listening().do(HangUpRequested()).do(HangUpRequested()).effects == ()


def test_hanging_up_a_failed_session_clears_its_notice() -> None:
    play = refuse(Play().connect(), Code.KEY_REJECTED)
    assert play.shown() is Shown.ERROR
    assert play.do(HangUpRequested()).effects == (ClearNotice(),)
    assert play.shown() is Shown.IDLE


def test_a_new_session_after_the_old_has_a_ticket_of_its_own() -> None:
    play = Play().listening().do(HangUpRequested()).connect()
    assert play.ticket == 3
    assert asked_for(play).ticket == 3


# --- failures before the room --------------------------------------------------------------------------------------


def test_failures_are_tried_again_later_and_later() -> None:
    play, delays = Play().connect(), []
    for _ in range(7):
        refuse(play, Code.OFFLINE)
        assert play.shown() is Shown.RECONNECTING
        assert play.notices == [Code.OFFLINE]
        delays.append((asked_for(play).delay_s, asked_for(play).jitter))
    assert delays == [(0.0, 0.0), (1.0, 0.0), (3.0, 0.0), (8.0, 0.0), (15.0, 0.2), (15.0, 0.2), (15.0, 0.2)]


@pytest.mark.parametrize(("asked_s", "waited_s"), [(0.5, 1.0), (5.0, 5.0), (3600.0, 60.0)])
def test_the_service_says_how_long_to_wait(asked_s: float, waited_s: float) -> None:
    play = refuse(Play().connect(), Code.RATE_LIMITED, retry_after_s=asked_s, http_status=429)
    assert (asked_for(play).delay_s, asked_for(play).jitter) == (waited_s, 0.0)


def test_a_limit_without_a_time_waits_a_second() -> None:
    assert asked_for(refuse(Play().connect(), Code.RATE_LIMITED)).delay_s == 1.0


@pytest.mark.parametrize(
    "code",
    [Code.NO_KEY, Code.KEY_REJECTED, Code.NOT_ALLOWED, Code.BAD_REQUEST, Code.TOO_LARGE, Code.QUOTA, Code.TLS,
     Code.PROXY, Code.ROOM_PROXY, Code.OTHER_IDENTITY, Code.CONTINUATION_REFUSED],
)  # fmt: skip
def test_what_a_person_must_mend_ends_the_session(code: Code) -> None:
    play = refuse(Play().connect(), code)
    assert play.session.link == Failed(trouble=Trouble(code))
    assert play.notices == [code]
    assert play.those(FetchGrant) == []
    assert play.running == set()
    assert play.do(GrantReady(ticket=1, grant=GRANT)).effects == ()


def test_what_is_neither_network_nor_overload_is_given_up_after_three_more_tries() -> None:
    play = Play().connect()
    for _ in range(3):
        assert play.grant().do(JoinFailed(ticket=play.ticket, trouble=Trouble(Code.ROOM_REFUSED))).those(FetchGrant)
    play.grant().do(JoinFailed(ticket=play.ticket, trouble=Trouble(Code.ROOM_REFUSED)))
    assert play.shown() is Shown.ERROR
    assert play.notices == [Code.ROOM_REFUSED]


def test_an_expired_token_is_renewed_once() -> None:
    play = Play().connect().grant().do(JoinFailed(ticket=1, trouble=Trouble(Code.TOKEN_EXPIRED)))
    assert asked_for(play).delay_s == 0.0
    assert play.grant().do(JoinFailed(ticket=2, trouble=Trouble(Code.TOKEN_EXPIRED))).shown() is Shown.ERROR


def test_a_refused_continuation_falls_back_once() -> None:
    play = refuse(Play().connect(RESPONSE, EARLIER), Code.CONTINUATION_REFUSED)
    assert asked_for(play).continuation == EARLIER
    assert refuse(play, Code.CONTINUATION_REFUSED).shown() is Shown.ERROR


def test_the_fallback_outlives_a_failure_of_the_network() -> None:
    play = refuse(Play().connect(RESPONSE, EARLIER), Code.OFFLINE)
    assert asked_for(refuse(play, Code.CONTINUATION_REFUSED)).continuation == EARLIER
    assert asked_for(refuse(play, Code.OFFLINE)).continuation == EARLIER
    assert refuse(play, Code.CONTINUATION_REFUSED).shown() is Shown.ERROR


def test_after_a_lost_room_a_refused_continuation_falls_back_to_the_answer_before() -> None:
    play = Play().listening().response("resp_1").response("resp_2")
    assert asked_for(lose(play)).continuation == RESPONSE
    assert asked_for(refuse(play, Code.CONTINUATION_REFUSED)).continuation == EARLIER


def test_trying_again_after_a_failure_connects_anew() -> None:
    play = refuse(Play().connect(RESPONSE), Code.KEY_REJECTED).do(RetryRequested())
    assert asked_for(play).continuation == RESPONSE
    assert play.effects[0] == ClearNotice()
    assert play.shown() is Shown.CONNECTING


def test_asking_to_try_now_does_not_wait_and_counts_anew() -> None:
    play = Play().connect()
    for _ in range(4):
        refuse(play, Code.OFFLINE)
    assert asked_for(play).delay_s == 8.0
    assert asked_for(play.do(RetryRequested())).delay_s == 0.0
    assert play.shown() is Shown.RECONNECTING
    assert asked_for(refuse(play, Code.OFFLINE)).delay_s == 0.0


# --- continuing ----------------------------------------------------------------------------------------------------


def test_a_chain_goes_on_from_its_newest_response() -> None:
    play = Play().listening().response("resp_1").response("resp_2").response("resp_2")
    assert (play.session.continuation, play.session.earlier) == (RESPONSE, EARLIER)
    assert asked_for(lose(play)).continuation == RESPONSE


def test_a_conversation_goes_on_as_a_conversation_whatever_response_ids_come() -> None:
    conversation = Continuation(conversation_id="conv_1")
    play = Play().listening().response("resp_1", "conv_1").response("resp_2", "conv_1").response("resp_3")
    assert play.session.continuation == conversation
    assert asked_for(lose(play)).continuation == conversation


def test_without_a_response_a_new_room_starts_fresh() -> None:
    assert asked_for(lose(Play().listening())).continuation == NOTHING


# --- a room that breaks --------------------------------------------------------------------------------------------


def test_a_lost_room_is_replaced_at_once_and_the_key_stays_held() -> None:
    play = Play().listening().key(down=True)
    assert lose(play).shown() is Shown.RECONNECTING
    assert play.microphone == [False]
    assert asked_for(play).delay_s == 0.0
    assert play.join().microphone == []  # nobody is there to hear it
    assert [t.news for t in play.those(Tell)] == ["renewed"]
    assert play.agent().microphone == [True]


def test_a_room_that_listened_counts_failures_anew_and_one_that_did_not_goes_on_counting() -> None:
    play = Play().listening()
    assert asked_for(lose(play)).delay_s == 0.0
    assert asked_for(lose(play.join())).delay_s == 1.0
    assert asked_for(lose(play.join())).delay_s == 3.0
    play.join().agent().fire(Timer.SETTLED)
    assert asked_for(lose(play)).delay_s == 0.0


def test_the_sdk_may_resume_in_the_same_room() -> None:
    play = Play().listening().key(down=True).do(RoomResuming(ticket=1))
    assert (play.shown(), play.microphone) == (Shown.RECONNECTING, [False])
    serial = play.session.timers[Timer.RESUME_LIMIT]
    assert play.do(RoomResuming(ticket=1)).session.timers[Timer.RESUME_LIMIT] == serial
    assert play.do(RoomResumed(ticket=1)).microphone == [True]
    assert play.shown() is Shown.LISTENING
    assert Timer.RESUME_LIMIT not in play.running


def test_a_resume_that_takes_too_long_is_given_up_for_a_new_room() -> None:
    play = Play().listening().do(RoomResuming(ticket=1)).fire(Timer.RESUME_LIMIT)
    assert asked_for(play).delay_s == 0.0
    assert play.shown() is Shown.RECONNECTING


def test_talking_and_stopping_do_not_stop_the_watch_over_a_resume() -> None:
    play = Play().speaking().do(RoomResuming(ticket=1)).key(down=True)
    assert Timer.RESUME_LIMIT in play.running
    play = Play().speaking().do(RoomResuming(ticket=1)).do(StopRequested())
    assert Timer.RESUME_LIMIT in play.running


def test_a_person_need_not_wait_for_a_resume() -> None:
    play = Play().listening().do(RoomResuming(ticket=1), RetryRequested())
    assert asked_for(play).ticket == 2


# --- the agent -----------------------------------------------------------------------------------------------------


def test_an_agent_that_does_not_come_is_told_after_ten_seconds_and_replaced_after_twenty() -> None:
    play = Play().connect().join()
    assert play.fire(Timer.AGENT_ABSENT).notices == [Code.AGENT_ABSENT]
    assert play.shown() is Shown.CONNECTING
    play.fire(Timer.AGENT_GONE)
    assert asked_for(play).ticket == 2


def test_an_agent_that_comes_late_clears_the_notice() -> None:
    play = Play().connect().join().fire(Timer.AGENT_ABSENT).agent()
    assert ClearNotice() in play.effects
    assert Timer.AGENT_GONE not in play.running
    assert play.shown() is Shown.GREETING


def test_an_agent_that_leaves_for_good_means_a_new_room() -> None:
    play = Play().listening().do(AgentLeft(ticket=1, identity="somebody"))
    assert play.link.agent == "agent-1"
    assert play.do(AgentLeft(ticket=1, identity="agent-1")).link.agent is None
    assert asked_for(play.fire(Timer.AGENT_GONE)).ticket == 2


def test_an_agent_that_returns_or_is_replaced_goes_on() -> None:
    play = Play().listening().do(AgentLeft(ticket=1, identity="agent-1")).agent("agent-2")
    assert (play.link.agent, play.running & {Timer.AGENT_GONE}) == ("agent-2", set())
    assert play.agent("agent-3").link.agent == "agent-3"
    assert play.agent("agent-3").effects == ()


def test_stopping_does_not_stop_the_watch_over_an_agent_that_left() -> None:
    play = Play().speaking().do(AgentLeft(ticket=1, identity="agent-1")).do(StopRequested())
    assert Timer.AGENT_GONE in play.running


# --- errors in the room --------------------------------------------------------------------------------------------


def test_an_error_of_one_answer_fails_the_turn_and_the_session_stays() -> None:
    play = error(Play().thinking(), Code.TIMEOUT, "llm")
    assert [t.code for t in play.failed_turns] == [Code.TIMEOUT]
    assert play.notices == [Code.TIMEOUT]
    assert play.shown() is Shown.LISTENING


def test_a_refused_key_in_the_room_ends_the_session_with_one_notice() -> None:
    play = error(Play().thinking(), Code.SESSION_AUTH, "llm")
    assert play.shown() is Shown.ERROR
    assert play.notices == [Code.SESSION_AUTH]
    assert len(play.failed_turns) == 1


@pytest.mark.parametrize("code", [Code.INVALID_SESSION, Code.SESSION_AUTH])
def test_a_session_that_could_not_be_confirmed_is_renewed_once(code: Code) -> None:
    play = error(Play().connect().join(), code)
    assert asked_for(play).ticket == 2
    assert error(play.join(), code).shown() is Shown.ERROR
    assert play.notices == [code]


def test_a_session_that_cannot_start_backs_off_three_times() -> None:
    play = Play().connect()
    delays = [asked_for(error(play.join(), Code.SESSION_ERROR)).delay_s for _ in range(3)]
    assert delays == [0.0, 1.0, 3.0]
    assert error(play.join(), Code.SESSION_ERROR).shown() is Shown.ERROR


def test_an_agent_that_cannot_continue_gets_the_answer_before_and_only_once() -> None:
    play = error(Play().connect(RESPONSE, EARLIER).join(), Code.INVALID_REQUEST)
    assert asked_for(play).continuation == EARLIER
    error(play.join(), Code.INVALID_REQUEST)
    assert play.those(FetchGrant) == []
    assert play.notices == [Code.INVALID_REQUEST]


# --- microphone ----------------------------------------------------------------------------------------------------


def test_the_microphone_sends_only_in_a_room_wanted_and_not_muted() -> None:
    play = Play().key(down=True)
    assert play.microphone == []
    assert play.connect().join().microphone == []
    assert play.agent().microphone == [True]
    assert play.do(MuteChanged(muted=True)).microphone == [False]
    assert play.do(MuteChanged(muted=True)).microphone == []
    assert play.do(MuteChanged(muted=False)).microphone == [True]
    assert play.do(HangUpRequested()).microphone == [False]


def test_muting_in_any_state_is_kept_for_the_session() -> None:
    play = Play().do(MuteChanged(muted=True))
    assert play.shown() is Shown.MUTED
    assert play.connect().shown() is Shown.CONNECTING
    assert play.key(down=True).join().agent().fire(Timer.GREETING_QUIET).shown() is Shown.MUTED
    assert SetMicrophone(sending=True) not in play.asked
    assert play.do(MuteChanged(muted=False)).shown() is Shown.LISTENING


def test_a_failing_microphone_is_told_and_the_session_goes_on() -> None:
    play = Play().listening().do(MicrophoneFailed(trouble=Trouble(Code.MIC_DENIED)))
    assert play.notices == [Code.MIC_DENIED]
    assert play.shown() is Shown.LISTENING


@pytest.mark.parametrize("event", [MicrophoneReady(), MicrophoneClosed(), DevicesChanged()])
def test_news_of_devices_decide_nothing(event: Event) -> None:
    play = Play().listening()
    before = play.session
    assert play.do(event).session == before
    assert play.effects == ()


# --- nobody says anything ------------------------------------------------------------------------------------------


def test_a_session_in_which_nobody_says_anything_ends() -> None:
    play = Play(replace(Session(), idle_s=300.0)).listening()
    assert play.fire(Timer.IDLE_END).shown() is Shown.IDLE


def test_a_question_that_is_never_answered_does_not_hold_the_room_for_ever() -> None:
    play = Play().thinking().fire(Timer.THINKING_LONG)
    assert play.shown() is Shown.THINKING
    assert play.fire(Timer.IDLE_END).shown() is Shown.IDLE


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (Idle(), Shown.IDLE), (Connecting(), Shown.CONNECTING), (Connecting(again="x"), Shown.RECONNECTING),
        (Live(), Shown.CONNECTING), (Live(agent="a"), Shown.GREETING),
        (Live(agent="a", resuming=True), Shown.RECONNECTING), (Failed(trouble=OFFLINE), Shown.ERROR),
    ],
)  # fmt: skip
def test_every_link_has_its_word(link: Idle | Connecting | Live | Failed, shown: Shown) -> None:
    assert Session(link=link).shown is shown
