from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.conversation import NOTHING, TITLE_LIMIT, Continuation, Thread, title_from


def test_a_continuation_is_never_two() -> None:
    with pytest.raises(ValueError, match="never both"):
        Continuation(conversation_id="c", response_id="r")
    assert not NOTHING
    assert Continuation(conversation_id="c")
    assert Continuation(response_id="r")


def test_a_thread_goes_on_as_a_conversation_else_from_its_newest_response() -> None:
    thread = Thread(id="t", title="T", mode="chain", created_at=1.0, updated_at=1.0, response_id="r")
    assert thread.continuation == Continuation(response_id="r")
    both = Thread(
        id="t", title="T", mode="conversation", created_at=1.0, updated_at=1.0, response_id="r", conversation_id="c"
    )
    assert both.continuation == Continuation(conversation_id="c")
    assert not Thread(id="t", title="T", mode="chain", created_at=1.0, updated_at=1.0).continuation


def test_a_title_is_one_line_cut_at_a_word() -> None:
    assert title_from("  What \n time is it? ") == "What time is it?"
    long = title_from("word " * 40)
    assert long == "word " * 15 + "word…"
    assert title_from("x" * 200) == "x" * TITLE_LIMIT + "…"


@given(st.text(max_size=300))
def test_any_text_makes_a_short_title(text: str) -> None:
    title = title_from(text)
    assert len(title) <= TITLE_LIMIT + 1
    assert "\n" not in title
