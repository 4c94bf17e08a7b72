"""Awaiting a dialog: its answer comes back, and a cancelled wait closes it."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.dialogs import AskDialog, shown
from tests.support.look import make_look

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def question(qtbot: QtBot, qapp: QApplication) -> AskDialog:
    dialog = AskDialog(make_look(qapp), heading="Sure?", sentence="It <i>ends</i>.", yes="Yes", no="No")
    qtbot.addWidget(dialog)
    return dialog


async def test_the_answer_comes_back(question: AskDialog) -> None:
    loop = asyncio.get_running_loop()
    loop.call_soon(question.yes_button.click)
    assert await shown(question) is True
    loop.call_soon(question.no_button.click)
    assert await shown(question) is False


async def test_a_cancelled_wait_closes_the_dialog(question: AskDialog) -> None:
    waiting = asyncio.get_running_loop().create_task(shown(question))
    await asyncio.sleep(0)
    assert question.isVisible()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not question.isVisible()
