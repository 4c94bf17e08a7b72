"""Hearing an answer again in the window: offered where there is sound, by button and key, and ended by Esc."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.viewmodels.transcript import TurnView
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_frame import FramePlay
from tests.support.answering import answer, ask, voice_starts

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform


@pytest.fixture
async def frame(qapp: QApplication, qtbot: QtBot) -> AsyncIterator[FramePlay]:
    async with DeskPlay() as play:
        frame = FramePlay(play, qapp, qtbot)
        await play.live()
        yield frame
        await frame.close()


async def answered(frame: FramePlay, question: str = "One?", level: int = 1000) -> None:
    await ask(frame.play, question)
    await answer(frame.play, f"The answer to {question}", level)
    frame.glue.models.turns.flush()


def newest(frame: FramePlay) -> TurnView:
    return frame.glue.models.turns.turns()[-1]


async def press(frame: FramePlay, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(frame.window.composer.text_box.editor, key, modifier)
    await settle()


def toast(frame: FramePlay) -> str:
    view = frame.glue.models.window.toasts.view
    return view.text if view is not None else ""


async def test_it_is_offered_as_soon_as_the_answer_is_over(frame: FramePlay) -> None:
    await ask(frame.play, "One?")
    await voice_starts(frame.play)
    await frame.play.caption("Words of it", segment="a")
    assert not newest(frame).can_hear
    await answer(frame.play, "Words of it and more", 1000)
    assert newest(frame).can_hear


async def test_it_is_heard_by_its_button_and_by_key_until_esc(frame: FramePlay, qtbot: QtBot) -> None:
    await answered(frame)
    button = frame.view.tools[0].hear_button
    qtbot.waitUntil(button.isVisible)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await settle()
    await is_heard_until_esc(frame)
    await press(frame, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    await is_heard_until_esc(frame)
    assert len(frame.play.player.played) == 2


async def is_heard_until_esc(frame: FramePlay) -> None:
    assert sounds(frame)
    assert newest(frame).playing
    assert frame.window.composer.stop_button.isEnabled()
    await press(frame, Qt.Key.Key_Escape)
    assert not sounds(frame)
    assert not newest(frame).playing
    assert not frame.window.composer.stop_button.isEnabled()


async def test_what_cannot_be_heard_is_said_in_a_sentence(frame: FramePlay) -> None:
    await press(frame, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert toast(frame) == "No answer to hear again"
    await answered(frame)
    await voice_starts(frame.play)
    await press(frame, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert toast(frame) == "Not while the assistant speaks"
    frame.desk.press()
    await settle()
    await press(frame, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert toast(frame) == "Not while you talk"
    assert frame.play.player.played == []


async def test_an_answer_whose_sound_is_gone_offers_it_no_more(frame: FramePlay) -> None:
    await answered(frame)
    first = newest(frame).key
    await ask(frame.play, "Two?")
    await answer(frame.play, "A story", 2000, seconds=181.0)
    turns = {turn.key: turn for turn in frame.glue.models.turns.turns()}
    assert not turns[first].can_hear
    assert newest(frame).can_hear


def sounds(frame: FramePlay) -> bool:
    return frame.play.player.sounds
