"""The conversation follows its end, and what pointer, keys and screen readers do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.menus import MenuRow, PanelMenu
from mka1_desktop.viewmodels.transcript import TurnView
from tests.support.look import make_look
from tests.support.open_conversation import Hints, OpenConversation, many
from tests.support.ui_samples import listening, noon, on_hold, troubled, turns, unsent

Open = Callable[..., OpenConversation]


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication) -> Open:
    QLocale.setDefault(QLocale("en_GB"))
    look = make_look(qapp, reduced=True)

    def make(rows: list[TurnView], *, width: int = 696, height: int = 480) -> OpenConversation:
        return OpenConversation(qtbot, look, rows, width=width, height=height)

    return make


def test_a_growing_turn_repaints_only_its_row(opened: Open) -> None:
    desk = opened(many(200))
    view, model = desk.view, desk.model
    hints = Hints(view)
    view.setItemDelegate(hints)
    desk.settle()
    hints.rows.clear()
    model.put(replace(model.turn(199), text=model.turn(199).text[:-1]))
    model.flush()
    QApplication.processEvents()
    assert set(hints.rows) <= {199}  # painting asks for the row's own size; a layout would ask for all


def test_a_turn_that_needs_another_line_grows_and_the_end_stays_in_sight(opened: Open) -> None:
    desk = opened(many(30))
    view, model = desk.view, desk.model
    before = view.visualRect(model.index(29)).height()
    model.put(replace(model.turn(29), text=model.turn(29).text * 3))
    model.flush()
    desk.settle()
    box = view.visualRect(model.index(29))
    assert box.height() > before
    assert box.bottom() == view.viewport().height() - 1


def test_new_turns_are_followed_until_the_person_scrolls_up(opened: Open) -> None:
    desk = opened(many(30))
    view, model = desk.view, desk.model
    assert view.follows
    assert not view.jump_button.isVisible()
    view.verticalScrollBar().setValue(100)
    assert view.jump_button.isVisible()
    model.put(TurnView(key="new", role="user", text="one more", at=noon() + 99))
    desk.settle()
    assert view.verticalScrollBar().value() == 100
    assert view.jump_button.text() == "New turns"
    QTest.mouseClick(view.jump_button, Qt.MouseButton.LeftButton)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert not view.jump_button.isVisible()
    assert view.follows


def test_another_thread_opens_at_its_end(opened: Open) -> None:
    desk = opened(many(30))
    view, model = desk.view, desk.model
    view.verticalScrollBar().setValue(0)
    model.set_rows(many(40))
    desk.settle()
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 0


def test_the_tools_stand_on_the_last_answer_and_come_to_the_pointer(opened: Open) -> None:
    desk = opened(listening(), height=600)
    view, model, asked = desk.view, desk.model, desk.asked.asked
    last, pointed = view.tools
    assert last.isVisible()
    assert last.key == "4"
    assert not pointed.isVisible()
    desk.hover(view.visualRect(model.index(0)).center())
    assert pointed.isVisible()
    assert pointed.key == "3"
    QTest.mouseClick(pointed.copy_button, Qt.MouseButton.LeftButton)
    assert asked == [("copy_turn", "3")]
    assert pointed.copy_button.accessibleName() == "Copied"
    desk.hover(view.visualRect(model.index(1)).center())
    assert not pointed.isVisible()  # the last answer has its own


def test_no_tools_while_the_answer_is_spoken(opened: Open) -> None:
    desk = opened(turns(), height=700)
    view = desk.view
    assert not view.tools[0].isVisible()


def test_go_on_is_asked_for_by_click_and_by_enter(opened: Open) -> None:
    desk = opened(turns(), height=700)
    view, model, asked = desk.view, desk.model, desk.asked.asked
    box = view.go_on_rect(1)
    assert box.width() > 80
    assert view.go_on_rect(0).isEmpty()
    desk.hover(box.center())
    assert view.viewport().cursor().shape() is Qt.CursorShape.PointingHandCursor
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.center() - QPoint(0, 60))
    view.setCurrentIndex(model.index(1))
    QTest.keyClick(view, Qt.Key.Key_Return)
    view.setCurrentIndex(model.index(0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert asked == [("go_on", "2"), ("go_on", "2")]


@pytest.mark.parametrize("width", [300, 696])
def test_a_question_is_sent_again_by_click_by_enter_and_by_menu(opened: Open, width: int) -> None:
    desk = opened(unsent(), height=700, width=width)
    view, model, asked = desk.view, desk.model, desk.asked.asked
    for row in range(3):
        box = view.go_on_rect(row)
        assert view.visualRect(model.index(row)).contains(box)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    view.setCurrentIndex(model.index(2))
    QTest.keyClick(view, Qt.Key.Key_Return)
    menu = view.menu_for(0)
    assert [action.text() for action in menu.actions()] == ["Copy turn", "Send again", "Copy the whole conversation"]
    menu.actions()[1].trigger()
    assert asked == [("send_again", key) for key in ("6", "7", "8", "8", "6")]


def test_a_screen_reader_hears_what_became_of_a_question_and_what_enter_does(opened: Open) -> None:
    desk = opened(unsent())
    found = QAccessible.queryAccessibleInterface(desk.view)
    names = [found.child(place).text(QAccessible.Text.Name) for place in range(found.childCount())]
    assert [name.split("? ")[-1].split(". ")[0] for name in names[:2]] == ["Not answered", "Not answered"]
    assert "Not sure it arrived" in names[2]
    assert desk.model.index(0).data(Qt.ItemDataRole.AccessibleDescriptionRole) == "Press Enter to send again"
    held = opened(on_hold())
    last = held.model.index(held.model.rowCount() - 1)
    assert "Will be sent with the next connection" in last.data(Qt.ItemDataRole.AccessibleTextRole)


def test_an_answer_that_cannot_go_on_offers_nothing(opened: Open) -> None:
    rows = [replace(turn, can_go_on=False) for turn in turns()]
    desk = opened(rows, height=700)
    view = desk.view
    assert view.go_on_rect(1).isEmpty()


def test_control_c_copies_the_current_turn_or_the_last_one(opened: Open) -> None:
    desk = opened(listening())
    view, model, asked = desk.view, desk.model, desk.asked.asked
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    view.setCurrentIndex(model.index(0))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert asked == [("copy_turn", "5"), ("copy_turn", "3")]


def test_arrows_move_through_turns_and_home_and_end_go_to_the_edges(opened: Open) -> None:
    desk = opened(many(30))
    view, model = desk.view, desk.model
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.currentIndex().row() == 29
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 28
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0
    assert view.visualRect(model.index(0)).top() >= 0
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == 29
    assert view.follows


def test_a_turn_higher_than_the_view_is_read_by_arrows_before_the_next_one(opened: Open) -> None:
    rows = [
        TurnView(key="1", role="assistant", text="words and more " * 400),
        TurnView(key="2", role="user", text="ok"),
    ]
    desk = opened(rows)
    view, model = desk.view, desk.model
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view.setCurrentIndex(model.index(0))
    view.verticalScrollBar().setValue(0)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().row() == 0
    assert view.verticalScrollBar().value() > 0
    for _ in range(60):
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().row() == 1
    QTest.keyClick(view, Qt.Key.Key_Up)
    before = view.verticalScrollBar().value()
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.verticalScrollBar().value() < before


def test_the_menu_copies_and_goes_on(opened: Open) -> None:
    desk = opened(turns())
    view, asked = desk.view, desk.asked.asked
    menu = view.menu_for(1)
    texts = [action.text() for action in menu.actions()]
    assert texts == ["Copy turn", "Go on from here", "Copy the whole conversation"]
    for action in menu.actions():
        action.trigger()
    assert asked == [("copy_turn", "2"), ("go_on", "2"), ("copy_all",)]
    assert [action.text() for action in view.menu_for(-1).actions()] == ["Copy the whole conversation"]


def test_screen_readers_get_a_list_of_whole_turns(opened: Open) -> None:
    desk = opened(troubled(), height=700)
    view = desk.view
    found = QAccessible.queryAccessibleInterface(view)
    assert found.role() is QAccessible.Role.List
    assert found.text(QAccessible.Text.Name) == "Conversation"
    texts = [found.child(place).text(QAccessible.Text.Name) for place in range(found.childCount())]
    assert "You: Is the <b>market</b> open & busy today? 🍅🥕. 12:20" in texts
    assert "You: And on holidays? Not answered. 12:21" in texts


def test_screen_readers_are_told_how_to_go_on(opened: Open) -> None:
    desk = opened(turns())
    role = Qt.ItemDataRole.AccessibleDescriptionRole
    told = [desk.model.index(row).data(role) for row in range(4)]
    assert told == [None, "Press Enter to go on from here", None, None]


def test_an_answer_with_an_id_offers_a_branch(opened: Open) -> None:
    rows = [replace(turn, live=False, can_branch=turn.key == "2") for turn in turns()]
    desk = opened(rows)
    view = desk.view
    last, pointed = view.tools
    assert last.isVisible()
    assert not last.branch_button.isVisible(), "nobody can go on from this one"
    desk.hover(view.visualRect(desk.model.index(1)).center())
    assert pointed.key == "2"
    QTest.mouseClick(pointed.branch_button, Qt.MouseButton.LeftButton)
    assert desk.asked.asked == [("branch_turn", "2")]
    pointed.branch_button.setFocus(Qt.FocusReason.TabFocusReason)
    assert pointed.has_focus


def test_the_menu_offers_a_branch_where_there_can_be_one(opened: Open) -> None:
    desk = opened([replace(turn, live=False, can_branch=turn.key == "4") for turn in turns()])
    menu = desk.view.menu_for(3)
    branch = next(action for action in menu.actions() if action.text() == "Continue from here")
    branch.trigger()
    assert desk.asked.asked == [("branch_turn", "4")]
    assert "Continue from here" not in [action.text() for action in desk.view.menu_for(1).actions()]


def heard_before(**changes: Any) -> list[TurnView]:
    """The last answer has its sound."""
    return [replace(turn, live=False, **(changes if turn.key == "4" else {})) for turn in turns()]


def test_an_answer_with_sound_is_heard_again_and_stopped(opened: Open) -> None:
    desk = opened(heard_before(can_hear=True))
    tools, asked = desk.view.tools[0], desk.asked.asked
    assert tools.hear_button.accessibleName() == "Hear again"
    QTest.mouseClick(tools.hear_button, Qt.MouseButton.LeftButton)
    assert asked == [("hear_again", "4", 0)]
    desk.model.put(replace(desk.model.turn(3), playing=True))
    desk.model.flush()
    desk.settle()
    assert tools.hear_button.accessibleName() == "Stop"
    QTest.mouseClick(tools.hear_button, Qt.MouseButton.LeftButton)
    assert asked[1:] == [("stop",)]
    tools.hear_button.setFocus(Qt.FocusReason.TabFocusReason)
    assert tools.has_focus


def test_an_answer_without_sound_offers_nothing_to_hear(opened: Open) -> None:
    desk = opened(heard_before())
    assert not desk.view.tools[0].hear_button.isVisible()
    assert [action.text() for action in desk.view.menu_for(3).actions() if "ear" in action.text()] == []


def test_the_menu_offers_speeds(opened: Open, qtbot: QtBot) -> None:
    desk = opened(heard_before(can_hear=True))
    menu = desk.view.menu_for(3)
    next(action for action in menu.actions() if action.text() == "Hear again").trigger()
    next(action for action in menu.actions() if action.text().startswith("Hear again slower")).trigger()
    speeds = QApplication.activePopupWidget()
    assert isinstance(speeds, PanelMenu)
    assert [action.text() for action in speeds.actions()] == [f"{x} × speed" for x in ("0.75", "1", "1.25", "1.5")]
    row = next(
        row for row in speeds.findChildren(MenuRow) if row.y() == max(r.y() for r in speeds.findChildren(MenuRow))
    )
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert desk.asked.asked == [("hear_again", "4", 0), ("hear_again", "4", 150)]
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_the_menu_ends_what_is_heard_again(opened: Open) -> None:
    desk = opened(heard_before(can_hear=True, playing=True))
    next(action for action in desk.view.menu_for(3).actions() if action.text() == "Stop").trigger()
    assert desk.asked.asked == [("stop",)]
