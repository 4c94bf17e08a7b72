"""A connection that is lost, as the window shows it: seconds, one button, and words that are kept and sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.domain.audio import Devices
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    DevicesChanged,
    MicrophoneFailed,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
    ServiceErrorReceived,
)
from mka1_desktop.viewmodels.talk import TalkLook
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_frame import FramePlay
from tests.fakes.fake_rooms import FakeRoom

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

OFFLINE = AppError(Code.OFFLINE)
FAILED = Trouble(Code.SERVICE_UNAVAILABLE, service="llm")


@pytest.fixture
async def frame(qapp: QApplication, qtbot: QtBot) -> AsyncIterator[FramePlay]:
    async with DeskPlay() as play:
        frame = FramePlay(play, qapp, qtbot)
        yield frame
        await frame.close()


async def lose(frame: FramePlay, *, failures: int) -> None:
    """The room is gone, and so many new ones cannot be had."""
    frame.play.api.failures.extend([OFFLINE] * failures)
    await frame.play.hear(RoomLost(ticket=frame.play.room.ticket, reason="signal_close"))


async def come_back(frame: FramePlay) -> FakeRoom:
    """The room that is being made listens."""
    await frame.play.hear(AgentJoined(ticket=frame.play.room.ticket, identity="agent"))
    return frame.play.room


def seconds(frame: FramePlay) -> str:
    frame.glue.presenter.render()  # what its timer does
    return frame.glue.models.window.status.view.time_text


# --- the connection ------------------------------------------------------------------------------------------------


async def test_the_seconds_count_from_the_loss_through_every_attempt(frame: FramePlay) -> None:
    room = await frame.play.live()
    frame.play.api.failures.extend([OFFLINE] * 9)
    await frame.play.hear(RoomResuming(ticket=room.ticket))
    assert seconds(frame) == "0 s"
    await frame.play.clock.advance(2.0)
    assert seconds(frame) == "2 s"
    await frame.play.hear(RoomLost(ticket=room.ticket, reason="gone"))
    await frame.play.clock.advance(4.0)
    assert seconds(frame) == "6 s"
    assert frame.glue.models.window.status.view.word == "Connection lost, trying again"
    assert frame.glue.models.window.head.view.shown_link == "Reconnecting 6 s"


async def test_a_room_without_its_assistant_does_not_begin_the_count_anew(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=2)
    await frame.play.clock.advance(2.0)
    await frame.play.clock.advance(2.0)  # joined by now; nobody is there yet
    await frame.play.hear(RoomLost(ticket=frame.play.room.ticket, reason="gone again"))
    frame.play.api.failures.extend([OFFLINE] * 9)
    await frame.play.clock.advance(1.0)
    assert seconds(frame) in ("", "5 s")
    await come_back(frame)
    frame.play.api.failures.clear()


async def test_a_connection_that_was_back_begins_the_count_anew(frame: FramePlay) -> None:
    room = await frame.play.live()
    await frame.play.hear(RoomResuming(ticket=room.ticket))
    await frame.play.clock.advance(3.0)
    await frame.play.hear(RoomResumed(ticket=room.ticket))
    await frame.play.clock.advance(9.0)
    await frame.play.hear(RoomResuming(ticket=room.ticket))
    assert seconds(frame) == "0 s"


async def test_a_break_of_less_than_a_second_shows_no_notice(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=1)
    assert frame.notice == ""
    await frame.play.clock.advance(0.9)
    frame.glue.presenter.render()
    assert frame.notice == ""
    await frame.play.clock.advance(0.1)  # the next room
    await come_back(frame)
    await frame.play.clock.advance(5.0)
    assert frame.notice == ""


async def test_a_longer_break_says_why(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=2)
    await frame.play.clock.advance(1.5)
    frame.glue.presenter.render()
    assert frame.notice.startswith("MKA1 cannot be reached.")
    assert frame.notice_button == "", "the button for it stands beside the state"
    await frame.play.clock.advance(3.0)
    await come_back(frame)
    assert frame.notice == ""


@pytest.mark.parametrize("broken", [RoomResuming, RoomSilent])
async def test_try_now_begins_another_room_beside_one_that_is_unwell(
    frame: FramePlay, broken: type[RoomResuming] | type[RoomSilent]
) -> None:
    room = await frame.play.live()
    await frame.play.hear(broken(ticket=room.ticket))
    assert len(frame.play.api.asked) == 1
    await frame.click("Try now")
    assert len(frame.play.api.asked) == 2, "at once, no time has passed"
    assert room.left == 0, "the one that may come back is not left yet"
    await come_back(frame)
    assert room.left == 1
    assert seconds(frame) == ""


async def test_try_now_cuts_the_wait_for_the_next_attempt(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=3)
    await frame.play.clock.advance(5.0)  # the next attempt is at 12 s
    asked = len(frame.play.api.asked)
    await frame.click("Try now")
    assert len(frame.play.api.asked) == asked + 1
    assert seconds(frame) == "5 s", "another attempt is the same loss"


# --- what is typed -------------------------------------------------------------------------------------------------


async def test_what_is_typed_waits_in_sight_and_goes_out_once(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=1)
    await frame.type("And a taxi")
    assert frame.turns() == [("And a taxi", "waiting", False)]
    assert frame.desk.report.state()["outbox"] == 1
    await frame.play.clock.advance(1.0)
    room = await come_back(frame)
    await frame.play.clock.advance(1.0)
    assert room.texts == ["And a taxi"]
    assert frame.turns() == [("And a taxi", "sent", False)]
    assert frame.desk.report.state()["outbox"] == 0


async def test_what_waits_in_an_opened_thread_says_when_it_is_sent(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=9)
    await frame.type("And a taxi")
    await settle()
    thread = frame.desk.recorder.thread
    assert thread is not None
    frame.glue.wishes.new_thread()
    frame.play.api.failures.clear()
    frame.glue.wishes.open_thread(thread.id)
    await settle()
    (turn,) = frame.glue.models.turns.turns()
    assert (turn.state, turn.on_hold) == ("waiting", True)
    index = frame.glue.models.turns.index(0)
    assert "Will be sent with the next connection" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    frame.desk.connect()
    await settle()
    (turn,) = frame.glue.models.turns.turns()
    assert not turn.on_hold


async def test_a_failed_text_is_sent_again_in_its_place(frame: FramePlay) -> None:
    room = await frame.play.live()
    await frame.type("Hello")
    await frame.play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=FAILED))
    assert frame.turns() == [("Hello", "failed", True)]
    view = frame.view
    frame.glue.models.turns.flush()
    view.executeDelayedItemsLayout()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.go_on_rect(0).center())
    await settle()
    assert room.texts == ["Hello", "Hello"]
    assert frame.turns() == [("Hello", "sent", False)]


# --- what is said --------------------------------------------------------------------------------------------------


async def test_speech_is_recorded_kept_sent_and_gone(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=1)
    frame.glue.wishes.talk_pressed()
    await settle()
    assert frame.kept_words == "", "nothing has been heard yet"
    assert frame.glue.look() is TalkLook.WAKING
    await frame.keep(unsent_s=3.4)
    assert frame.kept_words == "Recording. It will be sent when the connection is back (4 s)"
    assert frame.glue.look() is TalkLook.RECORDING
    assert frame.window.composer.talk_button.text() == "Recording 0:03"
    await frame.play.clock.advance(0.5)
    frame.glue.wishes.talk_released()
    await frame.play.clock.advance(0.3)
    assert frame.kept_words == "Will send what you said (4 s)"
    await frame.play.clock.advance(0.3)
    frame.play.room.kept_gate.clear()
    room = await come_back(frame)
    frame.glue.presenter.render()
    assert frame.kept_words == "Sending what you said (4 s)"
    await frame.keep(unsent_s=1.0, recorded_s=3.4)
    assert frame.kept_words == "Sending what you said (1 s)"
    room.kept_gate.set()
    await settle()
    assert frame.kept_words == ""


@pytest.mark.parametrize("sending", [False, True])
async def test_drop_forgets_what_was_said(frame: FramePlay, sending: bool) -> None:
    await frame.play.live()
    await lose(frame, failures=1)
    frame.glue.wishes.talk_pressed()
    await frame.play.clock.advance(0.5)
    frame.glue.wishes.talk_released()
    await frame.play.clock.advance(0.3)
    await frame.keep(unsent_s=12.0)
    if sending:
        await frame.play.clock.advance(0.3)
        frame.play.room.kept_gate.clear()
        await come_back(frame)
        frame.glue.presenter.render()
        assert frame.kept_words == "Sending what you said (12 s)"
    await frame.click("Drop")
    assert frame.kept_words == ""
    assert frame.play.sound.drops == 1
    if not sending:
        await frame.play.clock.advance(0.3)
        await come_back(frame)
        assert frame.play.room.kept_sent == []


async def test_speech_of_a_session_that_failed_rests(frame: FramePlay) -> None:
    await frame.play.live()
    await lose(frame, failures=1)
    frame.glue.wishes.talk_pressed()
    await frame.play.clock.advance(0.5)
    await frame.keep(unsent_s=2.0)
    frame.play.api.failures.append(AppError(Code.KEY_REJECTED))
    await frame.play.clock.advance(0.5)
    assert frame.kept_words == "What you said is kept. It will be sent when you connect again (2 s)"


async def ask_by_voice(frame: FramePlay) -> FakeRoom:
    room = await frame.play.live()
    frame.glue.wishes.talk_pressed()
    await frame.play.clock.advance(0.5)
    frame.glue.wishes.talk_released()
    await frame.play.clock.advance(0.3)
    await frame.play.caption("what is the time", speaker="user", segment="u1", final=True)
    await frame.keep(unsent_s=0.0, recorded_s=2.0)
    return room


@pytest.mark.parametrize("in_place", [False, True])
async def test_a_spoken_question_that_failed_is_sent_again_as_its_recording(frame: FramePlay, in_place: bool) -> None:
    room = await ask_by_voice(frame)
    await frame.play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=FAILED))
    assert frame.turns() == [("what is the time", "failed", True)]
    assert frame.notice_button == "Ask again"
    if in_place:
        frame.view.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(frame.view, Qt.Key.Key_Return)
        await settle()
    else:
        await frame.click("Ask again")
    assert room.kept_sent == [True], "all of it"
    assert frame.turns() == [("what is the time", "final", False)]


async def test_an_answer_ends_the_offer(frame: FramePlay) -> None:
    room = await ask_by_voice(frame)
    await frame.play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=FAILED))
    await frame.type("never mind")
    assert frame.turns()[0] == ("what is the time", "final", False)


async def test_without_a_recording_there_is_nothing_to_repeat(frame: FramePlay) -> None:
    room = await ask_by_voice(frame)
    await frame.keep(unsent_s=0.0)
    await frame.play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=FAILED))
    assert frame.turns() == [("what is the time", "failed", False)]
    assert frame.notice.startswith("The assistant is not available right now.")
    assert frame.notice_button == ""


async def test_a_question_that_could_not_be_heard_marks_no_answered_turn(frame: FramePlay) -> None:
    room = await ask_by_voice(frame)
    await frame.play.caption("Ten.", segment="a1", final=True)
    await frame.keep(unsent_s=0.0, recorded_s=3.0)
    await frame.play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=Trouble(Code.TRANSCRIPTION, service="stt")))
    assert [failed for _, failed, _ in frame.turns()] == ["final", "final"]
    await frame.click("Ask again")
    assert room.kept_sent == [True]


# --- the microphone ------------------------------------------------------------------------------------------------


async def test_a_microphone_that_goes_lets_go_of_the_key(frame: FramePlay) -> None:
    await frame.play.live()
    frame.glue.wishes.talk_pressed()
    await settle()
    assert frame.glue.sending()
    frame.glue.presenter.show_devices(Devices())
    await settle()
    assert not frame.glue.sending()
    assert frame.glue.look() is TalkLook.NO_DEVICE
    await frame.play.clock.advance(6.0)
    assert frame.glue.models.window.status.view.word == "You can type"
    assert frame.window.composer.talk_button.text() == "No microphone"


async def test_an_open_microphone_that_fails_is_said_and_opens_again_when_it_is_back(frame: FramePlay) -> None:
    frame.glue.wishes.set_setting("talk.mode", "open")
    await frame.play.live()
    assert frame.glue.sending()
    frame.desk.controller.post(MicrophoneFailed(trouble=Trouble(Code.DEVICE_GONE)))
    await settle()
    assert not frame.glue.sending()
    assert (frame.notice, frame.notice_button) == ("The sound device was unplugged.", "Choose a device")
    frame.desk.controller.post(DevicesChanged())
    await settle()
    assert frame.glue.sending()
