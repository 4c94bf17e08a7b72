"""The in-window talk key, with real key events on a window that has a text box."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QVBoxLayout, QWidget
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

    def send(
        self, kind: QEvent.Type, key: Qt.Key, modifiers: Qt.KeyboardModifier, *, repeat: bool = False, at_ms: int = 0
    ) -> None:
        event = QKeyEvent(kind, key, modifiers, " " if key == SPACE else "", autorep=repeat)
        event.setTimestamp(at_ms)
        QApplication.sendEvent(self.box.editor, event)


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


def test_how_long_it_was_down_and_up_is_told_by_the_keyboards_clock(desk: Desk) -> None:
    for kind, at_ms in ((PRESS, 5_000), (RELEASE, 5_100), (PRESS, 5_150), (RELEASE, 5_150)):
        desk.send(kind, SPACE, BOTH, at_ms=at_ms)
    assert [since_s for _, since_s in desk.list.asked] == [None, 0.1, 0.05, 0.0]


def test_a_modifier_that_comes_up_first_has_a_time_too(desk: Desk) -> None:
    desk.send(PRESS, SPACE, BOTH, at_ms=5_000)
    desk.send(RELEASE, Qt.Key.Key_Alt, BOTH, at_ms=7_000)
    assert desk.list.asked == [("talk_pressed", None), ("talk_released", 2.0)]


@pytest.mark.parametrize(("down_ms", "up_ms"), [(0, 0), (0, 9_000), (9_000, 0), (9_000, 8_000), (1, 2**32 - 1)])
def test_times_that_make_no_sense_are_none(desk: Desk, down_ms: int, up_ms: int) -> None:
    desk.send(PRESS, SPACE, BOTH, at_ms=down_ms)
    desk.send(RELEASE, SPACE, BOTH, at_ms=up_ms)
    assert desk.list.asked == [("talk_pressed", None), ("talk_released", None)]


def test_a_release_without_an_event_has_no_time(desk: Desk) -> None:
    desk.send(PRESS, SPACE, BOTH, at_ms=5_000)
    desk.keys.let_go()
    desk.send(PRESS, SPACE, NONE, at_ms=5_050)
    desk.send(RELEASE, SPACE, NONE, at_ms=5_060)
    desk.send(PRESS, SPACE, BOTH, at_ms=6_000)
    assert [since_s for _, since_s in desk.list.asked] == [None, None, None]


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


def test_a_key_of_the_keyboard_talks_before_it_is_a_shortcut(desk: Desk, qtbot: QtBot) -> None:
    started: list[str] = []
    for key in ("Ctrl+Alt+Space", "Ctrl+K"):
        shortcut = QShortcut(QKeySequence(key), desk.window)
        shortcut.activated.connect(lambda key=key: started.append(key))
    qtbot.waitUntil(desk.window.isActiveWindow)
    handle = desk.window.windowHandle()
    QTest.keyPress(handle, SPACE, BOTH)
    QTest.keyRelease(handle, SPACE, BOTH)
    assert (desk.list.names(), started, desk.box.text()) == (PAIR, [], "")
    QTest.keyClick(handle, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert (desk.list.names(), started) == (PAIR, ["Ctrl+K"])


def test_the_key_works_wherever_the_focus_is_in_the_window(desk: Desk, qtbot: QtBot) -> None:
    button = QPushButton(desk.window)
    button.show()
    shortcut = QShortcut(QKeySequence("Ctrl+Alt+Space"), desk.window)
    started: list[str] = []
    shortcut.activated.connect(lambda: started.append("shortcut"))
    qtbot.waitUntil(desk.window.isActiveWindow)
    for widget in (button, desk.window, desk.box):
        widget.setFocus()
        QTest.keyClick(desk.window.windowHandle(), SPACE, BOTH)
    assert (desk.list.names(), started) == (PAIR * 3, [])


def test_a_window_that_is_made_anew_keeps_its_key(desk: Desk) -> None:
    desk.window.hide()
    desk.window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
    desk.window.show()
    QTest.keyClick(desk.window.windowHandle(), SPACE, BOTH)
    assert desk.list.names() == PAIR


def click(desk: Desk, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """Press and release a button of the mouse over the text box, as the system tells it."""
    handle, place = desk.window.windowHandle(), desk.box.mapTo(desk.window, QPoint(20, 10))
    QTest.mousePress(handle, button, modifiers, place)
    QTest.mouseRelease(handle, button, modifiers, place)


def test_a_side_button_of_the_mouse_talks(desk: Desk) -> None:
    desk.keys.set_key("Mouse4")
    held: list[bool] = []
    desk.keys.held.connect(held.append)
    click(desk, Qt.MouseButton.BackButton)
    assert (desk.list.names(), held) == (PAIR, [True, False])
    click(desk, Qt.MouseButton.ForwardButton)
    click(desk, Qt.MouseButton.BackButton, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(desk.box.editor, SPACE, BOTH)
    assert desk.list.names() == PAIR
    desk.keys.set_key("Ctrl+Alt+Space")
    click(desk, Qt.MouseButton.BackButton)
    assert desk.list.names() == PAIR


def test_two_clicks_in_a_row_are_two_pairs(desk: Desk) -> None:
    desk.keys.set_key("Mouse5")
    for _ in range(3):
        click(desk, Qt.MouseButton.ForwardButton)
    assert desk.list.names() == PAIR * 3


def test_a_click_with_modifiers_talks_and_reaches_no_widget(desk: Desk, qtbot: QtBot) -> None:
    button = QPushButton(desk.window)
    button.setGeometry(desk.window.rect())
    button.show()
    pressed: list[str] = []
    button.pressed.connect(lambda: pressed.append("button"))
    desk.keys.set_key("Ctrl+Alt+Mouse1")
    click(desk, Qt.MouseButton.LeftButton, BOTH)
    assert (desk.list.names(), pressed) == (PAIR, [])
    click(desk, Qt.MouseButton.LeftButton)
    assert (desk.list.names(), pressed) == (PAIR, ["button"])


def test_a_bare_click_never_talks(desk: Desk) -> None:
    for key in ("Mouse1", "Mouse2", "Mouse3", "Shift+Mouse1"):
        desk.keys.set_key(key)
        for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            click(desk, button)
    assert desk.list.names() == []


def test_a_modifier_that_comes_up_first_ends_the_hold_of_a_button(desk: Desk) -> None:
    desk.keys.set_key("Ctrl+Mouse4")
    handle = desk.window.windowHandle()
    QTest.mousePress(handle, Qt.MouseButton.BackButton, Qt.KeyboardModifier.ControlModifier, QPoint(5, 5))
    desk.send(RELEASE, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)
    assert desk.list.names() == PAIR
    QTest.mouseRelease(handle, Qt.MouseButton.BackButton, NONE, QPoint(5, 5))
    assert desk.list.names() == PAIR


def test_losing_the_focus_of_the_window_releases_a_button(desk: Desk) -> None:
    desk.keys.set_key("Mouse4")
    handle = desk.window.windowHandle()
    QTest.mousePress(handle, Qt.MouseButton.BackButton, NONE, QPoint(5, 5))
    QApplication.sendEvent(desk.window, QEvent(QEvent.Type.WindowDeactivate))
    QTest.mouseRelease(handle, Qt.MouseButton.BackButton, NONE, QPoint(5, 5))
    assert desk.list.names() == PAIR


def test_a_pause_and_an_open_menu_keep_their_clicks(desk: Desk, qtbot: QtBot) -> None:
    desk.keys.set_key("Mouse4")
    desk.keys.set_paused(True)
    click(desk, Qt.MouseButton.BackButton)
    desk.keys.set_paused(False)
    menu = QMenu(desk.window)
    menu.addAction("one")
    menu.popup(desk.window.mapToGlobal(desk.window.rect().center()))
    qtbot.waitUntil(menu.isVisible)
    click(desk, Qt.MouseButton.BackButton)
    menu.close()
    assert desk.list.names() == []


@pytest.mark.parametrize(
    ("sent", "code", "meant"),
    [(Qt.Key.Key_Tools, 191, "F13"), (Qt.Key.Key_unknown, 197, "F19"), (Qt.Key.Key_F24, 0, "F24")],
)
def test_a_pedal_that_sends_a_function_key_is_found_under_its_name(
    desk: Desk, sent: Qt.Key, code: int, meant: str
) -> None:
    desk.keys.set_key(meant)
    for kind in (PRESS, RELEASE):
        QApplication.sendEvent(desk.box.editor, QKeyEvent(kind, sent, NONE, code, 0, 0))
    assert desk.list.names() == PAIR
