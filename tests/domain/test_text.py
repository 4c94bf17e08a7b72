from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.text import TEXT_LIMIT_B, checked_text


def test_text_is_sent_trimmed_and_otherwise_as_it_is() -> None:
    assert checked_text("  שלום\n👋🏽 <b>hi</b>\t") == "שלום\n👋🏽 <b>hi</b>"


@pytest.mark.parametrize("text", ["", " ", "\n\t  "])
def test_an_empty_text_is_refused(text: str) -> None:
    with pytest.raises(AppError) as refused:
        checked_text(text)
    assert refused.value.code is Code.TEXT_EMPTY


def test_the_limit_counts_bytes_and_not_characters() -> None:
    assert len(checked_text("ä" * (TEXT_LIMIT_B // 2)).encode()) == TEXT_LIMIT_B
    with pytest.raises(AppError) as refused:
        checked_text("ä" * (TEXT_LIMIT_B // 2) + "x")
    assert refused.value.code is Code.TEXT_TOO_LONG


@given(st.text(alphabet=st.characters(), max_size=50))
def test_what_is_sent_can_always_be_encoded(text: str) -> None:
    try:
        checked = checked_text(text)
    except AppError:
        assert not text.strip()
    else:
        assert len(checked.encode()) <= TEXT_LIMIT_B
