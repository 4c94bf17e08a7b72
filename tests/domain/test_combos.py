from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.combos import Combo, parse_combo

KEYS = st.sampled_from(["Space", "F9", "A", "Pause", "+", "1", "Print"])
MODIFIERS = st.frozensets(st.sampled_from(["ctrl", "alt", "shift", "meta"]))


@pytest.mark.parametrize(
    ("text", "modifiers", "key"),
    [
        ("Ctrl+Alt+Space", {"ctrl", "alt"}, "Space"),
        ("ctrl+ALT+a", {"ctrl", "alt"}, "A"),
        (" Meta + F9 ", {"meta"}, "F9"),
        ("Pause", set(), "Pause"),
        ("Ctrl++", {"ctrl"}, "+"),
        ("+", set(), "+"),
        ("Super+space", {"meta"}, "Space"),
        ("mouse4", set(), "Mouse4"),
        ("Shift+MOUSE5", {"shift"}, "Mouse5"),
        ("Ctrl+Mouse1", {"ctrl"}, "Mouse1"),
        ("F24", set(), "F24"),
    ],
)
def test_what_the_settings_write_is_read(text: str, modifiers: set[str], key: str) -> None:
    combo = parse_combo(text)
    assert combo is not None
    assert (set(combo.modifiers), combo.key) == (modifiers, key)


@pytest.mark.parametrize("text", ["Mouse1", "mouse2", "Mouse3", "Shift+Mouse1", "Shift+Mouse3"])
def test_nobody_takes_the_clicks_from_other_programs(text: str) -> None:
    assert parse_combo(text) is None


def test_buttons_have_numbers_and_keys_have_none() -> None:
    assert [Combo(key=f"Mouse{i}").button for i in range(7)] == [None, 1, 2, 3, 4, 5, None]
    assert Combo(key="M").button is None


@given(MODIFIERS, st.integers(1, 5))
def test_a_button_is_a_key_unless_it_is_a_click(modifiers: frozenset[str], number: int) -> None:
    combo = Combo(modifiers=modifiers, key=f"Mouse{number}")  # type: ignore[arg-type]
    free = number > 3 or bool(modifiers & {"ctrl", "alt", "meta"})
    assert parse_combo(str(combo)) == (combo if free else None)


@pytest.mark.parametrize("text", ["", "  ", "Ctrl", "Ctrl+", "Ctrl+Alt", "+A", "A+B", "Ctrl+\n", "A" * 100, "Ctrl+++A"])
def test_what_is_no_combination_is_none(text: str) -> None:
    assert parse_combo(text) is None


@given(MODIFIERS, KEYS)
def test_what_is_written_is_read_again(modifiers: frozenset[str], key: str) -> None:
    combo = Combo(modifiers=modifiers, key=key)  # type: ignore[arg-type]
    assert parse_combo(str(combo)) == combo


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    combo = parse_combo(text)
    assert combo is None or combo.key
