from __future__ import annotations

import math

import pytest

from mka1_desktop.viewmodels.devices import DevicesModel, PickerView, picker_view
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView, level_of

FOUND = (("a", "Yeti"), ("b", "Built-in"))


def pick(chosen: str = "", *, default: str | None = "Yeti", found: tuple[tuple[str, str], ...] = FOUND) -> PickerView:
    return picker_view(found, chosen=chosen, chosen_name="AirPods", default_name=default, none_text="No microphone")


def test_following_the_system_names_what_that_is_now() -> None:
    view = pick()
    first = view.rows[0]
    assert (first.id, first.name, first.detail, first.chosen) == ("", "Follow the system", "now Yeti", True)
    assert view.name == "Yeti"
    assert [row.id for row in view.rows] == ["", "a", "b"]


def test_a_chosen_device_is_ticked_and_named() -> None:
    view = pick("b")
    assert view.name == "Built-in"
    assert [row.id for row in view.rows if row.chosen] == ["b"]


def test_an_absent_favourite_stays_in_the_list_and_another_one_is_used() -> None:
    view = pick("pods")
    assert view.name == "Yeti"
    last = view.rows[-1]
    assert (last.name, last.present, last.chosen) == ("AirPods, not plugged in", False, True)


def test_what_is_used_while_the_favourite_is_away_says_so() -> None:
    view = picker_view(
        FOUND, chosen="pods", chosen_name="AirPods", instead="b", default_name="Yeti", none_text="No microphone"
    )
    assert view.name == "Built-in"
    assert [row.detail for row in view.rows] == ["now Yeti", "", "in use until AirPods is back", ""]


def test_what_would_be_used_instead_means_nothing_while_the_choice_is_there() -> None:
    view = picker_view(FOUND, chosen="b", instead="b", default_name="Yeti", none_text="No microphone")
    assert [(row.name, row.detail) for row in view.rows if row.chosen] == [("Built-in", "")]


def test_no_device_at_all() -> None:
    view = pick(default=None, found=())
    assert (view.name, view.enabled, view.rows[0].detail) == ("No microphone", False, "no device now")
    assert DevicesModel().view.microphone.name == "No microphone"


@pytest.mark.parametrize(
    ("dbfs", "level"), [(-90, 0), (-60, 0), (-36, 0.5), (-12, 1), (0, 1), (math.nan, 0), (-math.inf, 0), (math.inf, 1)]
)
def test_levels_are_linear_in_decibels(dbfs: float, level: float) -> None:
    assert level_of(dbfs) == level


def test_levels_are_told_when_they_differ() -> None:
    model = LevelsModel()
    told: list[object] = []
    model.changed.connect(told.append)
    for value in (None, 0.5, 0.5, None):
        model.show(LevelsView(microphone=value))
    assert told == [LevelsView(microphone=0.5), LevelsView()]
