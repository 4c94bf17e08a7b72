"""Pages and rows of the settings come from the table; every row has a control and a range in words."""

from __future__ import annotations

import pytest

from mka1_desktop.domain.settings import BY_KEY, LANGUAGES, TABLE, Setting
from mka1_desktop.viewmodels.settings import (
    OWN_NAMES,
    PAGES,
    choices_of,
    help_of,
    kind_of,
    matching,
    pages,
    problem,
    title_of,
)

ALL = frozenset(BY_KEY)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.key)
def test_each_setting_has_a_page_a_control_and_accepts_its_default(row: Setting) -> None:
    assert row.page in PAGES
    assert kind_of(row)
    assert title_of(row)
    assert problem(row.key, row.default) == ""
    assert len(choices_of(row)) == len(row.choices)


def test_pages_leave_out_what_is_not_shown() -> None:
    found = pages(frozenset({"look.theme", "talk.key"}))
    assert [page.name for page in found] == ["General", "Talking"]
    assert [row.key for page in pages(ALL) for row in page.rows if row.key == "talk.key"] == ["talk.key"]
    assert sum(len(page.rows) for page in pages(ALL)) == len(TABLE)


def test_a_page_that_the_order_does_not_know_comes_last() -> None:
    row = Setting(key="x.y", default=True, title="Odd", page="Odd page")
    assert [page.name for page in pages(frozenset({"x.y"}), (row,))] == ["Odd page"]


def test_kinds_of_controls() -> None:
    kinds = {key: kind_of(BY_KEY[key]) for key in BY_KEY}
    assert kinds["talk.key"] == "key"
    assert kinds["talk.mode"] == "menu"
    assert kinds["talk.tail_ms"] == "number"
    assert kinds["audio.volume"] == "slider"
    assert kinds["audio.echo_cancellation"] == "switch"
    assert kinds["assistant.instructions"] == "paragraph"
    assert kinds["connection.base_url"] == "text"


def test_wrong_values_are_answered_with_the_range() -> None:
    assert problem("talk.tail_ms", "9999") == "Type a whole number from 0 to 2000 ms."
    assert problem("talk.tail_ms", "no")
    assert problem("talk.tail_ms", "250") == ""
    assert problem("assistant.model", "x" * 201)


def test_search_looks_at_titles_help_choices_and_keys() -> None:
    talking = next(page for page in pages(ALL) if page.name == "Talking")
    assert [row.key for row in matching(talking, "tap shorter")] == ["talk.tap_ms"]
    assert matching(talking, "") == talking.rows
    assert matching(talking, "zebra") == ()
    assert "talk.mode" in [row.key for row in matching(talking, "MICROPHONE always")]


def test_languages_say_their_own_names() -> None:
    names = {choice.value: choice.title for choice in choices_of(BY_KEY["assistant.language"])}
    assert names["de"] == "Deutsch"
    assert set(LANGUAGES) == set(OWN_NAMES)
    assert names[""] == "Detect"
    assert help_of(BY_KEY["talk.key"])
