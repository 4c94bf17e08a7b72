"""The list of threads: groups, marks, search, and changes that leave the other rows alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from mka1_desktop.domain.conversation import Thread
from mka1_desktop.viewmodels.days import day_title, group_title
from mka1_desktop.viewmodels.threads import HeadRow, ThreadListModel, ThreadRow, folded, hit_in
from tests.support.ui_samples import DAY_S, noon, threads


@pytest.fixture(autouse=True)
def british() -> None:
    QLocale.setDefault(QLocale("en_GB"))


@pytest.fixture
def model(qtbot: QtBot) -> ThreadListModel:
    made = ThreadListModel()
    made.tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Warning)  # type: ignore[attr-defined]
    made.set_threads(threads())
    return made


def titles(model: ThreadListModel) -> list[str]:
    rows = (model.row(place) for place in range(model.rowCount()))
    return [f"[{row.title}]" if isinstance(row, HeadRow) else row.title for row in rows if row is not None]


def row(model: ThreadListModel, thread_id: str) -> ThreadRow:
    found = model.row(model.place_of(thread_id))
    assert isinstance(found, ThreadRow)
    return found


def test_pinned_first_then_days_newest_first(model: ThreadListModel) -> None:
    shown = titles(model)
    assert shown[:6] == [
        "[Pinned]",
        "Balcony garden",
        "Weekly plan, spoken",
        "[Today]",
        "Litres to cups",
        "Why is the sky dark at night?",
    ]
    assert shown[6:9] == ["[Yesterday]", "Words for the dentist", "A private matter"]
    assert "[Previous 7 days]" in shown


def test_heads_can_be_neither_chosen_nor_focused(model: ThreadListModel) -> None:
    assert not model.index(0).flags() & Qt.ItemFlag.ItemIsEnabled
    assert model.index(1).flags() & Qt.ItemFlag.ItemIsSelectable


def test_a_thread_that_was_used_moves_and_the_others_stay(model: ThreadListModel) -> None:
    moved: list[tuple[int, int]] = []
    reset: list[bool] = []
    model.rowsMoved.connect(lambda _p, start, _e, _d, row: moved.append((start, row)))
    model.modelReset.connect(lambda: reset.append(True))
    model.put(replace(threads()[3], updated_at=noon() + 60))
    assert titles(model)[3:6] == ["[Today]", "Why is the sky dark at night?", "Litres to cups"]
    assert moved == [(5, 4)]
    assert reset == []


def test_new_and_deleted_threads_take_their_heads_with_them(model: ThreadListModel) -> None:
    model.put(Thread(id="new", title="", mode="chain", created_at=0, updated_at=noon() - 20 * DAY_S))
    assert "[Previous 30 days]" in titles(model)
    assert row(model, "new").title == "New conversation"
    model.remove("new")
    model.remove("nobody")
    assert "[Previous 30 days]" not in titles(model)


def test_pinning_moves_a_thread_to_the_top_group(model: ThreadListModel) -> None:
    model.put(replace(threads()[2], pinned=True))
    assert "Litres to cups" in titles(model)[1:4]


def test_open_live_and_unread_are_marked_and_told_for_their_rows(model: ThreadListModel) -> None:
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    model.set_open("t3")
    model.set_live("t3")
    model.set_unread("t4")
    model.set_unread("t3")  # is open: nothing new about it
    assert set(changed) == {model.place_of("t3"), model.place_of("t4")}
    assert row(model, "t3").open
    assert row(model, "t3").live
    assert not row(model, "t3").unread
    assert row(model, "t4").unread
    model.set_open("t4")
    assert not row(model, "t4").unread


def test_a_screen_reader_hears_the_marks(model: ThreadListModel) -> None:
    model.set_live("t1")
    spoken = model.index(model.place_of("t1")).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Balcony garden, in progress, pinned, ")
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Pinned"


def test_typing_filters_titles_without_case_and_diacritics(model: ThreadListModel) -> None:
    model.put(Thread(id="d", title="Zürich and Łódź by train", mode="chain", created_at=0, updated_at=noon()))
    model.set_query("  ZURICH ")
    assert titles(model) == ["[1 found]", "Zürich and Łódź by train"]
    model.set_query("no such words")
    assert titles(model) == ["[Nothing found]"]
    assert model.has_threads
    assert model.shown == 0
    model.set_query("")
    assert titles(model)[0] == "[Pinned]"


def test_results_of_the_store_replace_the_filter_unless_the_person_typed_on(model: ThreadListModel) -> None:
    model.set_query("plan")
    found = [replace(threads()[5], snippet="…a plan for it…")]
    model.set_results("pla", found)
    assert titles(model)[1:] == ["Weekly plan, spoken"]
    model.set_results("plan", found)
    assert titles(model) == ["[1 found]", "A private matter"]
    assert row(model, "t6").snippet == "…a plan for it…"
    model.remove("t6")
    assert titles(model) == ["[Nothing found]"]


def test_hits_are_found_where_letters_change_their_number() -> None:
    assert hit_in("…the Straße of Zürich", "strasse") == (5, 11)
    assert hit_in("Zürich", "uri") == (1, 4)
    assert hit_in("Zürich", "x") is None
    assert hit_in("Zürich", "") is None
    assert folded("ÉÀ") == "ea"


def test_names_of_days_and_groups() -> None:
    today = QDate(2026, 11, 24)
    assert [day_title(today.addDays(-days), today) for days in (0, 1, 2)] == ["Today", "Yesterday", "Sunday"]
    assert "2026" in day_title(today.addDays(-30), today)
    groups = [group_title(today.addDays(-days), today) for days in (-3, 1, 7, 8, 40, 400)]
    assert groups == ["Today", "Yesterday", "Previous 7 days", "Previous 30 days", "October", "October 2025"]
