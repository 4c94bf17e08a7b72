"""The conversation: what is painted and laid out, that it follows, and everything that pointer and keys do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.conversation_view import ConversationView
from mka1_desktop.ui.look import Look
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView
from tests.support.look import make_look
from tests.support.ui_samples import Asked, listening, noon, troubled, turns

Open = Callable[..., tuple[ConversationView, TranscriptModel, Asked]]


@pytest.fixture
def look(qapp: QApplication) -> Look:
    QLocale.setDefault(QLocale("en_GB"))
    return make_look(qapp, reduced=True)


@pytest.fixture
def opened(qtbot: QtBot, look: Look) -> Open:
    def make(
        rows: list[TurnView], *, width: int = 696, height: int = 480
    ) -> tuple[ConversationView, TranscriptModel, Asked]:
        asked, model = Asked(), TranscriptModel()
        view = ConversationView(look, model, asked.wishes, go_on=asked.wish("go_on"))
        qtbot.addWidget(view)
        model.setParent(view)
        model.set_rows(rows)
        view.resize(width, height)
        view.show()
        qtbot.waitExposed(view)
        settle(view)
        return view, model, asked

    return make


def settle(view: ConversationView) -> None:
    view.executeDelayedItemsLayout()
    QApplication.processEvents()


def many(count: int, words: str = "some words that are said in this turn ") -> list[TurnView]:
    roles = ("user", "assistant")
    return [
        TurnView(key=str(n), role=roles[n % 2], text=f"{n} {words * (1 + n % 4)}", at=noon() + n)  # type: ignore[arg-type]
        for n in range(count)
    ]


def colours_in(view: ConversationView, row: int) -> set[str]:
    image: QImage = view.viewport().grab(view.visualRect(view.model().index(row, 0))).toImage()
    return {image.pixelColor(x, y).name() for x in range(0, image.width()) for y in range(0, image.height())}


def colour(look: Look, role: str) -> str:
    return look.theme.colour(role).name()  # type: ignore[arg-type]


def hover(view: ConversationView, place: QPoint) -> None:
    """Move the pointer; the offscreen platform has none of its own."""
    where = QPointF(place)
    glob = QPointF(view.viewport().mapToGlobal(place))
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, where, glob, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.viewport(), event)


def test_a_short_conversation_stands_at_the_bottom(opened: Open) -> None:
    view, model, _ = opened(listening())
    last = view.visualRect(model.index(model.rowCount() - 1))
    assert last.bottom() == view.viewport().height() - 1
    assert view.verticalScrollBar().maximum() == 0


def test_the_open_microphone_is_orange_and_nothing_else_is(opened: Open, look: Look) -> None:
    view, model, _ = opened(listening())
    assert {colour(look, "live"), colour(look, "live_soft")} <= colours_in(view, 2)
    assert colour(look, "live_soft") not in colours_in(view, 0) | colours_in(view, 1)
    model.put(replace(model.turn(2), live=False, interim=False))
    model.flush()
    settle(view)
    assert colour(look, "live") not in colours_in(view, 2)


def test_the_word_being_spoken_is_tinted_and_the_cut_is_drawn(opened: Open, look: Look) -> None:
    view, _, _ = opened(turns(), height=700)
    assert colour(look, "accent_soft") in colours_in(view, 3)
    assert colour(look, "accent_soft") not in colours_in(view, 2)
    layout = view.delegate.layout_of(view.model(), 1)  # type: ignore[arg-type]
    assert "not\u00a0heard" in layout.shown.text
    assert layout.meta_words == "You stopped it at 0:08, with 22 words left."


def test_a_growing_turn_repaints_only_its_row(opened: Open) -> None:
    view, model, _ = opened(many(200))
    hints: list[int] = []
    original = view.delegate.sizeHint
    view.delegate.sizeHint = lambda option, index: hints.append(index.row()) or original(option, index)  # type: ignore
    model.put(replace(model.turn(199), text=model.turn(199).text[:-1]))
    model.flush()
    QApplication.processEvents()
    assert set(hints) <= {199}  # painting asks for the row's own size; a layout would ask for all


def test_a_turn_that_needs_another_line_grows_and_the_end_stays_in_sight(opened: Open) -> None:
    view, model, _ = opened(many(30))
    before = view.visualRect(model.index(29)).height()
    model.put(replace(model.turn(29), text=model.turn(29).text * 3))
    model.flush()
    settle(view)
    box = view.visualRect(model.index(29))
    assert box.height() > before
    assert box.bottom() == view.viewport().height() - 1


def test_new_turns_are_followed_until_the_person_scrolls_up(opened: Open, qtbot: QtBot) -> None:
    view, model, _ = opened(many(30))
    assert view.follows
    assert not view.jump_button.isVisible()
    view.verticalScrollBar().setValue(100)
    assert view.jump_button.isVisible()
    model.put(TurnView(key="new", role="user", text="one more", at=noon() + 99))
    settle(view)
    assert view.verticalScrollBar().value() == 100
    assert view.jump_button.text() == "New turns"
    qtbot.mouseClick(view.jump_button, Qt.MouseButton.LeftButton)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert not view.jump_button.isVisible()
    assert view.follows


def test_another_thread_opens_at_its_end(opened: Open) -> None:
    view, model, _ = opened(many(30))
    view.verticalScrollBar().setValue(0)
    model.set_rows(many(40))
    settle(view)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 0


def test_the_tools_stand_on_the_last_answer_and_come_to_the_pointer(opened: Open, qtbot: QtBot) -> None:
    view, model, asked = opened(listening(), height=600)
    last, pointed = view.tools
    assert last.isVisible()
    assert last.key == "4"
    assert not pointed.isVisible()
    hover(view, view.visualRect(model.index(0)).center())
    assert pointed.isVisible()
    assert pointed.key == "3"
    qtbot.mouseClick(pointed.copy_button, Qt.MouseButton.LeftButton)
    assert asked.asked == [("copy_turn", "3")]
    assert pointed.copy_button.accessibleName() == "Copied"
    hover(view, view.visualRect(model.index(1)).center())
    assert not pointed.isVisible()  # the last answer has its own


def test_no_tools_while_the_answer_is_spoken(opened: Open) -> None:
    view, _, _ = opened(turns(), height=700)
    assert not view.tools[0].isVisible()


def test_go_on_is_asked_for_by_click_and_by_enter(opened: Open, qtbot: QtBot) -> None:
    view, model, asked = opened(turns(), height=700)
    box = view.go_on_rect(1)
    assert box.width() > 80
    assert view.go_on_rect(0).isEmpty()
    hover(view, box.center())
    assert view.viewport().cursor().shape() is Qt.CursorShape.PointingHandCursor
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.center() - QPoint(0, 60))
    view.setCurrentIndex(model.index(1))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    view.setCurrentIndex(model.index(0))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert asked.asked == [("go_on", "2"), ("go_on", "2")]


def test_an_answer_that_cannot_go_on_offers_nothing(opened: Open) -> None:
    rows = [replace(turn, can_go_on=False) for turn in turns()]
    view, _, _ = opened(rows, height=700)
    assert view.go_on_rect(1).isEmpty()


def test_control_c_copies_the_current_turn_or_the_last_one(opened: Open, qtbot: QtBot) -> None:
    view, model, asked = opened(listening())
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    view.setCurrentIndex(model.index(0))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert asked.asked == [("copy_turn", "5"), ("copy_turn", "3")]


def test_arrows_move_through_turns_and_home_and_end_go_to_the_edges(opened: Open, qtbot: QtBot) -> None:
    view, model, _ = opened(many(30))
    view.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.currentIndex().row() == 29
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 28
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0
    assert view.visualRect(model.index(0)).top() >= 0
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == 29
    assert view.follows


def test_a_turn_higher_than_the_view_is_read_by_arrows_before_the_next_one(opened: Open, qtbot: QtBot) -> None:
    rows = [TurnView(key="1", role="assistant", text="words and more " * 400), TurnView(key="2", role="user", text="ok")]
    view, model, _ = opened(rows)
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view.setCurrentIndex(model.index(0))
    view.verticalScrollBar().setValue(0)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().row() == 0
    assert view.verticalScrollBar().value() > 0
    for _ in range(60):
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().row() == 1
    qtbot.keyClick(view, Qt.Key.Key_Up)
    before = view.verticalScrollBar().value()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.verticalScrollBar().value() < before


def test_focus_by_keyboard_is_framed_and_by_pointer_is_not(opened: Open, look: Look, qtbot: QtBot) -> None:
    view, model, _ = opened(listening())
    view.activateWindow()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    settle(view)
    assert colour(look, "focus") in colours_in(view, 2)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(model.index(2)).center())
    settle(view)
    assert colour(look, "focus") not in colours_in(view, 2)


def test_the_menu_copies_and_goes_on(opened: Open) -> None:
    view, _, asked = opened(turns())
    menu = view.menu_for(1)
    texts = [action.text() for action in menu.actions()]
    assert texts == ["Copy turn", "Go on from here", "Copy the whole conversation"]
    for action in menu.actions():
        action.trigger()
    assert asked.asked == [("copy_turn", "2"), ("go_on", "2"), ("copy_all",)]
    assert [action.text() for action in view.menu_for(-1).actions()] == ["Copy the whole conversation"]


def test_screen_readers_get_a_list_of_whole_turns(opened: Open) -> None:
    view, _, _ = opened(troubled(), height=700)
    found = QAccessible.queryAccessibleInterface(view)
    assert found.role() is QAccessible.Role.List
    assert found.text(QAccessible.Text.Name) == "Conversation"
    texts = [found.child(place).text(QAccessible.Text.Name) for place in range(found.childCount())]
    assert "You: Is the <b>market</b> open & busy today? 🍅🥕. 12:20" in texts
    assert "You: And on holidays?. Not answered. 12:21" in texts


def test_a_megabyte_of_caption_is_cut_in_the_picture_and_does_not_freeze(opened: Open) -> None:
    view, model, asked = opened(listening())
    before = time.perf_counter()
    model.put(TurnView(key="big", role="assistant", text="word " * 210_000, at=noon() + 99, live=True, interim=True))
    settle(view)
    view.grab()
    assert time.perf_counter() - before < 2.0  # about 0.05 s on a quiet machine
    layout = view.delegate.layout_of(model, model.rowCount() - 1)
    assert len(layout.shown.text) < 21_000
    assert "Copying takes all of it" in layout.note_words
    view.setCurrentIndex(model.index(model.rowCount() - 1))
    current = view.current_turn()
    assert current is not None
    assert len(current.text) == 5 * 210_000


@pytest.mark.parametrize(
    "text",
    ["", " \n\n ", "\x00\x07\x1b[31m", "\ud83d lone", "a\r\nb\tc\u2028d", "x" * 5000, "👩‍👩‍👧‍👦" * 50, "\u202e\u2066" * 40],
)
@pytest.mark.parametrize("role", ["user", "assistant", "notice"])
def test_hostile_text_is_painted_as_text(opened: Open, text: str, role: str) -> None:
    row = TurnView(key="1", role=role, text=text, live=True, interim=True, heard_chars=3)  # type: ignore[arg-type]
    view, model, _ = opened([row, replace(row, key="2", live=False, interrupted=True, heard_chars=1)])
    view.grab()
    width = view.delegate.layout_of(model, 0).text_box.width()
    assert width <= view.delegate.column.width


@pytest.mark.parametrize("width", [380, 560, 696, 840, 1176, 1440])
def test_nothing_is_wider_than_the_column(opened: Open, width: int) -> None:
    view, model, _ = opened(turns() + troubled()[1:], width=width)
    column = view.delegate.column
    assert column.x >= 16
    assert column.width <= 10_000
    assert column.x + column.width <= width
    for row in range(model.rowCount()):
        layout = view.delegate.layout_of(model, row)
        for box in (layout.text_box, layout.bubble, layout.go_on, layout.beside, layout.mark):
            assert box.right() <= column.width + 1


def test_each_turn_reads_in_its_own_direction(opened: Open) -> None:
    view, model, _ = opened(troubled(), height=800)
    directions = [view.delegate.layout_of(model, row).shown.right_to_left for row in range(5)]
    assert directions == [False, False, False, True, True]


def test_right_to_left_windows_mirror_bubbles_and_tools(opened: Open) -> None:
    view, model, _ = opened(listening(), height=600)
    tools = view.tools[0].geometry()
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    view.scheduleDelayedItemsLayout()
    settle(view)
    assert view.tools[0].geometry().center().x() > view.width() / 2 > tools.center().x()
    layout = view.delegate.layout_of(model, 0)
    assert layout.placed(layout.bubble, mirrored=True).x() == 0


def test_a_new_theme_or_text_size_lays_out_anew(opened: Open, look: Look) -> None:
    view, model, _ = opened(turns(), height=700)
    heights: list[int] = []
    view.content_changed.connect(heights.append)
    small = view.delegate.height(model, 1)
    look.theme.apply(choice="dark", text_percent=150)
    settle(view)
    assert view.delegate.height(model, 1) > small
    assert heights
    assert heights[-1] == view.content_height()
    assert colour(look, "mine") in colours_in(view, 2)


def test_a_thousand_turns_open_at_once(opened: Open) -> None:
    view, model, _ = opened([])
    rows = many(1000)
    before = time.perf_counter()
    model.set_rows(rows)
    settle(view)
    assert time.perf_counter() - before < 2.5  # about 0.15 s on a quiet machine
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
