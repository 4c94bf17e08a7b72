"""The empty conversation: phrases go into the text box, columns follow the width, everything can be reached."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.empty_view import EmptyView, Suggestion
from mka1_desktop.ui.figure import StateFigure
from mka1_desktop.ui.keycap import HintLine
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.status import StatusModel
from tests.support.look import make_look
from tests.support.ui_samples import Asked

PHRASES = ["What time is it?", "Tell me a long story", "Spell rhythm", "What did I ask?", "17 times 6", "Peru?"]


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> tuple[EmptyView, Asked]:
    look, asked = make_look(qapp, reduced=True), Asked()
    status, levels = StatusModel(), LevelsModel()
    figure = StateFigure(look, status, levels, stop=asked.wish("stop"), size=120)
    view = EmptyView(look, asked.wishes, figure)
    qtbot.addWidget(view)
    status.setParent(view)
    levels.setParent(view)
    view.set_suggestions([Suggestion(phrase) for phrase in PHRASES])
    view.resize(696, 520)
    view.show()
    qtbot.waitExposed(view)
    return view, asked


def test_a_click_or_enter_suggests_the_phrase_and_sends_nothing(desk: tuple[EmptyView, Asked]) -> None:
    view, asked = desk
    QTest.mouseClick(view.suggestions[1], Qt.MouseButton.LeftButton)
    view.suggestions[4].setFocus()
    QTest.keyClick(view.suggestions[4], Qt.Key.Key_Space)
    assert asked.asked == [("suggestion", "Tell me a long story"), ("suggestion", "17 times 6")]


@pytest.mark.parametrize(("width", "columns"), [(380, 1), (559, 1), (560, 2), (1176, 2)])
def test_columns_follow_the_width(desk: tuple[EmptyView, Asked], width: int, columns: int) -> None:
    view, _ = desk
    view.resize(width, 520)
    QApplication.processEvents()
    assert view.columns == columns
    lefts = {button.x() for button in view.suggestions}
    assert len(lefts) == columns
    for button in view.suggestions:
        right = button.mapTo(view, button.rect().topRight()).x()
        assert right <= width - 12


def test_a_low_window_scrolls_to_the_last_phrase(desk: tuple[EmptyView, Asked]) -> None:
    view, _ = desk
    view.resize(380, 276)
    QApplication.processEvents()
    assert view.verticalScrollBar().maximum() > 0
    view.activateWindow()
    view.suggestions[-2].setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view.suggestions[-2], Qt.Key.Key_Tab)
    assert view.suggestions[-1].hasFocus()
    bottom = view.suggestions[-1].mapTo(view.viewport(), view.suggestions[-1].rect().bottomLeft()).y()
    assert bottom <= view.viewport().height()


def test_phrases_can_be_replaced_and_left_out(desk: tuple[EmptyView, Asked]) -> None:
    view, asked = desk
    view.set_suggestions([Suggestion("Only one", "clock")])
    assert [button.text() for button in view.suggestions] == ["Only one"]
    QTest.mouseClick(view.suggestions[0], Qt.MouseButton.LeftButton)
    assert asked.asked == [("suggestion", "Only one")]
    view.set_suggestions([])
    view.set_key("")
    assert not view.grab().isNull()


def test_without_a_microphone_typing_is_offered_alone(desk: tuple[EmptyView, Asked]) -> None:
    view, _ = desk
    hints = [w.accessibleName() for w in view.findChildren(HintLine)]
    assert any("speak" in hint for hint in hints)
    view.set_key("Ctrl+Alt+Space", can_talk=False)
    assert "There is no microphone. Type below." in [w.accessibleName() for w in view.findChildren(HintLine)]
