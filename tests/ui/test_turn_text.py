"""The words of a turn as they are laid out: looks without gaps, places in UTF-16, nothing that breaks a layout."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.ui.turn_text import TEXT_LIMIT, ShownText, reads_right_to_left, shown_text, utf16_length, word_at
from mka1_desktop.viewmodels.transcript import TurnView

CHIP = "not heard"
any_text = st.text(st.characters(codec=None), max_size=200)


def parts(shown: ShownText) -> list[tuple[str, str]]:
    units = shown.text.encode("utf-16-le", "surrogatepass")
    return [
        (span.kind, units[2 * span.start : 2 * span.end].decode("utf-16-le", "surrogatepass")) for span in shown.spans
    ]


def turn(text: str, **more: object) -> TurnView:
    return TurnView(key="1", role=more.pop("role", "assistant"), text=text, **more)  # type: ignore[arg-type]


def test_final_words_are_plain() -> None:
    assert parts(shown_text(turn("All said."), CHIP)) == [("plain", "All said.")]


def test_interim_words_come_after_settled_ones() -> None:
    shown = shown_text(turn("this is sure, this is not", role="user", interim=True, settled_chars=14), CHIP)
    assert parts(shown) == [("plain", "this is sure, "), ("interim", "this is not")]


def test_a_spoken_answer_marks_the_current_word_without_its_comma() -> None:
    shown = shown_text(turn("one two, three", live=True, heard_chars=5), CHIP)
    assert parts(shown) == [("plain", "one "), ("current", "two"), ("soft", ", three")]
    done = shown_text(turn("one two", live=True, heard_chars=7), CHIP)
    assert [kind for kind, _ in parts(done)] == ["plain"]


def test_a_stopped_answer_is_cut_before_the_word_that_was_not_finished() -> None:
    shown = shown_text(turn("Basil keeps well between them.", interrupted=True, heard_chars=27), CHIP)
    kinds = dict(parts(shown))
    assert kinds["plain"] == "Basil keeps well between "
    assert "not\u00a0heard" in kinds["chip"]
    assert " " not in kinds["bar"] + kinds["chip"]
    assert kinds["soft"] == " them."


def test_nothing_heard_begins_with_the_cut() -> None:
    shown = shown_text(turn("Hello there", interrupted=True, heard_chars=0), CHIP)
    assert [kind for kind, _ in parts(shown)] == ["bar", "chip", "soft"]


def test_places_count_utf16_units() -> None:
    shown = shown_text(turn("👋🏽 hi you", live=True, heard_chars=3), CHIP)
    assert parts(shown)[1] == ("current", "hi")
    assert utf16_length("a👋") == 3


def test_long_text_is_cut_and_says_so() -> None:
    shown = shown_text(turn("x" * (TEXT_LIMIT + 5)), CHIP)
    assert shown.elided
    assert len(shown.text) == TEXT_LIMIT + 1
    assert not shown_text(turn("x" * TEXT_LIMIT), CHIP).elided


def test_a_cut_beyond_what_is_shown_leaves_the_text_whole() -> None:
    text = "word " * 6000
    shown = shown_text(turn(text, interrupted=True, heard_chars=29_000), CHIP)
    assert shown.elided
    assert shown.text.startswith(text[:1000])


def test_direction_comes_from_the_first_strong_letter() -> None:
    assert reads_right_to_left("12:30 – שלום hello")
    assert not reads_right_to_left("12:30 – hello שלום")
    assert not reads_right_to_left("123 !")


@given(any_text, st.integers(-5, 250), st.booleans(), st.booleans(), st.integers(-5, 250))
def test_any_text_gives_spans_without_gaps(text: str, heard: int, cut: bool, live: bool, settled: int) -> None:
    row = turn(text, interrupted=cut, live=live, heard_chars=heard, interim=True, settled_chars=max(0, settled))
    shown = shown_text(row, CHIP)
    at = 0
    for span in shown.spans:
        assert span.start == at
        assert span.length > 0
        at = span.end
    assert at == utf16_length(shown.text)
    assert not any("\ud800" <= c <= "\udfff" or (c < " " and c != "\u200b") for c in shown.text)


@given(any_text, st.integers(-5, 250))
def test_a_word_lies_inside_the_text(text: str, place: int) -> None:
    start, end = word_at(text, place)
    assert 0 <= start <= end <= len(text)
