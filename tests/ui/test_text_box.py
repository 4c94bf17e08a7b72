from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.text_box import LIMIT_B, TextBox
from tests.support.look import make_look
from tests.support.wishes import WishList

ENTER, SHIFT = Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot) -> None:
        self.list = WishList()
        self.box = TextBox(make_look(qapp), self.list.wishes)
        qtbot.addWidget(self.box)
        self.box.resize(420, 48)
        self.box.show()
        self.field = self.box.editor


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


def test_enter_sends_once_and_clears(desk: Desk, qtbot: QtBot) -> None:
    QTest.keyClicks(desk.field, "  What time is it? ")
    QTest.keyClick(desk.field, ENTER)
    assert desk.list.asked == [("text_submitted", "What time is it?")]
    assert desk.box.text() == ""
    QTest.keyClick(desk.field, ENTER)
    assert len(desk.list.asked) == 1


def test_enter_on_the_number_pad_sends_too(desk: Desk, qtbot: QtBot) -> None:
    QTest.keyClicks(desk.field, "42")
    QTest.keyClick(desk.field, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert desk.list.asked == [("text_submitted", "42")]


def test_shift_enter_makes_a_line_and_the_box_grows_to_six(desk: Desk, qtbot: QtBot) -> None:
    heights = [desk.box.sizeHint().height()]
    for number in range(9):
        QTest.keyClicks(desk.field, str(number))
        QTest.keyClick(desk.field, ENTER, SHIFT)
        heights.append(desk.box.sizeHint().height())
    assert desk.list.asked == []
    assert desk.box.text().count("\n") == 9
    assert heights[0] == 48
    assert heights[1:6] == sorted(set(heights[1:6]))
    assert len(set(heights[5:])) == 1
    QTest.keyClick(desk.field, ENTER)
    assert desk.list.names() == ["text_submitted"]
    assert desk.box.sizeHint().height() == 48


def test_a_long_line_wraps_and_grows(desk: Desk) -> None:
    desk.box.put("a rather long sentence " * 8)
    assert desk.box.sizeHint().height() > 48


def test_the_arrow_sends_and_is_dimmed_while_empty(desk: Desk, qtbot: QtBot) -> None:
    assert not desk.box.send_button.isEnabled()
    QTest.keyClicks(desk.field, "   ")
    assert not desk.box.send_button.isEnabled()
    QTest.keyClicks(desk.field, "Hello")
    QTest.mouseClick(desk.box.send_button, Qt.MouseButton.LeftButton)
    assert desk.list.asked == [("text_submitted", "Hello")]


def test_twelve_kilobytes_are_sent_and_one_byte_more_is_not(desk: Desk, qtbot: QtBot) -> None:
    desk.box.put("é" * (LIMIT_B // 2))
    assert desk.box.problem == ""
    QTest.keyClicks(desk.field, "x")
    assert "1 bytes" in desk.box.problem
    assert not desk.box.send_button.isEnabled()
    assert desk.field.accessibleDescription() == desk.box.problem
    QTest.keyClick(desk.field, ENTER)
    assert desk.list.asked == []
    QTest.keyClick(desk.field, Qt.Key.Key_Backspace)
    QTest.keyClick(desk.field, ENTER)
    assert desk.list.asked == [("text_submitted", "é" * (LIMIT_B // 2))]


def test_pasting_takes_the_plain_text_and_nothing_else(desk: Desk) -> None:
    rich = QMimeData()
    rich.setHtml("<b>bold</b><img src='file:///etc/passwd'>")
    rich.setText("<b>bold</b>\x00 and plain")
    QApplication.clipboard().setMimeData(rich)
    desk.field.paste()
    assert desk.box.text() == "<b>bold</b> and plain"
    links = QMimeData()
    links.setUrls([QUrl("https://example.com/a")])
    QApplication.clipboard().setMimeData(links)
    desk.field.paste()
    assert desk.box.text().startswith("<b>bold</b> and plain")
    QApplication.clipboard().clear()  # Qt must not find our objects in it when Python is gone


def test_enter_inside_a_composition_sends_nothing(desk: Desk, qtbot: QtBot) -> None:
    desk.field.setFocus()
    QApplication.sendEvent(desk.field, QInputMethodEvent("にほ", []))
    QTest.keyClick(desk.field, ENTER)
    assert desk.list.asked == []
    done = QInputMethodEvent("", [])
    done.setCommitString("日本")
    QApplication.sendEvent(desk.field, done)
    assert desk.box.text().replace("\n", "") == "日本"
    QTest.keyClick(desk.field, ENTER)
    assert desk.list.names() == ["text_submitted"]


def test_a_suggestion_is_put_in_and_can_be_undone(desk: Desk, qtbot: QtBot) -> None:
    QTest.keyClicks(desk.field, "half a")
    desk.box.put("Tell me a long story")
    assert desk.box.text() == "Tell me a long story"
    assert desk.list.asked == []
    desk.field.undo()
    assert desk.box.text() == "half a"


def test_half_a_surrogate_pair_is_counted_and_sent(desk: Desk, qtbot: QtBot) -> None:
    desk.box.put("odd \ud83d")
    QTest.keyClick(desk.field, ENTER)
    assert desk.list.names() == ["text_submitted"]
