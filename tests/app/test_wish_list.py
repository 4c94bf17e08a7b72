"""What the person asks for in the window becomes what the desk does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from mka1_desktop.domain.errors import Action, AppError, Code, Trouble
from mka1_desktop.domain.events import AgentSoundStarted, ServiceErrorReceived
from mka1_desktop.viewmodels.status import Phase
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_window import WindowPlay


@pytest.fixture
async def window(qapp: QApplication) -> AsyncIterator[WindowPlay]:
    parent = QObject()
    async with DeskPlay() as play:
        window = WindowPlay(play, parent)
        yield window
        await window.list.close()


# --- talking and text ----------------------------------------------------------------------------------------------


async def test_a_press_while_muted_unmutes(window: WindowPlay) -> None:
    window.wishes.mute_toggled()
    await settle()
    assert window.status() is Phase.MUTED
    window.wishes.talk_pressed()
    window.wishes.talk_released()
    await settle()
    assert not window.desk.session.muted
    assert not window.desk.active, "nothing listens by that"


async def test_a_click_by_a_program_talks_until_the_next_one_in_every_mode(window: WindowPlay) -> None:
    await window.play.live()
    for mode in ("auto", "hold", "toggle"):
        window.wishes.set_setting("talk.mode", mode)
        window.wishes.talk_toggled()
        await window.play.clock.advance(5.0)
        assert window.sending(), mode
        window.wishes.talk_toggled()
        await window.play.clock.advance(1.0)
        assert not window.sending(), mode


async def test_a_click_by_a_program_unmutes(window: WindowPlay) -> None:
    window.wishes.mute_toggled()
    await settle()
    window.wishes.talk_toggled()
    await settle()
    assert not window.desk.session.muted
    assert not window.desk.talker.talk.open


async def test_mute_ends_no_turn_and_an_open_microphone_comes_back(window: WindowPlay) -> None:
    window.wishes.set_setting("talk.mode", "open")
    await window.play.live()
    await window.play.caption("some words", speaker="user", final=True)
    await window.play.caption("an answer", final=True)
    await window.play.clock.advance(5.0)
    assert window.sending()
    window.wishes.mute_toggled()
    await settle()
    assert not window.sending()
    assert window.status() is Phase.MUTED, "nobody is to answer"
    window.wishes.mute_toggled()
    await settle()
    assert window.sending()


async def test_text_is_sent_and_a_bad_one_comes_back(window: WindowPlay) -> None:
    await window.play.live()
    window.wishes.text_submitted("Hello")
    await settle()
    assert window.play.room.texts == ["Hello"]
    window.wishes.text_submitted("x" * 20_000)
    assert window.filled == ["x" * 20_000], "what cannot be sent is back in the box"
    assert window.models.window.notices.view is not None


async def test_the_rest_of_a_cut_answer_can_be_asked_for(window: WindowPlay) -> None:
    await window.play.live()
    window.wishes.text_submitted("Tell me")
    await settle()
    await window.play.hear(AgentSoundStarted(ticket=window.play.room.ticket, at_s=window.play.clock.monotonic()))
    await window.play.caption("one two three four five six seven eight nine ten eleven twelve")
    await window.play.clock.advance(1.0)
    window.wishes.stop()
    await settle()
    (cut,) = [turn for turn in window.models.turns.turns() if turn.interrupted]
    window.list.go_on(cut.key)
    await settle()
    assert window.play.room.texts[-1].startswith("Please go on from here: “… one")
    window.list.go_on("unknown")


# --- notices -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "opened"),
    [
        (Action.EDIT_KEY, "account"),
        (Action.EDIT_SETTINGS, "settings"),
        (Action.CHOOSE_DEVICE, "settings"),
        (Action.OPEN_MIC_SETTINGS, "settings"),
    ],
)
async def test_the_button_of_a_notice_opens_what_helps(window: WindowPlay, action: Action, opened: str) -> None:
    window.desk.notice(Trouble(Code.KEY_REJECTED))
    window.wishes.notice_action(action.value)
    assert window.opened == [opened]
    assert window.models.window.notices.view is None


async def test_the_button_of_a_notice_does_what_it_says(window: WindowPlay) -> None:
    window.wishes.notice_action(Action.RETRY.value)
    await settle()
    assert window.desk.active, "try again begins a session"
    window.wishes.mute_toggled()
    await settle()
    window.wishes.notice_action(Action.UNMUTE.value)
    await settle()
    assert not window.desk.session.muted
    window.wishes.notice_action(Action.FREE_SPACE.value)
    await settle()
    assert window.play.saves == 1
    window.desk.set_setting("talk.mode", "open")
    window.wishes.notice_action(Action.USE_TALK_KEY.value)
    assert window.desk.settings.text("talk.mode") == "auto"
    window.wishes.notice_action("unheard of")


async def test_a_question_without_an_answer_is_asked_again(window: WindowPlay) -> None:
    room = await window.play.live()
    window.wishes.text_submitted("Hello")
    await settle()
    await window.play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=Trouble(Code.SERVICE_UNAVAILABLE)))
    assert window.models.turns.turns()[0].state == "failed"
    window.wishes.notice_action(Action.REPEAT.value)
    await settle()
    assert room.texts == ["Hello", "Hello"]
    assert window.turns() == [("user", "Hello")], "it is the same turn, and the notice is no turn"


# --- copying, threads, settings ------------------------------------------------------------------------------------


async def test_turns_are_copied(window: WindowPlay) -> None:
    await window.play.live()
    window.wishes.text_submitted("Hello")
    await window.play.caption("Good day.", final=True)
    key = window.models.turns.turn(0).key
    window.wishes.copy_turn(key)
    assert QGuiApplication.clipboard().text() == "Hello"
    toast = window.models.window.toasts.view
    assert toast is not None
    assert toast.text == "Copied"
    window.wishes.copy_all()
    assert QGuiApplication.clipboard().text() == "You: Hello\n\nAssistant: Good day."


async def test_threads_are_made_opened_renamed_and_deleted(window: WindowPlay) -> None:
    await window.play.live()
    window.wishes.text_submitted("Hello")
    await settle()
    first = window.desk.recorder.thread
    assert first is not None
    window.wishes.new_thread()
    await settle()
    assert (window.turns(), window.opened) == ([], ["text"])
    assert not window.desk.active
    window.wishes.open_thread(first.id)
    await settle()
    assert window.turns() == [("user", "Hello")]
    assert window.models.window.head.view.title == "Hello"
    window.wishes.rename_thread(first.id, "Greeting")
    await settle()
    assert window.models.window.head.view.title == "Greeting"
    window.list.pin_thread(first.id, True)
    await settle()
    assert (await window.play.history.thread(first.id)).pinned
    window.wishes.search("greet")
    await settle()
    window.wishes.delete_thread(first.id)
    await settle()
    assert window.turns() == []
    assert (await window.play.history.threads()).threads == ()


async def test_an_unknown_thread_becomes_a_notice(window: WindowPlay) -> None:
    window.wishes.open_thread("nowhere")
    await settle()
    assert window.models.window.notices.view is not None


async def test_settings_are_in_force_and_saved_at_once(window: WindowPlay) -> None:
    told: list[str] = []
    window.desk.on_setting = told.append
    window.wishes.set_setting("talk.mode", "toggle")
    assert window.play.settings.saved[-1].text("talk.mode") == "toggle"
    window.wishes.talk_pressed()
    window.wishes.talk_released()
    assert window.desk.talker.talk.latched
    window.wishes.volume_changed(150)
    window.wishes.microphone_chosen("m")
    window.wishes.speaker_chosen("s")
    assert told == ["talk.mode", "audio.volume", "audio.microphone", "audio.speaker"]
    window.wishes.set_setting("audio.volume", 900)
    notice = window.models.window.notices.view
    assert notice is not None
    assert window.desk.settings.number("audio.volume") == 150


async def test_a_setting_that_cannot_be_saved_is_in_force_all_the_same(window: WindowPlay) -> None:
    window.play.settings.failure = AppError(Code.STORE_READ_ONLY)
    window.wishes.set_setting("talk.mode", "hold")
    assert window.desk.talker.settings.mode == "hold"
    assert window.models.window.notices.view is not None


async def test_keys_and_the_demo_go_to_the_account(window: WindowPlay) -> None:
    window.wishes.key_entered("abc")
    await settle()
    window.wishes.use_demo()
    await settle()
    window.list.delete_key()
    await settle()
    assert window.accounts.asked == ["key abc", "demo", "delete"]
    window.wishes.suggestion("What time is it?")
    assert window.filled == ["What time is it?"]
    window.wishes.open_settings()
    assert window.opened == ["settings"]
