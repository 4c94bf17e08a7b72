"""A key or a mouse button is asked for, with real events, and what cannot be one is refused with a sentence."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.key_field import KeyField
from mka1_desktop.ui.key_words import button_combo, native_key
from tests.support.look import make_look

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
BACK, FORWARD = Qt.MouseButton.BackButton, Qt.MouseButton.ForwardButton


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot) -> None:
        self.field = KeyField(make_look(qapp), "Talk key")
        qtbot.addWidget(self.field)
        self.field.resize(264, 36)
        self.field.show()
        self.field.activateWindow()
        qtbot.waitUntil(self.field.isActiveWindow)
        self.field.setFocus()
        self.chosen: list[str] = []
        self.refused: list[str] = []
        self.field.chosen.connect(self.chosen.append)
        self.field.refused.connect(self.refused.append)

    def ask(self) -> None:
        QTest.mouseClick(self.field, LEFT)
        assert self.field.recording


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


@pytest.mark.parametrize(
    ("button", "modifiers", "key"),
    [
        (BACK, NONE, "Mouse4"),
        (FORWARD, NONE, "Mouse5"),
        (BACK, SHIFT, "Shift+Mouse4"),
        (MIDDLE, CTRL | ALT, "Ctrl+Alt+Mouse3"),
        (LEFT, ALT, "Alt+Mouse1"),
        (RIGHT, CTRL, "Ctrl+Mouse2"),
    ],
)
def test_a_button_is_taken(desk: Desk, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier, key: str) -> None:
    desk.ask()
    QTest.mouseClick(desk.field, button, modifiers)
    assert (desk.chosen, desk.refused, desk.field.key) == ([key], [], key)
    assert not desk.field.recording


@pytest.mark.parametrize(
    ("button", "modifiers"), [(LEFT, NONE), (RIGHT, NONE), (MIDDLE, NONE), (RIGHT, SHIFT), (MIDDLE, SHIFT)]
)
def test_a_bare_click_is_refused_and_asked_again(
    desk: Desk, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier
) -> None:
    desk.ask()
    QTest.mouseClick(desk.field, button, modifiers)
    assert desk.refused == ["Every program needs this button. Hold Ctrl or Alt, or take a side button."]
    assert (desk.chosen, desk.field.recording) == ([], True)


def test_a_button_without_a_name_is_refused(desk: Desk) -> None:
    desk.ask()
    QTest.mouseClick(desk.field, Qt.MouseButton.ExtraButton5)
    assert (len(desk.refused), desk.field.recording) == (1, True)
    assert button_combo(Qt.MouseButton.ExtraButton5, NONE) is None


def test_no_button_is_taken_while_nobody_asked(desk: Desk) -> None:
    QTest.mouseClick(desk.field, BACK)
    QTest.mouseClick(desk.field, RIGHT, CTRL)
    assert (desk.chosen, desk.refused, desk.field.recording) == ([], [], False)


def test_a_double_click_asks_and_is_no_answer(desk: Desk) -> None:
    QTest.mouseDClick(desk.field.windowHandle(), LEFT, NONE, QPoint(20, 10))
    assert (desk.chosen, desk.refused, desk.field.recording) == ([], [], True)


@pytest.mark.parametrize(
    ("pressed", "code", "key"),
    [
        (Qt.Key.Key_F13, 0, "F13"),
        (Qt.Key.Key_F24, 0, "F24"),
        (Qt.Key.Key_Tools, 191, "F13"),  # what Linux calls that key
        (Qt.Key.Key_unknown, 202, "F24"),
    ],
)
def test_a_pedal_is_a_function_key(desk: Desk, pressed: Qt.Key, code: int, key: str) -> None:
    desk.ask()
    QApplication.sendEvent(desk.field, QKeyEvent(QEvent.Type.KeyPress, pressed, NONE, code, 0, 0))
    assert (desk.chosen, desk.refused) == ([key], [])


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("Mouse4", "Mouse 4"),
        ("Ctrl+Alt+mouse5", "Ctrl+Alt+Mouse 5"),
        ("Ctrl+Mouse3", "Ctrl+Middle click"),
        ("Ctrl+Alt+Space", "Ctrl+Alt+Space"),
        ("F13", "F13"),
    ],
)
def test_keys_have_words(qapp: QApplication, key: str, words: str) -> None:
    assert native_key(key) == words
