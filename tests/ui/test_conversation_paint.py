"""How turns are laid out and painted: colours, directions, sizes, hostile and huge text."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.viewmodels.transcript import TurnView
from tests.support.look import make_look
from tests.support.open_conversation import OpenConversation, many
from tests.support.ui_samples import listening, noon, troubled, turns

Open = Callable[..., OpenConversation]


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication) -> Open:
    QLocale.setDefault(QLocale("en_GB"))
    look = make_look(qapp, reduced=True)

    def make(rows: list[TurnView], *, width: int = 696, height: int = 480) -> OpenConversation:
        return OpenConversation(qtbot, look, rows, width=width, height=height)

    return make


def test_a_short_conversation_stands_at_the_bottom(opened: Open) -> None:
    desk = opened(listening())
    view, model = desk.view, desk.model
    last = view.visualRect(model.index(model.rowCount() - 1))
    assert last.bottom() == view.viewport().height() - 1
    assert view.verticalScrollBar().maximum() == 0


def test_the_open_microphone_is_orange_and_nothing_else_is(opened: Open) -> None:
    desk = opened(listening())
    model = desk.model
    assert {desk.colour("live"), desk.colour("live_soft")} <= desk.colours(2)
    assert desk.colour("live_soft") not in desk.colours(0) | desk.colours(1)
    model.put(replace(model.turn(2), live=False, interim=False))
    model.flush()
    desk.settle()
    assert desk.colour("live") not in desk.colours(2)


def test_the_word_being_spoken_is_tinted_and_the_cut_is_drawn(opened: Open) -> None:
    desk = opened(turns(), height=700)
    view = desk.view
    assert desk.colour("accent_soft") in desk.colours(3)
    assert desk.colour("accent_soft") not in desk.colours(2)
    layout = view.delegate.layout_of(view.model(), 1)  # type: ignore[arg-type]
    assert "not\u00a0heard" in layout.shown.text
    assert layout.meta_words == "You stopped it at 0:08, with 22 words left."


def test_focus_by_keyboard_is_framed_and_by_pointer_is_not(opened: Open) -> None:
    desk = opened(listening())
    view, model = desk.view, desk.model
    view.activateWindow()
    view.setFocus(Qt.FocusReason.TabFocusReason)
    desk.settle()
    assert desk.colour("focus") in desk.colours(2)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(model.index(2)).center())
    desk.settle()
    assert desk.colour("focus") not in desk.colours(2)


def test_a_megabyte_of_caption_is_cut_in_the_picture_and_does_not_freeze(opened: Open) -> None:
    desk = opened(listening())
    view, model = desk.view, desk.model
    before = time.perf_counter()
    model.put(TurnView(key="big", role="assistant", text="word " * 210_000, at=noon() + 99, live=True, interim=True))
    desk.settle()
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
    [
        "",
        " \n\n ",
        "\x00\x07\x1b[31m",
        "\ud83d lone",
        "a\r\nb\tc\u2028d",
        "x" * 5000,
        "👩‍👩‍👧‍👦" * 50,
        "\u202e\u2066" * 40,
    ],
)
@pytest.mark.parametrize("role", ["user", "assistant", "notice"])
def test_hostile_text_is_painted_as_text(opened: Open, text: str, role: str) -> None:
    row = TurnView(key="1", role=role, text=text, live=True, interim=True, heard_chars=3)  # type: ignore[arg-type]
    desk = opened([row, replace(row, key="2", live=False, interrupted=True, heard_chars=1)])
    view, model = desk.view, desk.model
    view.grab()
    width = view.delegate.layout_of(model, 0).text_box.width()
    assert width <= view.delegate.column.width


@pytest.mark.parametrize("width", [380, 560, 696, 840, 1176, 1440])
def test_nothing_is_wider_than_the_column(opened: Open, width: int) -> None:
    desk = opened(turns() + troubled()[1:], width=width)
    view, model = desk.view, desk.model
    column = view.delegate.column
    assert column.x >= 16
    assert column.width <= 10_000
    assert column.x + column.width <= width
    for row in range(model.rowCount()):
        layout = view.delegate.layout_of(model, row)
        for box in (layout.text_box, layout.bubble, layout.go_on, layout.beside, layout.mark):
            assert box.right() <= column.width + 1


def test_each_turn_reads_in_its_own_direction(opened: Open) -> None:
    desk = opened(troubled(), height=800)
    view, model = desk.view, desk.model
    directions = [view.delegate.layout_of(model, row).shown.right_to_left for row in range(5)]
    assert directions == [False, False, False, True, True]


def test_right_to_left_windows_mirror_bubbles_and_tools(opened: Open) -> None:
    desk = opened(listening(), height=600)
    view, model = desk.view, desk.model
    tools = view.tools[0].geometry()
    view.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    view.scheduleDelayedItemsLayout()
    desk.settle()
    assert view.tools[0].geometry().center().x() > view.width() / 2 > tools.center().x()
    layout = view.delegate.layout_of(model, 0)
    assert layout.placed(layout.bubble, mirrored=True).x() == 0


def test_a_new_theme_or_text_size_lays_out_anew(opened: Open) -> None:
    desk = opened(turns(), height=700)
    view, model = desk.view, desk.model
    heights: list[int] = []
    view.content_changed.connect(heights.append)
    small = view.delegate.height(model, 1)
    desk.look.theme.apply(choice="dark", text_percent=150)
    desk.settle()
    assert view.delegate.height(model, 1) > small
    assert heights
    assert heights[-1] == view.content_height()
    assert desk.colour("mine") in desk.colours(2)


def test_a_thousand_turns_open_at_once(opened: Open) -> None:
    desk = opened([])
    view, model = desk.view, desk.model
    rows = many(1000)
    before = time.perf_counter()
    model.set_rows(rows)
    desk.settle()
    assert time.perf_counter() - before < 2.5  # about 0.15 s on a quiet machine
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
