from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.notice_bar import NoticeBar
from mka1_desktop.ui.toast import Toast
from mka1_desktop.viewmodels.notices import NoticeKind, NoticesModel, NoticeView, ToastsModel, ToastView
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

LEFT = Qt.MouseButton.LeftButton
KEY = NoticeView(
    kind=NoticeKind.FAILURE,
    sentence="The service did not accept your key.",
    more="It may have been replaced or switched off. Your conversation is safe on this machine.",
    action="edit_key",
    action_label="Enter a new key",
)
HINT = NoticeView(kind=NoticeKind.INFO, sentence="Headphones were unplugged.")


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot, *, leaves_after_ms: int = 6000) -> None:
        self.list = WishList()
        self.model = NoticesModel()
        self.window = QWidget()
        self.field = QLineEdit(self.window)  # has the focus, as the text box has in the window
        self.bar = NoticeBar(
            make_look(qapp), self.model, self.list.wishes, leaves_after_ms=leaves_after_ms, parent=self.window
        )
        qtbot.addWidget(self.window)
        self.window.setGeometry(60, 60, 648, 200)  # not under the pointer
        self.bar.setGeometry(0, 100, 648, 48)
        self.window.show()


def test_shown_once_with_its_words_and_one_action(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    assert not desk.bar.isVisible()
    desk.model.show(KEY)
    assert desk.bar.isVisible()
    assert desk.bar.accessibleName().startswith("The service did not accept your key. It may")
    QTest.mouseClick(desk.bar.action_button, LEFT)
    assert desk.list.asked == [("notice_action", "edit_key")]


def test_close_takes_it_away_and_asks_nothing(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    desk.model.show(KEY)
    QTest.mouseClick(desk.bar.close_button, LEFT)
    assert desk.model.view is None
    assert not desk.bar.isVisible()
    assert desk.list.asked == []


def test_without_an_action_there_is_no_button(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    desk.model.show(HINT)
    assert not desk.bar.action_button.isVisible()


def test_hints_leave_by_themselves_and_failures_stay(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot, leaves_after_ms=10)
    desk.model.show(HINT)
    qtbot.waitUntil(lambda: desk.model.view is None)
    desk.model.show(KEY)
    other = Desk(qapp, qtbot, leaves_after_ms=30)
    other.model.show(HINT)
    qtbot.waitUntil(lambda: other.model.view is None)  # three times as long as a hint would have stayed
    assert desk.model.view is KEY


def test_a_hint_under_the_pointer_stays_until_it_leaves(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot, leaves_after_ms=10)
    desk.model.show(HINT)
    QApplication.sendEvent(desk.bar, QEvent(QEvent.Type.Enter))
    other = Desk(qapp, qtbot, leaves_after_ms=30)
    other.model.show(HINT)
    qtbot.waitUntil(lambda: other.model.view is None)
    assert desk.model.view is HINT
    QApplication.sendEvent(desk.bar, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: desk.model.view is None)


@pytest.mark.parametrize("width", [356, 648, 1000])
def test_it_is_as_high_as_its_words_need(qapp: QApplication, qtbot: QtBot, width: int) -> None:
    desk = Desk(qapp, qtbot)
    desk.bar.resize(width, 48)
    desk.model.show(HINT)
    assert desk.bar.sizeHint().height() == 48
    desk.model.show(KEY)
    assert desk.bar.sizeHint().height() >= 56
    assert (desk.bar.sizeHint().height() > 110) == (width == 356)  # the button has a row of its own


def test_markup_is_shown_as_text(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    plain = "<b>x</b><img src='http://127.0.0.1/'>"
    desk.model.show(NoticeView(kind=NoticeKind.FAILURE, sentence=plain))
    assert plain in desk.bar.accessibleName()


def test_every_kind_has_its_look(qapp: QApplication, qtbot: QtBot) -> None:
    desk = Desk(qapp, qtbot)
    pictures = set()
    for kind in NoticeKind:
        desk.model.show(NoticeView(kind=kind, sentence="Something.", stays=True))
        pictures.add(bytes(desk.bar.grab().toImage().constBits()))
    assert len(pictures) == len(NoticeKind)


TOAST = ToastView(text="“Letter” was deleted.", icon="trash", action="undo:t1", action_label="Undo")


def toast_of(qapp: QApplication, qtbot: QtBot, leaves_after_ms: int) -> tuple[Toast, ToastsModel, WishList]:
    asked, model = WishList(), ToastsModel()
    toast = Toast(make_look(qapp), model, asked.wishes, leaves_after_ms=leaves_after_ms)
    qtbot.addWidget(toast)
    toast.move(60, 300)  # not under the pointer
    model.show(TOAST)
    toast.resize(toast.sizeHint())
    return toast, model, asked


def test_a_toast_can_be_taken_back(qapp: QApplication, qtbot: QtBot) -> None:
    toast, model, asked = toast_of(qapp, qtbot, 60_000)
    assert toast.accessibleName() == TOAST.text
    QTest.mouseClick(toast.action_button, LEFT)
    assert asked.asked == [("notice_action", "undo:t1")]
    assert model.view is None
    assert not toast.isVisible()


def test_a_toast_leaves_by_itself(qapp: QApplication, qtbot: QtBot) -> None:
    toast, model, asked = toast_of(qapp, qtbot, 20)
    qtbot.waitUntil(lambda: model.view is None)
    assert not toast.isVisible()
    assert asked.asked == []
