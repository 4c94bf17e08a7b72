"""The talk button: holding is forwarded in pairs, whatever happens in between; nothing jumps."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.talk_button import TalkButton
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView
from mka1_desktop.viewmodels.talk import TalkLook, TalkModel, talk_view
from tests.support.look import make_look
from tests.support.wishes import WishList

KEY = "Ctrl+Alt+Space"
LEFT = Qt.MouseButton.LeftButton
HOLDS = [look for look in TalkLook if look not in (TalkLook.MUTED, TalkLook.RETRY, TalkLook.NO_DEVICE)]


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot, look: TalkLook = TalkLook.REST) -> None:
        self.list = WishList()
        self.model = TalkModel(talk_view(look, key_name=KEY))
        self.levels = LevelsModel()
        self.look = make_look(qapp)
        self.button = TalkButton(self.look, self.model, self.levels, self.list.wishes)
        qtbot.addWidget(self.button)
        self.button.show()

    def become(self, look: TalkLook) -> None:
        self.model.show(talk_view(look, key_name=KEY))


@pytest.mark.parametrize("look", HOLDS)
def test_holding_is_forwarded_as_a_pair(qapp: QApplication, qtbot: QtBot, look: TalkLook) -> None:
    desk = Desk(qapp, qtbot, look)
    QTest.mousePress(desk.button, LEFT)
    assert desk.list.names() == ["talk_pressed"]
    QTest.mouseRelease(desk.button, LEFT)
    assert desk.list.names() == ["talk_pressed", "talk_released"]


def test_drifting_off_the_button_does_not_end_the_talk(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    QTest.mousePress(desk.button, LEFT)
    QTest.mouseMove(desk.button, QPoint(-80, 200))
    assert desk.list.names() == ["talk_pressed"]
    QTest.mouseRelease(desk.button, LEFT, pos=QPoint(-80, 200))
    assert desk.list.names() == ["talk_pressed", "talk_released"]


def test_the_look_may_change_while_it_is_held(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    QTest.mousePress(desk.button, LEFT)
    for look in (TalkLook.WAKING, TalkLook.HELD, TalkLook.MUTED):
        desk.become(look)
    QTest.mouseRelease(desk.button, LEFT)
    assert desk.list.names() == ["talk_pressed", "talk_released"]


@pytest.mark.parametrize("what", ["hide", "disable", "deactivate"])
def test_losing_the_button_releases_it(qapp: QApplication, qtbot: QtBot, what: str) -> None:
    desk = Desk(qapp, qtbot)
    QTest.mousePress(desk.button, LEFT)
    if what == "hide":
        desk.button.hide()
    elif what == "disable":
        desk.become(TalkLook.NO_DEVICE)
    else:
        QApplication.sendEvent(desk.button, QEvent(QEvent.Type.WindowDeactivate))
    assert desk.list.names() == ["talk_pressed", "talk_released"]
    QTest.mouseRelease(desk.button, LEFT)
    assert desk.list.names() == ["talk_pressed", "talk_released"]


def test_space_holds_it_too_and_repeats_change_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    none = Qt.KeyboardModifier.NoModifier
    QTest.keyPress(desk.button, Qt.Key.Key_Space)
    repeats = (QEvent.Type.KeyRelease, QEvent.Type.KeyPress)
    for kind in repeats * 3:
        QApplication.sendEvent(desk.button, QKeyEvent(kind, Qt.Key.Key_Space, none, " ", autorep=True))
    assert desk.list.names() == ["talk_pressed"]
    QTest.keyRelease(desk.button, Qt.Key.Key_Space)
    assert desk.list.names() == ["talk_pressed", "talk_released"]


def test_a_click_by_a_program_toggles_and_holds_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    desk.button.click()
    assert desk.list.asked == [("talk_toggled",)]
    desk.become(TalkLook.LATCHED)
    desk.button.click()
    assert desk.list.asked == [("talk_toggled",)] * 2


def test_the_action_of_a_screen_reader_toggles_too(qapp: QApplication, qtbot: QtBot) -> None:
    """AT-SPI and UI Automation come in here."""
    desk = Desk(qapp, qtbot)
    actions = QAccessible.queryAccessibleInterface(desk.button).actionInterface()
    with qtbot.waitSignal(desk.button.clicked):  # Qt lets the button up again after 100 ms
        actions.doAction("Press")
        assert desk.list.asked == [("talk_toggled",)]
    assert desk.list.asked == [("talk_toggled",)]


def test_a_program_may_unmute_and_retry(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot, TalkLook.MUTED)
    desk.button.click()
    desk.become(TalkLook.RETRY)
    desk.button.click()
    assert desk.list.asked == [("mute_toggled",), ("notice_action", "retry")]


@pytest.mark.parametrize(("up_ms", "down_s"), [(5_000, 0.04), (5_012, 0.04), (5_100, 0.1), (7_000, 2.0)])
def test_a_press_of_no_length_is_a_tap_and_no_bounce(
    qapp: QApplication, qtbot: QtBot, up_ms: int, down_s: float
) -> None:
    desk = Desk(qapp, qtbot)
    for kind, at_ms in ((QEvent.Type.KeyPress, 5_000), (QEvent.Type.KeyRelease, up_ms)):
        event = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
        event.setTimestamp(at_ms)
        QApplication.sendEvent(desk.button, event)
    assert desk.list.asked == [("talk_pressed", None), ("talk_released", down_s)]


def test_the_pointer_is_timed_by_its_own_clock(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    place = QPointF(5, 5)
    none = Qt.KeyboardModifier.NoModifier
    for kind, at_ms in ((QEvent.Type.MouseButtonPress, 5_000), (QEvent.Type.MouseButtonRelease, 5_200)):
        event = QMouseEvent(kind, place, desk.button.mapToGlobal(place), LEFT, LEFT, none)
        event.setTimestamp(at_ms)
        QApplication.sendEvent(desk.button, event)
    assert desk.list.asked == [("talk_pressed", None), ("talk_released", 0.2)]


def test_muted_offers_unmute_and_retry_tries_again(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot, TalkLook.MUTED)
    QTest.mouseClick(desk.button, LEFT)
    desk.become(TalkLook.RETRY)
    QTest.mouseClick(desk.button, LEFT)
    assert desk.list.asked == [("mute_toggled",), ("notice_action", "retry")]


def test_without_a_microphone_it_cannot_be_pressed(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot, TalkLook.NO_DEVICE)
    QTest.mouseClick(desk.button, LEFT)
    assert desk.list.asked == []
    assert not desk.button.isEnabled()


def test_other_mouse_buttons_do_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    QTest.mouseClick(desk.button, Qt.MouseButton.RightButton)
    assert desk.list.asked == []


def test_size_is_the_same_in_every_look(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    sizes = set()
    for look in TalkLook:
        desk.become(look)
        sizes.add(desk.button.sizeHint().toTuple())
    assert len(sizes) == 1
    assert sizes.pop()[1] == 48


def test_a_long_key_name_goes_under_the_label(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    usual = desk.button.sizeHint().width()
    desk.model.show(talk_view(TalkLook.REST, key_name="Ctrl+Alt+Shift+Meta+Backspace"))
    assert desk.button.sizeHint().width() < 300
    desk.model.show(talk_view(TalkLook.REST, key_name="F9"))
    assert desk.button.sizeHint().width() < usual


def test_it_says_its_label_and_its_key(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot, TalkLook.INTERRUPT)
    assert desk.button.accessibleName() == "Hold to interrupt"
    assert KEY in desk.button.accessibleDescription()


def test_every_look_is_painted_differently(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    desk.levels.show(LevelsView(microphone=0.5))
    pictures = set()
    for look in TalkLook:
        desk.become(look)
        pictures.add(bytes(desk.button.grab().toImage().constBits()))
    assert len(pictures) == len(TalkLook)


def test_level_bar_follows_the_microphone_only_while_it_is_open(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    desk.look.motion.set_reduced(True)
    closed = desk.button.grab().toImage()
    desk.levels.show(LevelsView(microphone=0.9))
    assert desk.button.grab().toImage() == closed
    desk.become(TalkLook.HELD)
    loud = desk.button.grab().toImage()
    desk.levels.show(LevelsView(microphone=0.1))
    assert desk.button.grab().toImage() != loud
