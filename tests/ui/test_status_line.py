from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.keycap import HintLine
from mka1_desktop.ui.paragraph import Paragraph
from mka1_desktop.ui.status_line import StatusLine, StatusPanel
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.status import Phase, StatusModel, status_view
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

KEY = "Ctrl+Alt+Space"


def words(widget: QWidget) -> list[str]:
    """What a screen reader finds in it."""
    labels = [label.text() for label in widget.findChildren(QLabel)]
    return [text for text in [*labels, *(hint.accessibleName() for hint in widget.findChildren(HintLine))] if text]


def test_the_line_says_word_counter_and_hint(qapp: QApplication, qtbot: QtBot) -> None:
    status = StatusModel(status_view(Phase.SPEAKING, key_name=KEY, seconds=18))
    line = StatusLine(make_look(qapp), status, LevelsModel(), WishList().wishes)
    qtbot.addWidget(line)
    assert words(line) == ["Speaking", "0:18", "Esc stops the voice"]
    status.show(status_view(Phase.ERROR, key_name=KEY, detail="Key refused (401)"))
    assert words(line) == ["Cannot answer", "Key refused (401)"]


def test_the_line_offers_the_action_too(qapp: QApplication, qtbot: QtBot) -> None:
    asked = WishList()
    status = StatusModel(status_view(Phase.LISTENING, key_name=KEY))
    line = StatusLine(make_look(qapp), status, LevelsModel(), asked.wishes)
    qtbot.addWidget(line)
    line.resize(600, line.height())
    line.show()
    (button,) = line.findChildren(TextButton)
    assert not button.isVisible()
    status.show(status_view(Phase.RECONNECTING, key_name=KEY, seconds=6))
    assert button.text() == "Try now"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.asked == [("notice_action", "retry")]


def test_the_panel_says_the_same_and_offers_the_action(qapp: QApplication, qtbot: QtBot) -> None:
    asked = WishList()
    status = StatusModel(status_view(Phase.LISTENING, key_name=KEY, microphone_open=True, seconds=6))
    panel = StatusPanel(make_look(qapp), status, LevelsModel(), asked.wishes)
    qtbot.addWidget(panel)
    panel.show()
    assert words(panel) == ["Listening · 0:06", "Release to send."]
    assert not panel.action.isVisible()
    low = panel.height()
    status.show(status_view(Phase.RECONNECTING, key_name=KEY, seconds=6))
    assert panel.height() > low
    QTest.mouseClick(panel.action, Qt.MouseButton.LeftButton)
    assert asked.asked == [("notice_action", "retry")]


def test_panel_is_the_figure_and_88(qapp: QApplication, qtbot: QtBot) -> None:
    panel = StatusPanel(make_look(qapp), StatusModel(), LevelsModel(), WishList().wishes)
    qtbot.addWidget(panel)
    for size in (72, 104, 120):
        panel.set_figure_size(size)
        assert panel.height() == size + 88


def test_words_of_a_paragraph_wrap_at_the_line_height_of_the_design(qapp: QApplication, qtbot: QtBot) -> None:
    paragraph = Paragraph(make_look(qapp))
    qtbot.addWidget(paragraph)
    paragraph.set_text("one two three " * 10)
    assert paragraph.heightForWidth(10_000) == 20
    assert paragraph.heightForWidth(200) % 20 == 0
    assert paragraph.heightForWidth(200) > paragraph.heightForWidth(600)
    paragraph.set_text("x" * 100_000)
    assert len(paragraph.text()) == 2000
