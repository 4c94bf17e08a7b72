"""The sidebar: open, search, rename, pin, delete, by pointer and by keys; the foot and the empty state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.sidebar import Sidebar
from mka1_desktop.viewmodels.account import AccountModel, AccountView
from mka1_desktop.viewmodels.threads import ThreadListModel, ThreadRow
from tests.support.look import make_look
from tests.support.ui_samples import Asked, threads

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen has no window manager


class Desk:
    def __init__(self, qtbot: QtBot, app: QApplication) -> None:
        QLocale.setDefault(QLocale("en_GB"))
        self.look = make_look(app, reduced=True)
        self.asked = Asked()
        self.threads = ThreadListModel()
        self.account = AccountModel(AccountView(state="stored", name="Work", base_url="https://gw.example"))
        self.side = Sidebar(
            self.look,
            threads=self.threads,
            account=self.account,
            wishes=self.asked.wishes,
            pin_thread=self.asked.wish("pin_thread"),
            open_account=self.asked.wish("open_account"),
        )
        qtbot.addWidget(self.side)
        self.threads.setParent(self.side)
        self.account.setParent(self.side)
        self.threads.set_threads(threads())
        self.side.resize(264, 680)
        self.side.show()
        qtbot.waitExposed(self.side)
        self.side.activateWindow()
        QApplication.processEvents()

    def middle(self, thread_id: str) -> QPoint:
        return self.side.thread_list.visualRect(self.threads.index(self.threads.place_of(thread_id))).center()

    def click(self, place: QPoint) -> None:
        QTest.mouseClick(self.side.thread_list.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def choose(self, thread_id: str) -> None:
        self.side.thread_list.setFocus(Qt.FocusReason.TabFocusReason)
        self.side.thread_list.setCurrentIndex(self.threads.index(self.threads.place_of(thread_id)))

    def editor(self) -> QLineEdit:
        found = self.side.thread_list.viewport().findChild(QLineEdit)
        assert isinstance(found, QLineEdit)
        return found


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    return Desk(qtbot, qapp)


def test_a_click_opens_a_thread_and_a_head_does_nothing(desk: Desk) -> None:
    desk.click(desk.middle("t3"))
    desk.click(desk.side.thread_list.visualRect(desk.threads.index(0)).center())
    assert desk.asked.asked == [("open_thread", "t3")]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_enter_and_space_open_the_current_thread(desk: Desk, key: Qt.Key) -> None:
    desk.choose("t3")
    QTest.keyClick(desk.side.thread_list, key)
    assert desk.asked.asked == [("open_thread", "t3")]


def test_arrows_pass_over_heads(desk: Desk) -> None:
    desk.choose("t2")
    QTest.keyClick(desk.side.thread_list, Qt.Key.Key_Down)
    row = desk.side.thread_list.thread_at(desk.side.thread_list.currentIndex())
    assert row is not None
    assert row.id == "t3"


def test_the_focus_comes_to_the_open_thread(desk: Desk) -> None:
    desk.threads.set_open("t4")
    desk.side.thread_list.setFocus(Qt.FocusReason.TabFocusReason)
    assert desk.side.thread_list.currentIndex().row() == desk.threads.place_of("t4")


def test_f2_renames_in_place(desk: Desk) -> None:
    desk.choose("t3")
    QTest.keyClick(desk.side.thread_list, Qt.Key.Key_F2)
    editor = desk.editor()
    assert editor.text() == "Litres to cups"
    editor.setText("  Cups  and   litres ")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # the delegate commits from the event loop
    assert desk.asked.asked == [("rename_thread", "t3", "Cups and litres")]


@pytest.mark.parametrize("title", ["", "   ", "Litres to cups"])
def test_an_empty_or_equal_name_changes_nothing(desk: Desk, title: str) -> None:
    desk.choose("t3")
    QTest.keyClick(desk.side.thread_list, Qt.Key.Key_F2)
    editor = desk.editor()
    editor.setText(title)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # the delegate commits from the event loop
    assert desk.asked.asked == []


def test_escape_leaves_the_name_as_it_was(desk: Desk) -> None:
    desk.choose("t3")
    QTest.keyClick(desk.side.thread_list, Qt.Key.Key_F2)
    editor = desk.editor()
    editor.setText("something else")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert desk.asked.asked == []


def test_the_menu_renames_pins_and_deletes(desk: Desk) -> None:
    index = desk.threads.index(desk.threads.place_of("t3"))
    menu = desk.side.thread_list.menu_for(index)
    assert menu is not None
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert list(actions) == ["Rename", "Pin", "Delete"]
    actions["Pin"].trigger()
    assert desk.asked.asked == [("pin_thread", "t3", True)]
    actions["Rename"].trigger()
    QTest.keyClick(desk.editor(), Qt.Key.Key_Escape)
    actions["Delete"].trigger()
    assert desk.side.thread_list.asking is not None
    pinned = desk.side.thread_list.menu_for(desk.threads.index(1))
    assert pinned is not None
    assert "Unpin" in [action.text() for action in pinned.actions()]
    assert desk.side.thread_list.menu_for(desk.threads.index(0)) is None


def test_deleting_asks_first_and_the_safe_answer_has_the_focus(desk: Desk, qtbot: QtBot) -> None:
    desk.choose("t3")
    QTest.keyClick(desk.side.thread_list, Qt.Key.Key_Delete)
    question = desk.side.thread_list.asking
    assert question is not None
    qtbot.waitExposed(question)
    assert question.focusWidget() is question.no_button
    QTest.mouseClick(question.no_button, Qt.MouseButton.LeftButton)
    assert desk.asked.asked == []
    QTest.keyClick(desk.side.thread_list, Qt.Key.Key_Delete)
    question = desk.side.thread_list.asking
    assert question is not None
    QTest.mouseClick(question.yes_button, Qt.MouseButton.LeftButton)
    assert desk.asked.asked == [("delete_thread", "t3")]
    assert desk.side.thread_list.asking is None


def test_more_appears_under_the_pointer_and_opens_the_menu(desk: Desk, qtbot: QtBot) -> None:
    rows = desk.side.thread_list
    place = desk.middle("t3")
    place.setX(rows.viewport().width() - 24)
    none, glob = Qt.MouseButton.NoButton, QPointF(rows.viewport().mapToGlobal(place))
    move = QMouseEvent(QEvent.Type.MouseMove, QPointF(place), glob, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(rows.viewport(), move)
    desk.click(place)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None, timeout=2000)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()
    assert desk.asked.asked == []


def test_control_k_puts_the_cursor_into_the_search(desk: Desk) -> None:
    desk.choose("t3")
    QTest.keyClick(desk.side, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert desk.side.search_field.edit.hasFocus()


def test_typing_filters_at_once_and_asks_the_store_after_a_pause(desk: Desk, qtbot: QtBot) -> None:
    edit = desk.side.search_field.edit
    QTest.keyClicks(edit, "plan")
    assert desk.threads.shown == 1
    qtbot.waitUntil(lambda: ("search", "plan") in desk.asked.asked, timeout=2000)
    assert [entry for entry in desk.asked.asked if entry[0] == "search"] == [("search", "plan")]
    QTest.keyClick(edit, Qt.Key.Key_Down)
    assert desk.side.thread_list.hasFocus()
    assert desk.side.thread_list.currentIndex().row() == 1
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.text() == ""
    assert desk.threads.shown == 9


def test_the_search_can_be_emptied_by_its_button(desk: Desk) -> None:
    field = desk.side.search_field
    assert not field.clear_button.isVisible()
    QTest.keyClicks(field.edit, "x")
    QTest.mouseClick(field.clear_button, Qt.MouseButton.LeftButton)
    assert field.edit.text() == ""
    assert not field.clear_button.isVisible()


def test_hits_have_two_lines(desk: Desk) -> None:
    edit = desk.side.search_field.edit
    low = desk.side.thread_list.visualRect(desk.threads.index(1)).height()
    QTest.keyClicks(edit, "plan")
    desk.threads.set_results("plan", [replace(threads()[1], snippet="…the plan for…")])
    desk.side.grab()
    assert desk.side.thread_list.visualRect(desk.threads.index(1)).height() > low


def test_new_settings_and_account_are_wishes(desk: Desk) -> None:
    QTest.mouseClick(desk.side.new_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(desk.side.settings_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(desk.side.foot, Qt.MouseButton.LeftButton)
    assert desk.asked.names() == ["new_thread", "open_settings", "open_account"]


def test_the_foot_says_whose_account_it_is(desk: Desk) -> None:
    assert desk.side.foot.accessibleName() == "Account: Work, gw.example"
    desk.account.show(AccountView(demo=True))
    assert desk.side.foot.accessibleName() == "Account: Demo, on this machine"


def test_without_threads_a_sentence_stands_in_their_place(desk: Desk) -> None:
    assert desk.side.thread_list.isVisible()
    desk.threads.set_threads([])
    assert not desk.side.thread_list.isVisible()
    desk.threads.put(threads()[0])
    assert desk.side.thread_list.isVisible()


def test_screen_readers_hear_titles_and_marks(desk: Desk) -> None:
    desk.threads.set_live("t1")
    found = QAccessible.queryAccessibleInterface(desk.side.thread_list)
    assert found.role() is QAccessible.Role.List
    assert found.text(QAccessible.Text.Name) == "Conversations"
    names = [found.child(place).text(QAccessible.Text.Name) for place in range(found.childCount())]
    assert any(name.startswith("Balcony garden, in progress, pinned") for name in names)


@pytest.mark.parametrize("scheme", ["light", "dark", "contrast"])
def test_it_paints_in_every_scheme_and_direction(desk: Desk, scheme: str) -> None:
    desk.threads.set_open("t1")
    desk.threads.set_unread("t4")
    desk.look.theme.apply(choice=scheme, text_percent=200)  # type: ignore[arg-type]
    desk.side.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert not desk.side.grab().isNull()
    row = desk.threads.row(desk.threads.place_of("t1"))
    assert isinstance(row, ThreadRow)
    assert row.open
