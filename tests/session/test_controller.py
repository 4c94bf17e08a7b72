from __future__ import annotations

from itertools import groupby, pairwise

import pytest

from mka1_desktop.domain.conversation import NOTHING, Continuation, Item
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentSoundStarted,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    HangUpRequested,
    MuteChanged,
    RetryRequested,
    RoomEvent,
    RoomLost,
    RoomResumed,
    RoomResuming,
    ServiceErrorReceived,
    StopRequested,
    TalkChanged,
)
from mka1_desktop.session.state import Connecting, Failed, Idle, Live, Shown
from tests.fakes.fake_rooms import FakeRoom
from tests.fakes.session_desk import AGENT, Desk

STOP, HANG_UP = StopRequested(), HangUpRequested()


def states(desk: Desk, key: str) -> str:
    return next(e.state for e in desk.controller.dialogue.entries if e.key == key)


# --- a conversation ------------------------------------------------------------------------------------------------


async def test_a_spoken_question_and_its_answer(desk: Desk) -> None:
    await desk.listening()
    await desk.post(TalkChanged(open=True))
    assert desk.sending()
    await desk.caption("What time is it?", speaker="user", segment="u", final=True)
    await desk.post(TalkChanged(open=False))
    assert not desk.sending()
    await desk.response("resp_1")
    await desk.sound_on()
    await desk.caption("It is ten.", segment="a", final=True)
    await desk.clock.advance(1.0)
    await desk.sound_off()
    await desk.clock.advance(1.0)
    assert desk.shown() is Shown.LISTENING
    assert desk.texts() == [("user", "What time is it?"), ("assistant", "It is ten.")]
    assert desk.controller.dialogue.entries[-1].response_id == "resp_1"
    assert desk.seen.shown == [
        Shown.CONNECTING, Shown.GREETING, Shown.LISTENING, Shown.THINKING, Shown.SPEAKING, Shown.LISTENING,
    ]  # fmt: skip
    assert desk.seen.notices == []


async def test_watchers_see_turns_before_the_state_that_follows_from_them(desk: Desk) -> None:
    await desk.listening()
    await desk.caption("Hi", speaker="user", segment="u", final=True)
    assert [e.text for e in desk.seen.entries.values()] == ["Hi"]
    assert [r.final for r in desk.seen.records] == [True]


async def test_what_a_room_says_before_its_join_is_known_is_held_and_not_lost(desk: Desk) -> None:
    def early(ticket: int) -> tuple[RoomEvent, ...]:
        greeting = CaptionReceived(
            ticket=ticket, segment_id="g", speaker="agent", text="Hello.", final=True, channel="event", at_s=0.0
        )
        return AgentJoined(ticket=ticket, identity=AGENT), AgentSoundStarted(ticket=ticket, at_s=0.0), greeting

    desk.rooms.early = early
    desk.rooms.gate.clear()
    desk.controller.connect()
    await desk.settle()
    assert desk.shown() is Shown.CONNECTING
    assert desk.texts() == []
    desk.rooms.gate.set()
    await desk.settle()
    assert desk.shown() is Shown.GREETING
    assert desk.texts() == [("assistant", "Hello.")]
    assert desk.link(Live).agent == AGENT


async def test_captions_without_a_final_flag_are_closed_once_nothing_moves(desk: Desk) -> None:
    await desk.listening()
    await desk.caption("What time", speaker="user", segment="u")
    await desk.clock.advance(4.0)
    assert [e.final for e in desk.controller.dialogue.entries] == [False]
    await desk.clock.advance(2.0)
    assert [e.final for e in desk.controller.dialogue.entries] == [True]
    await desk.caption("It is ten", segment="a")
    await desk.clock.advance(2.6)
    assert [e.final for e in desk.controller.dialogue.entries] == [True, True]
    assert [r.final for r in desk.seen.records] == [False, True, False, True]


async def test_captions_stay_open_while_the_voice_speaks(desk: Desk) -> None:
    await desk.listening()
    await desk.sound_on()
    await desk.caption("It is ten", segment="a")
    await desk.clock.advance(10.0)
    assert [e.final for e in desk.controller.dialogue.entries] == [False]
    await desk.sound_off()
    await desk.clock.advance(1.0)
    assert [e.final for e in desk.controller.dialogue.entries] == [True]


# --- stop and barge-in ---------------------------------------------------------------------------------------------


async def test_stop_silences_without_waiting_and_marks_the_rest(desk: Desk) -> None:
    await desk.listening()
    await desk.caption("Tell me a story.", speaker="user", segment="u", final=True)
    await desk.sound_on()
    await desk.caption("Once upon a time there was a king.", segment="a", final=True)
    await desk.clock.advance(1.0)
    now_s = desk.clock.monotonic()
    await desk.post(STOP)
    assert desk.silent()
    assert desk.clock.monotonic() == now_s
    story = desk.controller.dialogue.entries[-1]
    assert (story.state, story.heard_text) == ("interrupted", "Once upon a time")
    assert desk.shown() is Shown.INTERRUPTED
    await desk.clock.advance(4.0)
    assert desk.shown() is Shown.LISTENING
    await desk.post(HANG_UP)
    assert not desk.silent()


async def test_stop_while_it_thinks_leaves_the_answer_before_as_it_was(desk: Desk) -> None:
    await desk.listening()
    await desk.sound_on()
    await desk.caption("It is ten.", segment="a", final=True)
    await desk.clock.advance(1.0)
    await desk.sound_off()
    await desk.clock.advance(1.0)
    await desk.post(TalkChanged(open=True))
    await desk.post(TalkChanged(open=False), STOP)
    assert [e.state for e in desk.controller.dialogue.entries] == ["final"]


async def test_speaking_over_the_voice_is_remembered_until_it_ends(desk: Desk) -> None:
    await desk.listening()
    await desk.caption("A story.", speaker="user", segment="u", final=True)
    await desk.sound_on()
    await desk.caption("Once upon a time there was a king who had three sons.", segment="a", final=True)
    await desk.clock.advance(1.0)
    await desk.caption("Wait", speaker="user", segment="u2")
    await desk.sound_off()
    cut = desk.controller.dialogue.entries[1]
    assert cut.state == "interrupted"
    assert cut.heard_text == "Once upon a time"


# --- typed text ----------------------------------------------------------------------------------------------------


async def test_a_text_connects_waits_for_the_agent_and_is_sent_once(desk: Desk) -> None:
    entry = desk.controller.say("  What time is it?  ")
    assert (entry.text, entry.state) == ("What time is it?", "waiting")
    await desk.settle()
    assert desk.room.texts == []
    assert desk.controller.outbox == 1
    await desk.hear(AgentJoined(ticket=1, identity=AGENT))
    assert desk.room.texts == ["What time is it?"]
    assert states(desk, entry.key) == "sent"
    assert desk.shown() is Shown.THINKING
    await desk.response("resp_1")
    assert states(desk, entry.key) == "final"


async def test_texts_go_out_in_order_and_once_whatever_happens_meanwhile(desk: Desk) -> None:
    room = await desk.listening()
    room.send_gate.clear()
    keys = [desk.controller.say(text).key for text in ("one", "two", "three")]
    for word in ("a", "b", "c"):
        await desk.caption(word, segment=word)  # events while the first is being sent
    assert room.texts == []
    room.send_gate.set()
    await desk.settle()
    assert room.texts == ["one", "two", "three"]
    assert {states(desk, key) for key in keys} == {"sent"}


async def test_an_answer_in_words_alone_also_means_that_the_text_arrived(desk: Desk) -> None:
    await desk.listening()
    entry = desk.controller.say("What time is it?")
    await desk.settle()
    await desk.caption("It is ten.", segment="a", final=True)
    assert states(desk, entry.key) == "final"


async def test_a_text_whose_room_is_lost_before_it_answers_can_be_sent_again(desk: Desk) -> None:
    await desk.listening()
    entry = desk.controller.say("What time is it?")
    await desk.hear(AgentStateChanged(ticket=1, state=AgentState.THINKING))
    assert states(desk, entry.key) == "final"
    await desk.hear(RoomLost(ticket=1, reason="gone"))
    await desk.hear(AgentJoined(ticket=2, identity=AGENT))
    await desk.clock.advance(1.0)
    assert (states(desk, entry.key), desk.room.texts) == ("failed", []), "never by itself"
    desk.controller.say_again(entry.key)
    await desk.settle()
    assert desk.room.texts == ["What time is it?"]


@pytest.mark.parametrize("end", ["answered", "hung up"])
async def test_an_answered_text_and_one_that_was_hung_up_on_stay_as_they_are(desk: Desk, end: str) -> None:
    await desk.listening()
    entry = desk.controller.say("What time is it?")
    await desk.hear(AgentStateChanged(ticket=1, state=AgentState.THINKING))
    if end == "answered":
        await desk.caption("It is", segment="a")
        await desk.hear(RoomLost(ticket=1, reason="gone"))
    else:
        await desk.post(HANG_UP)
    assert states(desk, entry.key) == "final"


async def test_a_text_that_cannot_be_sent_is_told_and_may_be_sent_again(desk: Desk) -> None:
    room = await desk.listening()
    room.send_failures.append(AppError(Code.TEXT_NOT_SENT))
    entry = desk.controller.say("What time is it?")
    await desk.settle()
    assert states(desk, entry.key) == "failed"
    assert [t.code for t in desk.seen.notices] == [Code.TEXT_NOT_SENT]
    assert room.texts == []
    desk.controller.say_again(entry.key)
    await desk.settle()
    assert room.texts == ["What time is it?"]
    assert states(desk, entry.key) == "sent"
    desk.controller.say_again(entry.key)
    await desk.settle()
    assert room.texts == ["What time is it?"]


async def test_texts_that_wait_when_the_room_is_lost_go_to_the_next_one(desk: Desk) -> None:
    room = await desk.listening()
    room.send_gate.clear()
    room.send_failures.append(AppError(Code.TEXT_NOT_SENT))
    first, second = desk.controller.say("one"), desk.controller.say("two")
    await desk.settle()
    await desk.hear(RoomLost(ticket=1, reason="gone"))
    room.send_gate.set()
    await desk.settle()
    assert states(desk, first.key) == "sent"  # it may have arrived, or not
    assert states(desk, second.key) == "waiting"
    await desk.hear(AgentJoined(ticket=2, identity=AGENT))
    assert desk.room.texts == []  # a second greeting may still begin
    await desk.clock.advance(1.0)
    assert states(desk, first.key) == "unsure"
    assert desk.room.texts == ["two"]


async def test_no_text_goes_out_while_the_room_resumes(desk: Desk) -> None:
    room = await desk.listening()
    await desk.hear(RoomResuming(ticket=1))
    desk.controller.say("one")
    await desk.settle()
    assert room.texts == []
    await desk.hear(RoomResumed(ticket=1))
    assert room.texts == ["one"]


async def test_a_text_of_one_thread_never_goes_into_another(desk: Desk) -> None:
    desk.api.gate.clear()
    desk.controller.say("a secret of this thread")
    await desk.settle()
    desk.controller.hang_up_now()
    desk.controller.open_thread((), continuation=NOTHING)
    desk.api.gate.set()
    room = await desk.listening()
    assert room.texts == []
    assert desk.controller.outbox == 0


@pytest.mark.parametrize(("text", "code"), [("  ", Code.TEXT_EMPTY), ("ä" * 6001, Code.TEXT_TOO_LONG)])
async def test_a_text_that_cannot_be_said_is_refused_at_once(desk: Desk, text: str, code: Code) -> None:
    with pytest.raises(AppError) as refused:
        desk.controller.say(text)
    assert refused.value.code is code
    assert desk.controller.dialogue.entries == ()


async def test_an_error_of_the_service_fails_the_text_that_waits_for_an_answer(desk: Desk) -> None:
    await desk.listening()
    entry = desk.controller.say("What time is it?")
    await desk.settle()
    trouble = Trouble(Code.TIMEOUT, service="llm", message="slow")
    await desk.hear(ServiceErrorReceived(ticket=1, trouble=trouble))
    assert states(desk, entry.key) == "failed"
    assert desk.texts()[-1] == ("notice", trouble.sentence)
    assert desk.seen.failed_turns == [trouble]
    assert desk.seen.notices == [trouble]
    assert desk.shown() is Shown.LISTENING


# --- the way back --------------------------------------------------------------------------------------------------


async def test_a_lost_room_resumes_the_thread_and_keeps_the_talk_key_held(desk: Desk) -> None:
    first = await desk.listening()
    await desk.response("resp_7")
    await desk.post(TalkChanged(open=True))
    await desk.hear(RoomLost(ticket=1, reason="token expired"))
    assert first.left == 1
    assert desk.asked == [NOTHING, Continuation(response_id="resp_7")]
    assert desk.rooms.joined == ["t1", "t2"]
    assert desk.seen.told[-1].news == "renewed"
    await desk.hear(AgentJoined(ticket=2, identity=AGENT))
    assert [told for told, _ in groupby(desk.sound.told)] == [True, False, True]


async def test_new_rooms_are_asked_for_at_once_then_after_1_3_8_and_about_15_seconds(desk: Desk) -> None:
    await desk.listening()
    for _ in range(8):
        desk.api.failures.append(AppError(Code.OFFLINE))
    began_s = desk.clock.monotonic()
    asked_s: list[float] = []
    await desk.hear(RoomLost(ticket=1, reason="gone"))
    while len(asked_s) < 7:
        while len(desk.api.asked) - 1 > len(asked_s):
            asked_s.append(desk.clock.monotonic() - began_s)
        await desk.clock.advance(0.25)
    gaps = [later - earlier for earlier, later in pairwise(asked_s)]
    assert asked_s[0] == 0
    assert gaps[:3] == pytest.approx([1.0, 3.0, 8.0], abs=0.26)
    assert all(12.0 - 0.26 <= gap <= 18.0 + 0.26 for gap in gaps[3:])
    assert desk.shown() is Shown.RECONNECTING


async def test_the_time_that_the_service_asks_for_is_waited(desk: Desk) -> None:
    desk.api.failures.append(AppError(Code.RATE_LIMITED, http_status=429, retry_after_s=7.0))
    desk.controller.connect()
    await desk.clock.advance(6.9)
    assert len(desk.api.asked) == 1
    await desk.clock.advance(0.2)
    assert len(desk.api.asked) == 2
    assert desk.rooms.joined == ["t1"]


async def test_an_impatient_person_does_not_wait(desk: Desk) -> None:
    desk.api.failures.append(AppError(Code.RATE_LIMITED, retry_after_s=5.0))
    desk.controller.connect()
    await desk.settle()
    await desk.post(RetryRequested())
    assert desk.rooms.joined == ["t1"]
    await desk.clock.advance(9.0)
    assert len(desk.api.asked) == 2


@pytest.mark.parametrize("code", [Code.KEY_REJECTED, Code.NOT_ALLOWED, Code.BAD_REQUEST, Code.TOO_LARGE])
async def test_fatal_errors_stop(desk: Desk, code: Code) -> None:
    desk.api.failures.append(AppError(code))
    desk.controller.connect()
    await desk.clock.advance(120.0)
    assert len(desk.api.asked) == 1
    assert desk.link(Failed).trouble.code is code
    assert [t.code for t in desk.seen.notices] == [code]


async def test_a_failed_join_is_tried_again_with_a_new_token(desk: Desk) -> None:
    desk.rooms.failures.append(AppError(Code.TOKEN_EXPIRED))
    desk.controller.connect()
    await desk.settle()
    assert desk.rooms.joined == ["t2"]


async def test_watchdogs_speak_each_at_its_time_and_in_its_own_words(desk: Desk) -> None:
    desk.controller.connect()
    await desk.clock.advance(9.9)
    assert desk.seen.notices == []
    await desk.clock.advance(0.2)
    assert [t.code for t in desk.seen.notices] == [Code.AGENT_ABSENT]
    await desk.hear(AgentJoined(ticket=1, identity=AGENT))
    await desk.clock.advance(1.0)
    await desk.caption("What?", speaker="user", segment="u", final=True)
    await desk.clock.advance(15.1)
    assert [t.code for t in desk.seen.notices[1:]] == [Code.THINKING_LONG]
    await desk.hear(AgentStateChanged(ticket=1, state=AgentState.SPEAKING))
    await desk.clock.advance(2.1)
    assert [t.code for t in desk.seen.notices[2:]] == [Code.SILENT_VOICE]
    assert len({t.sentence for t in desk.seen.notices}) == 3


async def test_the_whole_wait_for_an_agent_is_twenty_seconds(desk: Desk) -> None:
    desk.controller.connect()
    await desk.clock.advance(19.9)
    assert len(desk.api.asked) == 1
    await desk.clock.advance(0.2)
    assert len(desk.api.asked) == 2
    assert desk.rooms.rooms[0].left == 1


async def test_a_session_without_a_word_ends_after_its_idle_time(desk: Desk) -> None:
    room = await desk.listening()
    await desk.clock.advance(599.0)
    desk.link(Live)
    await desk.clock.advance(2.0)
    desk.link(Idle)
    assert room.left == 1


# --- hanging up ----------------------------------------------------------------------------------------------------


async def test_hanging_up_while_a_token_is_asked_for_ends_the_question(desk: Desk) -> None:
    desk.api.gate.clear()
    desk.controller.connect()
    await desk.settle()
    await desk.post(HANG_UP)
    assert desk.api.cancelled == 1
    desk.api.gate.set()
    await desk.clock.advance(60.0)
    assert desk.rooms.joined == []
    desk.link(Idle)


async def test_hanging_up_while_a_retry_waits_ends_the_wait(desk: Desk) -> None:
    desk.api.failures.append(AppError(Code.RATE_LIMITED, retry_after_s=5.0))
    desk.controller.connect()
    await desk.settle()
    await desk.post(HANG_UP)
    await desk.clock.advance(60.0)
    assert len(desk.api.asked) == 1


async def test_hanging_up_while_a_room_is_joined_ends_the_join(desk: Desk) -> None:
    desk.rooms.gate.clear()
    desk.controller.connect()
    await desk.settle()
    await desk.post(HANG_UP)
    assert desk.rooms.cancelled == 1
    desk.rooms.gate.set()
    await desk.settle()
    assert desk.rooms.rooms == []


async def test_a_room_that_joins_too_late_is_left(desk: Desk) -> None:
    desk.rooms.stubborn = True
    desk.rooms.gate.clear()
    desk.controller.connect()
    await desk.settle()
    await desk.post(HANG_UP)
    desk.rooms.gate.set()
    await desk.settle()
    assert [room.left for room in desk.rooms.rooms] == [1]
    assert not desk.room.published
    desk.link(Idle)
    assert desk.controller.runner.seats.newest is None


async def test_hanging_up_leaves_the_room_and_closes_the_microphone(desk: Desk) -> None:
    room = await desk.listening()
    await desk.post(TalkChanged(open=True), HANG_UP)
    assert room.left == 1
    assert not desk.sending()
    assert desk.controller.runner.seats.newest is None
    room.left = 0  # even a room that goes on talking
    await desk.hear(RoomLost(ticket=1, reason="late"))
    desk.link(Idle)
    assert len(desk.api.asked) == 1


async def test_hanging_up_now_is_done_when_it_returns(desk: Desk) -> None:
    await desk.listening()
    desk.controller.hang_up_now()
    desk.link(Idle)


async def test_a_room_that_cannot_be_left_properly_is_no_defect(desk: Desk) -> None:
    room = await desk.listening()
    room.leave_failure = AppError(Code.TIMED_OUT)
    await desk.post(HANG_UP)
    await desk.settle()
    assert desk.defects == []
    await desk.listening()


async def test_a_double_press_of_connect_joins_once(desk: Desk) -> None:
    desk.controller.connect()
    desk.controller.connect()
    await desk.settle()
    desk.controller.connect()
    await desk.settle()
    assert desk.rooms.joined == ["t1"]


# --- the microphone ------------------------------------------------------------------------------------------------


async def test_a_key_held_before_the_room_is_there_opens_the_microphone_once_it_is(desk: Desk) -> None:
    await desk.post(TalkChanged(open=True))
    assert desk.sound.told == []
    await desk.live()
    assert desk.room.published
    assert desk.sending()


async def test_muting_closes_the_microphone_and_unmuting_opens_it_again(desk: Desk) -> None:
    await desk.listening()
    await desk.post(TalkChanged(open=True), MuteChanged(muted=True))
    assert not desk.sending()
    await desk.post(MuteChanged(muted=False))
    assert desk.sending()


async def test_quick_changes_end_with_the_last_wish_and_cut_no_engine_short(desk: Desk) -> None:
    await desk.listening()
    desk.sound.gate.clear()
    for open_ in (True, False, True, False, True):
        await desk.post(TalkChanged(open=open_))
    desk.sound.gate.set()
    await desk.settle()
    assert desk.sending()
    assert desk.sound.cancelled == 0


async def test_a_microphone_that_fails_is_told_and_typing_still_works(desk: Desk) -> None:
    desk.rooms.prepare = no_microphone
    room = await desk.listening()
    assert [t.code for t in desk.seen.notices] == [Code.NO_MICROPHONE]
    desk.sound.failure = AppError(Code.MIC_DENIED)
    await desk.post(TalkChanged(open=True))
    assert [t.code for t in desk.seen.notices] == [Code.NO_MICROPHONE, Code.MIC_DENIED]
    desk.controller.say("Then I type")
    await desk.settle()
    assert room.texts == ["Then I type"]


def no_microphone(room: FakeRoom) -> None:
    room.publish_failure = AppError(Code.NO_MICROPHONE)


async def test_a_voice_that_cannot_be_silenced_is_told_and_no_defect(desk: Desk) -> None:
    await desk.listening()
    await desk.caption("What?", speaker="user", segment="u", final=True)
    await desk.sound_on()
    desk.sound.failure = AppError(Code.NO_SOUND)
    await desk.post(STOP)
    assert [t.code for t in desk.seen.notices] == [Code.NO_SOUND]
    assert desk.defects == []


# --- threads -------------------------------------------------------------------------------------------------------


async def test_an_opened_thread_is_shown_and_gone_on_with(desk: Desk) -> None:
    item = Item(key="k", role="user", source="text", text="Before", state="final", at=1.0)
    desk.controller.open_thread((item,), continuation=Continuation(conversation_id="conv_1"))
    await desk.listening()
    assert desk.texts() == [("user", "Before")]
    assert desk.asked == [Continuation(conversation_id="conv_1")]


async def test_a_thread_whose_newest_answer_is_refused_goes_on_from_the_one_before(desk: Desk) -> None:
    newest, before = Continuation(response_id="r2"), Continuation(response_id="r1")
    desk.controller.open_thread((), continuation=newest, earlier=before)
    desk.api.failures.append(AppError(Code.CONTINUATION_REFUSED))
    await desk.listening()
    assert desk.asked == [newest, before]


async def test_starting_fresh_forgets_where_the_thread_was(desk: Desk) -> None:
    desk.controller.open_thread((), continuation=Continuation(response_id="r2"))
    desk.controller.forget_continuation()
    await desk.listening()
    assert desk.asked == [NOTHING]


async def test_muting_outlives_a_change_of_thread(desk: Desk) -> None:
    await desk.post(MuteChanged(muted=True))
    desk.controller.open_thread((), continuation=NOTHING)
    assert desk.shown() is Shown.MUTED


# --- the end -------------------------------------------------------------------------------------------------------


async def test_stopping_leaves_the_room_and_no_task() -> None:
    async with Desk() as desk:
        room = await desk.listening()
        await desk.post(TalkChanged(open=True))
        await desk.stop()
        assert room.left == 1


async def test_stopping_right_after_hanging_up_still_leaves_the_room() -> None:
    async with Desk() as desk:
        room = await desk.listening()
        desk.controller.hang_up()
        desk.controller.stop()
        await desk.stop()
        assert room.left == 1


async def test_stopping_in_the_middle_of_a_join_that_cannot_be_stopped_leaves_its_room() -> None:
    async with Desk() as desk:
        desk.rooms.stubborn = True
        desk.rooms.gate.clear()
        desk.controller.connect()
        await desk.settle()
        desk.controller.stop()
        await desk.settle()
        desk.rooms.gate.set()
        await desk.stop()
        assert [room.left for room in desk.rooms.rooms] == [1]


@pytest.mark.parametrize("when", ["token", "join", "live"])
async def test_cancelling_leaves_nothing_behind(when: str) -> None:
    async with Desk() as desk:
        if when == "token":
            desk.api.gate.clear()
        if when == "join":
            desk.rooms.gate.clear()
        desk.controller.connect()
        await desk.settle()
        await desk.cancel()
        assert [room.left for room in desk.rooms.rooms] == ([1] if when == "live" else [])


async def test_a_bug_in_a_task_ends_the_run_with_it_and_leaves_the_room() -> None:
    async with Desk() as desk:
        room = await desk.listening()
        desk.controller.defect(ZeroDivisionError("a bug"))
        with pytest.raises(ZeroDivisionError):
            await desk.stop()
        assert room.left == 1


async def test_facts_of_a_room_that_was_left_reach_nobody(desk: Desk) -> None:
    room = await desk.listening()
    await desk.hear(RoomLost(ticket=1, reason="gone"))
    desk.link(Live)
    room.left = 0
    room.emit(AgentJoined(ticket=1, identity="ghost"))
    await desk.settle()
    assert desk.link(Live).agent is None
    assert desk.session.ticket == 2


async def test_connecting_shows_before_anything_answers(desk: Desk) -> None:
    desk.api.gate.clear()
    desk.controller.connect()
    await desk.settle()
    desk.link(Connecting)


async def test_a_greeting_that_the_person_spoke_before_stands_before_their_words(desk: Desk) -> None:
    desk.rooms.prepare = lambda room: room.kept_gate.clear()
    desk.controller.connect()
    await desk.post(TalkChanged(open=True))
    await desk.hear(AgentJoined(ticket=1, identity=AGENT))
    await desk.caption("Hello.", segment="g")  # while what was said is still being sent
    desk.room.kept_gate.set()
    await desk.post(TalkChanged(open=False))
    await desk.caption("What time is it?", speaker="user", segment="u", final=True)
    await desk.response("resp_1")
    await desk.caption("It is ten.", segment="a", final=True)
    assert [e.text for e in desk.controller.dialogue.entries] == ["Hello.", "What time is it?", "It is ten."]
