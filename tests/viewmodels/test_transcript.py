"""The transcript model: only what changed is told, at most thirty times a second, and a last answer is marked."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from mka1_desktop.domain.conversation import Item
from mka1_desktop.viewmodels.transcript import (
    DAY_ROLE,
    TURN_ROLE,
    TranscriptModel,
    TurnView,
    copy_form,
    spoken_form,
    turn_of,
)

NOW = time.time()
DAY_S = 86_400.0


@pytest.fixture(autouse=True)
def british() -> None:
    QLocale.setDefault(QLocale("en_GB"))


def said(key: str, text: str = "words", **more: object) -> TurnView:
    return TurnView(key=key, role="user", text=text, at=NOW, **more)  # type: ignore[arg-type]


def answer(key: str, text: str = "an answer", **more: object) -> TurnView:
    return TurnView(key=key, role="assistant", text=text, at=NOW, **more)  # type: ignore[arg-type]


def watched(model: TranscriptModel) -> list[int]:
    changed: list[int] = []
    model.dataChanged.connect(lambda first, last: changed.extend(range(first.row(), last.row() + 1)))
    return changed


def test_put_adds_new_keys_at_the_end_and_replaces_known_ones(qtbot: QtBot) -> None:
    model = TranscriptModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    model.put(said("1", "what"))
    model.put(answer("2"))
    model.put(said("1", "what time"))
    model.flush()
    assert [turn.text for turn in model.turns()] == ["what time", "an answer"]
    assert model.row_of("2") == 1
    assert model.row_of("none") == -1
    assert model.turn(0).time_text


def test_a_change_is_told_for_its_row_only(qtbot: QtBot) -> None:
    model = TranscriptModel()
    model.set_rows([said(str(number)) for number in range(50)])
    changed = watched(model)
    model.put(said("31", "other words"))
    model.flush()
    assert changed == [31]


def test_equal_rows_tell_nothing(qtbot: QtBot) -> None:
    model = TranscriptModel()
    model.set_rows([said("1"), answer("2")])
    changed = watched(model)
    model.put(said("1"))
    model.put(answer("2"))
    model.flush()
    assert changed == []


def test_fast_changes_are_gathered_and_the_newest_one_wins(qtbot: QtBot) -> None:
    model = TranscriptModel()
    model.set_rows([said("1", "")])
    changed = watched(model)
    for length in range(1, 300):
        model.put(said("1", "x" * length))
    assert changed == [0]  # the first at once, the others wait for the next thirtieth of a second
    assert model.turns()[0].text == "x" * 299
    qtbot.waitUntil(lambda: model.turn(0).text == "x" * 299, timeout=2000)
    assert changed == [0, 0]


def test_a_new_turn_does_not_wait_and_does_not_overtake(qtbot: QtBot) -> None:
    model = TranscriptModel()
    model.set_rows([said("1", "a")])
    model.put(said("1", "ab"))
    model.put(said("1", "abc"))
    model.put(answer("2"))
    assert [turn.text for turn in (model.turn(0), model.turn(1))] == ["abc", "an answer"]


def test_only_the_last_answer_is_marked(qtbot: QtBot) -> None:
    model = TranscriptModel()
    model.set_rows([answer("1"), said("2"), answer("3"), said("4")])
    assert [turn.is_last_answer for turn in model.turns()] == [False, False, True, False]
    changed = watched(model)
    model.put(answer("5"))
    assert [turn.key for turn in model.turns() if turn.is_last_answer] == ["5"]
    assert changed == [2]
    model.remove("5")
    assert [turn.key for turn in model.turns() if turn.is_last_answer] == ["3"]
    model.clear()
    assert model.rowCount() == 0


def test_the_same_key_twice_is_one_row(qtbot: QtBot) -> None:
    model = TranscriptModel()
    model.set_rows([said("1", "first"), said("1", "second")])
    assert [turn.text for turn in model.turns()] == ["second"]


def test_days_stand_above_their_first_turn(qtbot: QtBot) -> None:
    model, now = TranscriptModel(), time.time()  # and not NOW: a run may go on past midnight
    rows = [said("1"), said("2"), said("3"), said("4")]
    model.set_rows(
        [replace(row, at=now - age * DAY_S) for row, age in zip(rows, (400, 1, 1, 0), strict=True)],
    )
    days = [model.index(row).data(DAY_ROLE) for row in range(4)]
    assert days[1:] == ["Yesterday", "", "Today"]
    assert str(time.localtime(now - 400 * DAY_S).tm_year) in days[0]


def test_a_screen_reader_hears_sender_text_state_and_time(qtbot: QtBot) -> None:
    model = TranscriptModel()
    model.set_rows(
        [said("1", "Is it open?", time_text="14:02"), said("2", "Hello", state="waiting", time_text="14:03")]
    )
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(0).data(role) == "You: Is it open? 14:02"
    assert model.index(1).data(role) == "You: Hello. Waiting to be sent. 14:03"
    assert spoken_form(answer("3", "Yes.", time_text="9:00")) == "Assistant: Yes. 9:00"
    assert spoken_form(answer("3", "Yes.")) == "Assistant: Yes"
    assert (
        spoken_form(answer("3", "Who \u201cknows?\u201d ", time_text="9:00"))
        == "Assistant: Who \u201cknows?\u201d 9:00"
    )
    assert spoken_form(answer("3", "Wait\u2026", time_text="9:00")) == "Assistant: Wait\u2026 9:00"
    assert model.index(0).data(TURN_ROLE).key == "1"
    assert model.index(0).data(Qt.ItemDataRole.DecorationRole) is None


def test_items_of_the_history_become_turns() -> None:
    item = Item(
        key="a1",
        role="assistant",
        source="voice",
        text="one two three",
        state="interrupted",
        at=NOW,
        heard_text="one two",
    )
    turn = turn_of(item)
    assert turn.cut == 7
    assert turn.words_left == 1
    whole = turn_of(replace(item, heard_text="one two three"))
    assert whole.cut is None
    unknown = turn_of(replace(item, heard_text=None))
    assert unknown.cut is None


def test_copying_names_the_speakers_and_leaves_empty_turns_out() -> None:
    assert (
        copy_form([said("1", " Hi "), answer("2", ""), answer("3", "Hello <b>")]) == "You: Hi\n\nAssistant: Hello <b>"
    )


def test_a_thousand_turns_are_set_quickly(qtbot: QtBot) -> None:
    rows = [said(str(number), "some words " * 8) for number in range(1000)]
    model = TranscriptModel()
    before = time.perf_counter()
    model.set_rows(rows)
    assert time.perf_counter() - before < 0.5  # about 0.01 s on a quiet machine
