"""A room that is made beside another: races against the SDK's return, renewals ahead of the token's end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    GrantFailed,
    GrantReady,
    HangUpRequested,
    MicrophoneLoud,
    ResponseStarted,
    RetryRequested,
    RoomHeard,
    RoomJoined,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
    Speaker,
    StopRequested,
    TextHandedOver,
    Timer,
)
from mka1_desktop.domain.system_events import NetworkChanged, ProxyChanged, Resumed
from mka1_desktop.session.effects import (
    AnswerCut,
    ClearNotice,
    FetchGrant,
    HandOver,
    HearRoom,
    JoinRoom,
    LearnExpiry,
    LeaveRoom,
    Tell,
)
from mka1_desktop.session.state import Connecting, Failed, Idle, Live, Phase, RenewalMode, Shown
from tests.support.session_play import GRANT, Play

NEW = 2  # ticket of the room that is made beside the first one


def caption(ticket: int, speaker: Speaker, text: str, *, segment: str, final: bool) -> CaptionReceived:
    return CaptionReceived(
        ticket=ticket, segment_id=segment, speaker=speaker, text=text, final=final, channel="event", at_s=0.0
    )


def racing() -> Play:
    """The SDK had its four seconds, and a new room is being asked for."""
    play = Play().listening().response("r1").do(RoomResuming(ticket=1))
    return play.fire(Timer.RESUME_LIMIT)


def renewing(mode: RenewalMode = "ahead") -> Play:
    play = Play().listening().response("r1")
    play.session = replace(play.session, renewal=mode)
    return play.fire(Timer.EXPIRY_NEAR)


def ready(play: Play) -> Play:
    """The room beside is joined and its agent is there."""
    return play.do(
        GrantReady(ticket=NEW, grant=GRANT), RoomJoined(ticket=NEW), AgentJoined(ticket=NEW, identity="agent-2")
    )


# --- races -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [RoomResuming(ticket=1), RoomSilent(ticket=1)])
def test_a_room_that_is_not_well_is_shown_at_once_and_gets_four_seconds(sign: RoomResuming | RoomSilent) -> None:
    play = Play().listening().do(sign)
    assert play.shown() is Shown.RECONNECTING
    assert play.those(FetchGrant) == []
    play.fire(Timer.RESUME_LIMIT)
    assert play.those(FetchGrant) == [FetchGrant(ticket=NEW, continuation=NOTHING)]
    assert play.those(LeaveRoom) == []
    assert play.ticket == 1


def test_the_new_room_that_listens_first_stays() -> None:
    play = ready(racing())
    assert play.ticket == NEW
    assert play.shown() is Shown.LISTENING
    assert play.those(HandOver) == [HandOver(ticket=NEW, before=1)]
    assert play.those(LeaveRoom) == [LeaveRoom(ticket=1)]
    assert [t.news for t in play.those(Tell)] == ["token", "renewed"]
    assert play.those(ClearNotice)
    assert play.do(RoomResumed(ticket=1), RoomLost(ticket=1, reason="late")).effects == ()


@pytest.mark.parametrize("back", [RoomResumed(ticket=1), RoomHeard(ticket=1)])
def test_the_old_room_that_is_back_first_stays(back: RoomResumed | RoomHeard) -> None:
    sign = RoomResuming(ticket=1) if isinstance(back, RoomResumed) else RoomSilent(ticket=1)
    play = Play().listening().do(sign).fire(Timer.RESUME_LIMIT).do(GrantReady(ticket=NEW, grant=GRANT), back)
    assert play.ticket == 1
    assert play.shown() is Shown.LISTENING
    assert LeaveRoom(ticket=NEW) in play.effects
    assert play.session.successor is None
    assert ready(play).ticket == 1


def test_an_old_room_that_is_given_up_leaves_the_attempt_that_runs() -> None:
    play = racing().do(GrantReady(ticket=NEW, grant=GRANT), RoomLost(ticket=1, reason="unknown"))
    assert play.ticket == NEW
    assert isinstance(play.session.link, Connecting)
    assert play.those(FetchGrant) == []
    play.do(RoomJoined(ticket=NEW), AgentJoined(ticket=NEW, identity="a"))
    assert play.shown() is Shown.LISTENING


def test_an_attempt_that_fails_is_made_again_later_and_later_while_the_sdk_goes_on() -> None:
    play, delays = racing(), []
    for ticket in range(NEW, NEW + 6):
        play.do(GrantFailed(ticket=ticket, trouble=Trouble(Code.OFFLINE)))
        (fetch,) = play.those(FetchGrant)
        delays.append((fetch.delay_s, fetch.jitter))
    assert delays == [(0.0, 0.0), (1.0, 0.0), (3.0, 0.0), (8.0, 0.0), (15.0, 0.2), (15.0, 0.2)]
    assert isinstance(play.session.link, Live)
    assert play.do(RoomResumed(ticket=1)).shown() is Shown.LISTENING


def test_what_the_person_must_mend_ends_a_race_at_once() -> None:
    play = racing().do(GrantFailed(ticket=NEW, trouble=Trouble(Code.KEY_REJECTED)))
    assert isinstance(play.session.link, Failed)
    assert {e.ticket for e in play.those(LeaveRoom)} == {1, NEW}


def test_a_room_beside_whose_agent_does_not_come_becomes_the_only_one_after_ten_seconds() -> None:
    play = racing().do(GrantReady(ticket=NEW, grant=GRANT), RoomJoined(ticket=NEW))
    play.fire(Timer.OVERLAP_LATE).fire(Timer.OVERLAP_END)
    assert play.ticket == NEW
    assert play.those(LeaveRoom) == [LeaveRoom(ticket=1)]
    assert Timer.AGENT_ABSENT in play.running


@pytest.mark.parametrize("event", [RetryRequested(), NetworkChanged(up=True, route_changed=True), ProxyChanged()])
def test_a_wish_or_the_network_cuts_the_wait(event: RetryRequested | NetworkChanged | ProxyChanged) -> None:
    play = Play().listening().do(RoomResuming(ticket=1)).do(event)
    assert [(e.ticket, e.delay_s) for e in play.those(FetchGrant)] == [(NEW, 0.0)]
    again = racing().do(GrantFailed(ticket=NEW, trouble=Trouble(Code.OFFLINE)), event)
    assert again.those(FetchGrant)[-1].delay_s == 0.0


def test_after_a_sleep_nobody_waits_for_the_old_room_to_show_that_it_is_dead() -> None:
    play = Play().listening().do(Resumed(slept_s=60.0))
    assert play.shown() is Shown.RECONNECTING
    assert len(play.those(FetchGrant)) == 1
    assert Play().listening().do(Resumed(slept_s=1.0)).those(FetchGrant) == []


def test_news_of_the_network_start_nothing_while_nobody_wants_a_session() -> None:
    for play in (Play(), Play().listening()):
        assert play.do(NetworkChanged(up=True, route_changed=True)).those(FetchGrant) == []


def test_hanging_up_leaves_both_rooms() -> None:
    play = racing().do(GrantReady(ticket=NEW, grant=GRANT), RoomJoined(ticket=NEW), HangUpRequested())
    assert isinstance(play.session.link, Idle)
    assert {e.ticket for e in play.those(LeaveRoom)} == {1, NEW}
    assert ready(play).those(HandOver) == []


# --- renewals --------------------------------------------------------------------------------------------------------


def test_a_renewal_waits_for_a_pause_of_both_sides() -> None:
    play = Play().listening()
    play.session = replace(play.session, renewal="ahead")
    play.user("Tell me", final=True).words("Once", segment="a1").sound().fire(Timer.EXPIRY_NEAR)
    assert Timer.PAUSE not in play.session.timers
    play.words("Once upon a time.", segment="a1", final=True).sound(False).state(AgentState.LISTENING)
    assert Timer.PAUSE in play.session.timers
    play.user("And", final=False)
    assert Timer.PAUSE not in play.session.timers


def test_in_the_pause_a_room_is_made_and_takes_over_without_a_gap() -> None:
    play = renewing().fire(Timer.PAUSE)
    assert play.those(FetchGrant) == [FetchGrant(ticket=NEW, continuation=Continuation(response_id="r1"))]
    assert play.shown() is Shown.LISTENING
    play = ready(play)
    assert [e for e in play.effects if isinstance(e, JoinRoom | HandOver | LeaveRoom)] == [
        JoinRoom(ticket=NEW, grant=GRANT, quiet=True), HandOver(ticket=NEW, before=1), LeaveRoom(ticket=1),
    ]  # fmt: skip
    assert (play.ticket, play.shown()) == (NEW, Shown.LISTENING)


def test_at_95_percent_it_begins_in_any_case_and_the_old_room_speaks_to_its_end() -> None:
    play = Play().speaking()
    play.session = replace(play.session, renewal="ahead")
    play.fire(Timer.EXPIRY_NEAR).fire(Timer.EXPIRY_CLOSE)
    assert len(play.those(FetchGrant)) == 1
    play = ready(play)
    assert play.those(LeaveRoom) == []
    assert (play.ticket, play.shown()) == (NEW, Shown.SPEAKING)
    play.do(caption(1, "agent", "It is ten o'clock.", segment="a1", final=True), AgentSoundStopped(ticket=1, at_s=1.0))
    assert play.shown() is Shown.LISTENING
    play.fire(Timer.LEAVING_QUIET)
    assert play.those(LeaveRoom) == [LeaveRoom(ticket=1)]
    assert play.session.leaving is None


def test_an_answer_that_is_due_is_waited_for_in_the_old_room() -> None:
    play = Play().thinking()
    play.session = replace(play.session, renewal="ahead")
    play = ready(play.fire(Timer.EXPIRY_NEAR).fire(Timer.EXPIRY_CLOSE))
    assert play.shown() is Shown.THINKING
    play.do(ResponseStarted(ticket=1, response_id="r9", conversation_id=None), AgentSoundStarted(ticket=1, at_s=0.0))
    assert play.shown() is Shown.SPEAKING
    assert play.session.continuation == Continuation(response_id="r9")
    play.do(AgentSoundStopped(ticket=1, at_s=1.0), caption(1, "agent", "Ten.", segment="a", final=True))
    play.do(AgentStateChanged(ticket=1, state=AgentState.LISTENING))
    assert play.those(LeaveRoom) == [LeaveRoom(ticket=1)]


def leaving() -> Play:
    play = Play().speaking()
    play.session = replace(play.session, renewal="ahead")
    return ready(play.fire(Timer.EXPIRY_NEAR).fire(Timer.EXPIRY_CLOSE))


def test_a_long_answer_is_left_at_a_pause_after_seven_seconds_and_cut_after_ten() -> None:
    at_pause = leaving().fire(Timer.OVERLAP_LATE).do(AgentSoundStopped(ticket=1, at_s=1.0))
    assert at_pause.effects == (LeaveRoom(ticket=1),)
    cut = leaving().fire(Timer.OVERLAP_LATE).fire(Timer.OVERLAP_END)
    assert cut.effects == (AnswerCut(), LeaveRoom(ticket=1))


@pytest.mark.parametrize("event", [StopRequested(), TextHandedOver(key="k")])
def test_the_person_cuts_the_old_room_off(event: StopRequested | TextHandedOver) -> None:
    assert {AnswerCut(), LeaveRoom(ticket=1)} <= set(leaving().do(event).effects)
    assert {AnswerCut(), LeaveRoom(ticket=1)} <= set(leaving().key(True).effects)


def test_no_room_takes_over_in_mid_word() -> None:
    play = renewing().fire(Timer.PAUSE)
    play.key(True)
    play = ready(play)
    assert play.ticket == 1
    assert play.do(MicrophoneLoud(loud=False)).ticket == NEW
    forced = renewing().fire(Timer.PAUSE).key(True)
    assert ready(forced).fire(Timer.OVERLAP_LATE).ticket == NEW


def test_a_chain_that_went_on_meanwhile_is_renewed_from_its_newest_answer() -> None:
    play = renewing().fire(Timer.PAUSE)
    play.user("One more", final=True).response("r2").words("Yes.", segment="a2", final=True)
    play.state(AgentState.LISTENING)
    play = ready(play)
    assert play.ticket == 1
    assert play.those(FetchGrant) == [FetchGrant(ticket=3, continuation=Continuation(response_id="r2"))]


def test_a_renewal_that_fails_ends_nothing_and_shows_nothing() -> None:
    play = renewing().fire(Timer.PAUSE).do(GrantFailed(ticket=NEW, trouble=Trouble(Code.KEY_REJECTED)))
    assert play.shown() is Shown.LISTENING
    assert play.notices == []
    assert play.those(FetchGrant) == []


@pytest.mark.parametrize(("mode", "due"), [("auto", False), ("ahead", True), ("on_disconnect", False)])
def test_the_setting_decides(mode: RenewalMode, due: bool) -> None:
    assert (Timer.PAUSE in renewing(mode).session.timers) == due


def test_a_forced_end_near_the_token_s_end_is_learnt_once_and_renewed_ahead_from_then_on() -> None:
    play = Play().listening().fire(Timer.EXPIRY_NEAR).do(RoomLost(ticket=1, reason="participant_removed"))
    assert play.those(LearnExpiry) == [LearnExpiry()]
    play.join().agent().fire(Timer.SETTLED).fire(Timer.EXPIRY_NEAR)
    assert Timer.PAUSE in play.session.timers
    assert play.do(RoomLost(ticket=play.ticket, reason="again")).those(LearnExpiry) == []


def test_an_end_at_any_other_time_teaches_nothing() -> None:
    assert Play().listening().do(RoomLost(ticket=1, reason="x")).those(LearnExpiry) == []
    late = Play().listening().fire(Timer.EXPIRY_NEAR).fire(Timer.EXPIRY_CLOSE).fire(Timer.EXPIRY_PAST)
    assert late.do(RoomLost(ticket=1, reason="x")).those(LearnExpiry) == []


def test_what_was_learnt_in_an_earlier_run_comes_with_the_token() -> None:
    play = Play().connect().do(GrantReady(ticket=1, grant=GRANT, ends=True), RoomJoined(ticket=1)).agent()
    play.fire(Timer.GREETING_QUIET).fire(Timer.EXPIRY_NEAR)
    assert Timer.PAUSE in play.session.timers


def test_being_silent_for_ten_minutes_ends_a_session_however_often_its_room_changed() -> None:
    play = Play().listening()
    serial = play.session.timers[Timer.IDLE_END]
    play.do(RoomLost(ticket=1, reason="x")).join().agent()
    assert play.session.timers[Timer.IDLE_END] == serial
    assert isinstance(play.fire(Timer.IDLE_END).session.link, Idle)


# --- a second greeting -----------------------------------------------------------------------------------------------


def renewed() -> Play:
    """A room that took the place of a lost one; its agent is there."""
    return Play().listening().response("r1").do(RoomLost(ticket=1, reason="gone")).join().agent()


def test_a_renewed_room_listens_at_once_and_its_greeting_moves_nothing() -> None:
    play = renewed()
    assert play.shown() is Shown.LISTENING
    play.state(AgentState.SPEAKING).response("greeting").words("Hello again!", segment="g1").sound()
    assert play.shown() is Shown.LISTENING
    assert play.those(HearRoom) == []
    assert play.session.continuation == Continuation(response_id="r1")


@pytest.mark.parametrize("greets", ["to its end", "and goes on", "not at all"])
def test_the_answer_to_the_first_words_is_heard(greets: str) -> None:
    play = renewed()
    if greets != "not at all":
        play.words("Hello", segment="g1").sound()
    if greets == "to its end":
        play.words("Hello!", segment="g1", final=True).sound(False).state(AgentState.LISTENING)
    play.user("What time is it?", final=True)
    assert play.shown() is Shown.THINKING
    if greets != "not at all":
        play.words("Hello! How", segment="g1")  # late words of the greeting
        assert play.shown() is Shown.THINKING
    play.response("r2")
    assert play.those(HearRoom) == [HearRoom(ticket=2)]
    assert play.session.continuation == Continuation(response_id="r2")
    assert play.words("It is ten.", segment="a1").sound().shown() is Shown.SPEAKING


def test_a_text_waits_until_a_greeting_would_have_begun() -> None:
    play = renewed()
    assert not play.session.ready_for_text
    assert play.fire(Timer.SETTLED).session.ready_for_text
    greeted = renewed().words("Hello", segment="g1")
    assert not greeted.session.ready_for_text  # its voice may still begin after the text
    assert greeted.sound().session.ready_for_text
    greeted.do(TextHandedOver(key="k")).state(AgentState.THINKING)
    assert greeted.those(HearRoom) == [HearRoom(ticket=2)]


def test_a_service_without_captions_answers_by_its_voice() -> None:
    play = renewed().sound().sound(False).user("And now?", final=True).sound()
    assert play.those(HearRoom) == [HearRoom(ticket=2)]
    assert play.shown() is Shown.SPEAKING


def test_a_first_room_that_is_lost_before_anybody_came_still_greets() -> None:
    play = Play().connect().join().do(RoomLost(ticket=1, reason="gone")).join().agent()
    assert play.link.phase is Phase.GREETING
    assert play.link.hush is None
