from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.folding import SNIPPET_LENGTH, folded, folded_query, snippet


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Crème  BRÛLÉE\n", "creme brulee"),
        ("Straße", "strasse"),
        ("ﬁn", "fin"),
        ("İstanbul", "istanbul"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("שָׁלוֹם", "שלום"),
        ("１２３", "123"),
        ("🎧 ok", "🎧 ok"),
    ],
)
def test_case_and_marks_do_not_matter(text: str, expected: str) -> None:
    assert folded(text) == expected


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_the_snippet_shows_the_hit_and_marks_what_was_cut() -> None:
    text = "a" * 100 + " Große Überraschung " + "b" * 200
    found = snippet(text, folded("GROSSE UBER"))
    assert found is not None
    assert "Große Überraschung" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) <= SNIPPET_LENGTH + 2


def test_a_short_text_is_its_own_snippet() -> None:
    assert snippet("  Hello\tWorld ", "world") == "Hello World"
    assert snippet("Hello", "nothing") is None


@given(st.text(max_size=80), st.integers(0, 80), st.integers(1, 20))
def test_every_part_of_a_text_is_found_again(text: str, start: int, length: int) -> None:
    part = folded_query(folded(text)[start : start + length])
    if part:
        assert part in folded(text)
        assert snippet(text, part) is not None


def test_a_query_is_bounded() -> None:
    assert len(folded_query("x" * 5000)) == 200
