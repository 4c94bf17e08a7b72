"""The in-window talk key, with real key events on a window that has a text box."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.talk_keys import TalkKeys
from mka1_desktop.ui.text_box import TextBox
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

SPACE = Qt.Key.Key_Space
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier
PRESS, RELEASE = QEvent.Type.KeyPress, QEvent.Type.KeyRelease
PAIR = ["talk_pressed", "talk_released"]


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot) -> None:
        self.list = WishList()
        self.window = QWidget()
        self.box = TextBox(make_look(qapp), self.list.wishes)
        QVBoxLayout(self.window).addWidget(self.box)
        self.can_stop = False
        self.keys = TalkKeys(self.window, self.list.wishes, key="Ctrl+Alt+Space", can_stop=lambda: self.can_stop)
        qtbot.addWidget(self.window)
        self.window.show()
        self.window.activateWindow()
        self.box.setFocus()

    def send(self, kind: QEvent.Type, key: Qt.Key, modifiers: Qt.KeyboardModifier, *, repeat: bool = False) -> None:
        text = " " if key == SPACE else ""
        QApplication.sendEvent(self.box.editor, QKeyEvent(kind, key, modifiers, text, autorep=repeat))


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


def test_the_key_talks_and_inserts_nothing_into_the_text_box(desk: Desk, qtbot: QtBot) -> None:
    QTest.keyClicks(desk.box.editor, "a b")
    QTest.keyPress(desk.box.editor, SPACE, BOTH)
    assert desk.list.names() == ["talk_pressed"]
    QTest.keyRelease(desk.box.editor, SPACE, BOTH)
    assert desk.list.names() == PAIR
    assert desk.box.text() == "a b"


def test_repeats_of_the_held_key_change_nothing(desk: Desk) -> None:
    desk.send(PRESS, SPACE, BOTH)
    for _ in range(5):
        desk.send(RELEASE, SPACE, BOTH, repeat=True)
        desk.send(PRESS, SPACE, BOTH, repeat=True)
    assert desk.list.names() == ["talk_pressed"]
    desk.send(RELEASE, SPACE, BOTH)
    assert desk.list.names() == PAIR


@pytest.mark.parametrize("first", [Qt.Key.Key_Control, Qt.Key.Key_Alt])
def test_letting_go_of_a_modifier_first_releases_and_swallows_the_rest(desk: Desk, first: Qt.Key) -> None:
    desk.send(PRESS, SPACE, BOTH)
    desk.send(RELEASE, first, BOTH)
    assert desk.list.names() == PAIR
    desk.send(PRESS, SPACE, NONE, repeat=True)
    desk.send(PRESS, SPACE, NONE, repeat=True)
    desk.send(RELEASE, SPACE, NONE)
    assert (desk.list.names(), desk.box.text()) == (PAIR, "")
    desk.send(PRESS, SPACE, NONE)
    assert desk.box.text() == " "


def test_losing_the_focus_of_the_window_releases(desk: Desk) -> None:
    desk.send(PRESS, SPACE, BOTH)
    QApplication.sendEvent(desk.window, QEvent(QEvent.Type.WindowDeactivate))
    assert desk.list.names() == PAIR
    desk.send(RELEASE, SPACE, BOTH)
    assert desk.list.names() == PAIR
    desk.send(PRESS, SPACE, BOTH)
    assert desk.list.names() == [*PAIR, "talk_pressed"]


def test_other_combinations_are_left_alone(desk: Desk) -> None:
    desk.send(PRESS, SPACE, Qt.KeyboardModifier.ControlModifier)
    desk.send(PRESS, SPACE, BOTH | Qt.KeyboardModifier.ShiftModifier)
    desk.send(PRESS, SPACE, NONE)
    assert desk.list.names() == []
    assert desk.box.text().endswith(" ")


def test_another_key_can_be_chosen_and_a_wrong_one_is_none(desk: Desk) -> None:
    desk.keys.set_key("F9")
    desk.send(PRESS, SPACE, BOTH)
    desk.send(PRESS, Qt.Key.Key_F9, NONE)
    desk.send(RELEASE, Qt.Key.Key_F9, NONE)
    assert desk.list.names() == PAIR
    desk.keys.set_key("")
    desk.send(PRESS, Qt.Key.Key_F9, NONE)
    assert desk.list.names() == PAIR


def test_changing_the_key_while_it_is_held_releases_it(desk: Desk) -> None:
    desk.send(PRESS, SPACE, BOTH)
    desk.keys.set_key("F9")
    assert desk.list.names() == PAIR


def test_escape_stops_a_voice_and_only_then(desk: Desk) -> None:
    desk.send(PRESS, Qt.Key.Key_Escape, NONE)
    assert desk.list.names() == []
    desk.can_stop = True
    desk.send(PRESS, Qt.Key.Key_Escape, NONE)
    desk.send(PRESS, Qt.Key.Key_Escape, NONE, repeat=True)
    assert desk.list.names() == ["stop"]


def test_another_window_and_a_pause_keep_their_keys(desk: Desk, qtbot: QtBot) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    QApplication.sendEvent(other, QKeyEvent(PRESS, SPACE, BOTH, " "))
    desk.keys.set_paused(True)
    desk.send(PRESS, SPACE, BOTH)
    assert desk.list.names() == []
    desk.keys.set_paused(False)
    desk.send(PRESS, SPACE, BOTH)
    assert desk.list.names() == ["talk_pressed"]


def test_an_open_menu_keeps_escape(desk: Desk, qtbot: QtBot) -> None:
    desk.can_stop = True
    menu = QMenu(desk.window)
    menu.addAction("one")
    menu.popup(desk.window.mapToGlobal(desk.window.rect().center()))
    qtbot.waitUntil(menu.isVisible)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()
    assert desk.list.names() == []
