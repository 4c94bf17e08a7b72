"""A talk key that stays down: the person is warned, and the microphone closes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from mka1_desktop.viewmodels.talk import TalkLook
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_window import PLUGGED, WindowPlay


@pytest.fixture
async def window(qapp: QApplication) -> AsyncIterator[WindowPlay]:
    parent = QObject()
    async with DeskPlay() as play:
        window = WindowPlay(play, parent)
        window.presenter.show_devices(PLUGGED)
        yield window
        await window.list.close()


def notice(window: WindowPlay) -> str:
    view = window.models.window.notices.view
    assert view is not None
    return f"{view.sentence} {view.more}"


async def test_a_forgotten_key_is_let_go_with_a_warning(window: WindowPlay) -> None:
    await window.play.live()
    window.wishes.talk_pressed()
    await settle()
    await window.play.clock.advance(270.1)
    assert window.sending()
    assert "closes in 30 seconds" in notice(window)
    await window.play.clock.advance(30.0)
    assert not window.sending()
    assert "closed now" in notice(window)
    window.wishes.talk_released()
    await settle()
    assert window.look() is not TalkLook.HELD
