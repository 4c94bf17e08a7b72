"""The key test counts presses for ten seconds; meanwhile nobody talks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from mka1_desktop.app.key_test import KeyTest
from tests.fakes.fake_clock import FakeClock, settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_window import WindowPlay


class Trial:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.said: list[str] = []
        self.running: list[bool] = []
        self.defects: list[BaseException] = []
        self.test = KeyTest(
            clock=self.clock, tell=self.said.append, on_running=self.running.append, on_defect=self.defects.append
        )


@pytest.fixture
async def trial() -> AsyncIterator[Trial]:
    made = Trial()
    yield made
    await made.test.close()
    assert made.defects == []


async def test_it_counts_and_says_how_long(trial: Trial) -> None:
    trial.test.start()
    await settle()
    assert trial.said[-1] == "Press and hold your talk key. 10 s left."
    trial.test.press()
    await trial.clock.advance(3.0)
    trial.test.release(1.25)
    assert trial.said[-1] == (
        "Press and hold your talk key. 7 s left. Presses: 1, releases: 1. The longest lasted 1.2 s."
    )
    trial.test.press()
    await trial.clock.advance(8.0)
    assert trial.said[-1] == "Presses: 2, releases: 1. The longest lasted 1.2 s."
    assert trial.running == [True, False]


async def test_a_key_that_does_not_arrive_is_said(trial: Trial) -> None:
    trial.test.start()
    await trial.clock.advance(10.0)
    assert trial.said[-1] == "No press came. Choose another key."
    assert not trial.test.running


async def test_it_can_be_begun_anew(trial: Trial) -> None:
    trial.test.start()
    trial.test.press()
    await trial.clock.advance(5.0)
    trial.test.start()
    await trial.clock.advance(9.0)
    assert trial.test.running
    assert trial.said[-1] == "Press and hold your talk key. 1 s left."
    trial.test.release()
    await trial.clock.advance(1.0)
    assert trial.said[-1] == "No press came. Choose another key."


async def test_in_the_app_nobody_talks_meanwhile(qapp: QApplication) -> None:
    parent = QObject()
    async with DeskPlay() as play:
        window = WindowPlay(play, parent)
        said: list[str] = []
        play.desk.on_key_tested = said.append
        await play.live()
        play.desk.set_muted(True)
        window.wishes.test_key()
        window.wishes.talk_pressed()
        await play.clock.advance(1.0)
        window.wishes.talk_released()
        await settle()
        assert "Presses: 1, releases: 1." in said[-1]
        assert muted(play), "a press that is counted does nothing else"
        assert play.sound.told == []
        await play.clock.advance(10.0)
        window.wishes.talk_pressed()
        await settle()
        assert not muted(play)
        await window.list.close()


def muted(play: DeskPlay) -> bool:
    return play.desk.session.muted
