from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.forms import NARROW, WIDE
from mka1_desktop.ui.head_bar import HeadBar
from mka1_desktop.viewmodels.head import HeadModel, HeadView, Link
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

LEFT = Qt.MouseButton.LeftButton


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot) -> None:
        self.list = WishList()
        self.model = HeadModel(HeadView(title="Trip plan", thread_id="t1", link=Link.ON, can_end=True))
        self.bar = HeadBar(make_look(qapp), self.model, self.list.wishes)
        qtbot.addWidget(self.bar)
        self.bar.resize(696, 52)
        self.bar.show()
        self.title = next(w for w in self.bar.findChildren(QWidget) if w.accessibleName() == "Trip plan")


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


def test_double_click_renames_and_enter_keeps_it(desk: Desk, qtbot: QtBot) -> None:
    QTest.mouseDClick(desk.title, LEFT)
    assert desk.bar.title_edit.text() == "Trip plan"
    QTest.keyClicks(desk.bar.title_edit, "  Lisbon   in March ")
    QTest.keyClick(desk.bar.title_edit, Qt.Key.Key_Return)
    assert desk.list.asked == [("rename_thread", "t1", "Lisbon in March")]
    assert desk.title.isVisible()


@pytest.mark.parametrize(
    ("words", "key"), [("Other", Qt.Key.Key_Escape), (" ", Qt.Key.Key_Return), ("", Qt.Key.Key_Return)]
)
def test_escape_and_empty_words_keep_the_old_title(desk: Desk, qtbot: QtBot, words: str, key: Qt.Key) -> None:
    desk.bar.begin_rename()
    desk.bar.title_edit.setText("")
    QTest.keyClicks(desk.bar.title_edit, words)
    QTest.keyClick(desk.bar.title_edit, key)
    assert desk.list.asked == []
    assert desk.title.isVisible()


def test_a_new_thread_has_a_name_and_cannot_be_renamed(desk: Desk, qtbot: QtBot) -> None:
    desk.model.show(HeadView())
    assert desk.title.accessibleName() == "New conversation"
    QTest.mouseDClick(desk.title, LEFT)
    assert not desk.bar.title_edit.isVisible()


def test_another_thread_ends_the_renaming_of_the_first(desk: Desk, qtbot: QtBot) -> None:
    desk.bar.begin_rename()
    QTest.keyClicks(desk.bar.title_edit, "x")
    desk.model.show(HeadView(title="Other", thread_id="t2"))
    assert desk.title.isVisible()
    assert desk.list.asked == []


def test_end_is_dimmed_without_a_session_and_never_removed(desk: Desk, qtbot: QtBot) -> None:
    QTest.mouseClick(desk.bar.end_button, LEFT)
    assert desk.list.asked == [("hang_up",)]
    desk.model.show(HeadView(title="Trip plan", thread_id="t1"))
    assert desk.bar.end_button.isVisible()
    assert not desk.bar.end_button.isEnabled()


@pytest.mark.parametrize("link", list(Link))
def test_connection_is_said_in_a_word_and_drawn_in_a_shape(desk: Desk, link: Link) -> None:
    desk.model.show(HeadView(link=Link.OFF if link is not Link.OFF else Link.ON))
    before = desk.bar.chip.grab().toImage()
    desk.model.show(HeadView(link=link))
    assert desk.model.view.shown_link in desk.bar.chip.accessibleName()
    assert desk.bar.chip.grab().toImage() != before


def test_narrow_windows_show_the_dot_and_an_icon(desk: Desk) -> None:
    wide = desk.bar.chip.sizeHint().width()
    desk.bar.set_form(NARROW)
    assert desk.bar.chip.sizeHint().width() == 32 < wide
    assert desk.bar.end_button.sizeHint().width() == 36
    assert desk.bar.end_button.accessibleName() == "End the session"
    desk.bar.set_form(WIDE)
    assert desk.bar.chip.sizeHint().width() == wide


def test_the_details_are_a_wish(desk: Desk) -> None:
    assert desk.bar.details_button.accessibleName() == "Details of this conversation"
    QTest.mouseClick(desk.bar.details_button, LEFT)
    assert desk.list.asked == [("show_details",)]
