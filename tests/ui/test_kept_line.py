"""The line about kept speech: there while something is kept, in the words that fit, with a way to drop it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.kept_line import KeptLine
from mka1_desktop.viewmodels.kept import KeptModel, KeptStage, KeptView, kept_view
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

RECORDING = kept_view(KeptStage.RECORDING, 4.0)


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot, *, width: int = 648, percent: int = 100) -> None:
        self.asked, self.model = WishList(), KeptModel()
        self.line = KeptLine(make_look(qapp, text_percent=percent), self.model, self.asked.wishes)
        qtbot.addWidget(self.line)
        self.line.resize(width, self.line.height())


def test_it_comes_with_the_first_kept_word_and_goes_with_the_last(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    assert desk.line.isHidden()
    desk.model.show(RECORDING)
    assert not desk.line.isHidden()
    assert desk.line.accessibleName() == RECORDING.words
    desk.model.show(KeptView())
    assert desk.line.isHidden()


@pytest.mark.parametrize("by_key", [False, True])
def test_what_was_said_is_dropped_by_click_and_by_key(qapp: QApplication, qtbot: QtBot, by_key: bool) -> None:
    desk = Desk(qapp, qtbot)
    desk.model.show(kept_view(KeptStage.SENDING, 12.0))
    desk.line.show()
    button = desk.line.drop_button
    assert (button.accessibleName(), button.accessibleDescription()) == ("Drop", "What you said is not sent")
    if by_key:
        button.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(button, Qt.Key.Key_Space)
    else:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.asked.asked == [("drop_speech",)]


@pytest.mark.parametrize("stage", [stage for stage in KeptStage if stage is not KeptStage.NONE])
@pytest.mark.parametrize("width", [356, 648])
def test_the_words_fit(qapp: QApplication, qtbot: QtBot, stage: KeptStage, width: int) -> None:
    desk = Desk(qapp, qtbot, width=width)
    view = kept_view(stage, 12.0)
    desk.model.show(view)
    assert desk.line.words == (view.short if width == 356 else view.words)
    assert desk.line.fontMetrics().horizontalAdvance(desk.line.words) < width - desk.line.drop_button.width() - 40
    assert desk.line.accessibleName() == view.words, "a screen reader gets all of it"


def test_it_grows_with_the_text(qapp: QApplication, qtbot: QtBot) -> None:
    usual, large = Desk(qapp, qtbot).line.height(), Desk(qapp, qtbot, percent=200).line.height()
    assert usual == 36
    assert large > usual


def test_every_stage_has_its_look(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    pictures = set()
    for stage in (KeptStage.RECORDING, KeptStage.WAITING, KeptStage.SENDING):
        desk.model.show(KeptView(stage=stage, words="Words", short="Words"))
        pictures.add(bytes(desk.line.grab().toImage().constBits()))
    assert len(pictures) == 3
