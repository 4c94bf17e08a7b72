from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.captions import MEMORY, TEXT_LIMIT, TWIN_WINDOW_S, Record, Transcript, apply, settle
from mka1_desktop.domain.events import CaptionReceived, Channel, Speaker


def caption(
    text: str, segment: str = "s1", *, final: bool = False, channel: Channel = "event", speaker: Speaker = "agent",
    at_s: float = 0.0, ticket: int = 1, language: str | None = None,
) -> CaptionReceived:  # fmt: skip
    return CaptionReceived(
        ticket=ticket, segment_id=segment, speaker=speaker, text=text, final=final, channel=channel, at_s=at_s,
        language=language,
    )  # fmt: skip


def run(captions: Iterable[CaptionReceived]) -> tuple[Transcript, list[Record]]:
    """Apply all; return the transcript and every change that was told."""
    transcript = Transcript()
    told: list[Record] = []
    for one in captions:
        transcript, changed = apply(transcript, one)
        told.extend(changed)
    return transcript, told


def finals(told: Iterable[Record]) -> list[str]:
    return [r.key for r in told if r.final]


def texts(transcript: Transcript) -> list[str]:
    return [r.text for r in transcript.records]


# --- one channel ---------------------------------------------------------------------------------------------------


def test_a_segment_grows_and_is_final_once() -> None:
    transcript, told = run(
        [
            caption("The"),
            caption("The time", at_s=1.0),
            caption("The time is ten.", final=True, at_s=2.0),
            caption("The time is ten.", final=True, at_s=3.0),
        ]
    )
    assert texts(transcript) == ["The time is ten."]
    assert finals(told) == ["1.1"]
    assert (told[-1].first_at_s, told[-1].changed_at_s, told[-1].updates) == (0.0, 2.0, 3)


def test_a_correction_replaces_the_text() -> None:
    transcript, _ = run([caption("wreck a nice"), caption("recognise speech")])
    assert texts(transcript) == ["recognise speech"]


def test_nothing_is_told_of_a_caption_that_says_nothing_new() -> None:
    _, told = run([caption("One"), caption("One"), caption("  ", "s2")])
    assert [r.text for r in told] == ["One"]


def test_an_empty_final_keeps_the_words() -> None:
    transcript, told = run([caption("One"), caption("", final=True)])
    assert texts(transcript) == ["One"]
    assert finals(told) == ["1.1"]


def test_a_final_that_is_cut_is_what_the_service_says() -> None:
    transcript, told = run([caption("A long story begins"), caption("A long", final=True)])
    assert texts(transcript) == ["A long"]
    assert len(finals(told)) == 1


def test_several_segments_of_one_event_are_several_records() -> None:
    transcript, told = run([caption("One.", "a", final=True), caption("Two.", "b", final=True), caption("Three", "c")])
    assert texts(transcript) == ["One.", "Two.", "Three"]
    assert finals(told) == ["1.1", "1.2"]


def test_a_newer_segment_closes_the_older_one_of_the_same_speaker() -> None:
    transcript, told = run([caption("Hi", speaker="user"), caption("One", "a"), caption("Two", "b")])
    assert [(r.text, r.final) for r in transcript.records] == [("Hi", False), ("One", True), ("Two", False)]
    assert finals(told) == ["1.2"]


def test_the_same_id_of_both_sides_or_of_two_rooms_is_not_the_same_segment() -> None:
    transcript, _ = run([caption("One"), caption("Two", speaker="user"), caption("Three", ticket=2)])
    assert texts(transcript) == ["One", "Two", "Three"]
    assert [r.key for r in transcript.records] == ["1.1", "1.2", "2.3"]


def test_segments_without_an_id_are_told_apart_by_their_finals() -> None:
    transcript, told = run(
        [caption("One", ""), caption("One.", "", final=True), caption("Two", ""), caption("Two.", "", final=True)]
    )
    assert texts(transcript) == ["One.", "Two."]
    assert len(finals(told)) == 2


def test_segments_without_an_id_find_their_twins() -> None:
    transcript, told = run(
        [
            caption("One.", "", final=True),
            caption("One", "x", channel="stream"),
            caption("Two.", "", final=True),
            caption("One.", "x", channel="stream", final=True),
            caption("Two.", "y", channel="stream", final=True),
        ]
    )
    assert texts(transcript) == ["One.", "Two."]
    assert len(finals(told)) == 2


def test_the_language_stays_once_it_is_known() -> None:
    transcript, _ = run([caption("Hallo", language="de"), caption("Hallo du")])
    assert transcript.records[0].language == "de"


# --- no final flag -------------------------------------------------------------------------------------------------


def test_settling_closes_what_one_speaker_left_open() -> None:
    transcript, _ = run([caption("Hi", speaker="user"), caption("One", "a")])
    transcript, closed = settle(transcript, speaker="agent", at_s=9.0)
    assert [(r.text, r.final, r.changed_at_s) for r in closed] == [("One", True, 9.0)]
    assert [r.text for r in transcript.open_records("user")] == ["Hi"]
    assert transcript.open_records("agent") == ()
    assert settle(transcript, speaker="agent", at_s=10.0)[1] == ()


@pytest.mark.parametrize("late", [caption("One", final=True), caption("One.", final=True), caption("On")])
def test_the_final_flag_that_comes_after_settling_says_nothing_new(late: CaptionReceived) -> None:
    transcript, _ = settle(run([caption("One")])[0], speaker="agent", at_s=2.0)
    assert apply(transcript, late)[1] == ()


def test_words_that_come_after_settling_are_not_lost() -> None:
    transcript, _ = settle(run([caption("The capital")])[0], speaker="agent", at_s=2.0)
    transcript, _ = apply(transcript, caption("The capital, as I said", "other", channel="stream", at_s=3.0))
    transcript, _ = apply(transcript, caption("The capital, as I said", at_s=3.0))
    transcript, told = apply(transcript, caption("The capital, as I said, is Paris.", final=True, at_s=4.0))
    transcript, again = apply(
        transcript, caption("The capital, as I said, is Paris.", "other", channel="stream", final=True, at_s=4.0)
    )
    assert texts(transcript) == ["The capital", "as I said, is Paris."]
    assert finals(told) == ["1.2"]
    assert again == ()


@pytest.mark.parametrize("late", ["What time is it?", "What tie is it?", "What"])
def test_the_final_of_the_service_corrects_what_was_closed_too_early(late: str) -> None:
    transcript, _ = settle(run([caption("What ti")])[0], speaker="agent", at_s=2.0)
    transcript, told = apply(transcript, caption(late, final=True, at_s=3.0))
    assert [(r.key, r.text, r.final) for r in told] == [("1.1", late, True)]
    assert texts(transcript) == [late]
    assert apply(transcript, caption("What else", final=True, at_s=4.0))[1] == ()  # the service has said its last word


def test_a_word_that_was_cut_by_settling_is_made_whole() -> None:
    transcript, _ = settle(run([caption("What ti")])[0], speaker="agent", at_s=2.0)
    transcript, told = apply(transcript, caption("What time", at_s=3.0))
    assert [(r.key, r.text, r.final) for r in told] == [("1.1", "What time", False)]
    transcript, _ = apply(transcript, caption("What time is it?", final=True, at_s=4.0))
    assert texts(transcript) == ["What time is it?"]


def test_the_final_of_another_channel_that_lags_takes_nothing_back() -> None:
    transcript, _ = settle(run([caption("One two")])[0], speaker="agent", at_s=2.0)
    assert apply(transcript, caption("One", "other", channel="stream", final=True, at_s=3.0))[1] == ()


@pytest.mark.parametrize("late", ["👍", " 👍 ", "\r", ""])
def test_signs_without_words_are_not_said_twice(late: str) -> None:
    transcript, _ = settle(run([caption("👍")])[0], speaker="agent", at_s=2.0)
    assert apply(transcript, caption(late, final=True))[1] == ()
    transcript, _ = apply(transcript, caption("👍 Good.", final=True))
    assert texts(transcript) == ["👍", " Good."]


# --- both channels -------------------------------------------------------------------------------------------------


def test_signs_without_words_find_their_twin() -> None:
    transcript, told = run([caption("👍", final=True), caption("👍", "TR_x", channel="stream", final=True)])
    assert texts(transcript) == ["👍"]
    assert len(finals(told)) == 1


@pytest.mark.parametrize("other", ["s1", "TR_x"])
def test_both_channels_make_one_record(other: str) -> None:
    transcript, told = run(
        [
            caption("The"),
            caption("The time is", other, channel="stream"),
            caption("The time"),
            caption("The time is ten.", final=True),
            caption("The time is ten.", other, channel="stream", final=True),
        ]
    )
    assert texts(transcript) == ["The time is ten."]
    assert [r.text for r in told] == ["The", "The time is", "The time is ten."]
    assert finals(told) == ["1.1"]
    assert transcript.records[0].id_of("event") == "s1"
    assert transcript.records[0].id_of("stream") == other


def test_the_same_words_said_twice_are_two_records_with_their_twins() -> None:
    transcript, told = run(
        [
            caption("Yes.", "e1", final=True),
            caption("Yes.", "e2", final=True),
            caption("Yes.", "t1", channel="stream", final=True),
            caption("Yes.", "t2", channel="stream", final=True),
        ]
    )
    assert texts(transcript) == ["Yes.", "Yes."]
    assert len(finals(told)) == 2
    assert [r.id_of("stream") for r in transcript.records] == ["t1", "t2"]


def test_the_same_words_said_much_later_are_no_twin() -> None:
    transcript, _ = run(
        [
            caption("Yes.", "e1", final=True),
            caption("Yes.", "t1", channel="stream", final=True, at_s=TWIN_WINDOW_S + 0.1),
        ]
    )
    assert texts(transcript) == ["Yes.", "Yes."]


# --- bounds --------------------------------------------------------------------------------------------------------


def test_a_segment_and_the_memory_are_bounded() -> None:
    transcript, _ = run([caption("x" * (TEXT_LIMIT + 5))])
    assert len(transcript.records[0].text) == TEXT_LIMIT
    transcript, _ = run(caption("One", f"s{n}", final=True) for n in range(MEMORY + 5))
    assert len(transcript.records) == MEMORY
    assert transcript.records[-1].key == f"1.{MEMORY + 5}"


@given(st.text(max_size=40), st.text(max_size=40), st.booleans())
def test_any_text_is_taken_as_it_is(first: str, second: str, settled: bool) -> None:
    transcript, _ = run([caption(first)])
    if settled:
        transcript, _ = settle(transcript, speaker="agent", at_s=1.0)
    transcript, _ = apply(transcript, caption(second, final=True))
    assert all(r.text.strip() for r in transcript.records)
    assert all(r.final for r in transcript.records)


# --- every order of two channels -----------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["no", "yes", "what", "time", "Zürich", "ten"]), min_size=1, max_size=4)


@st.composite
def two_channels(draw: st.DrawFn) -> tuple[list[str], list[CaptionReceived]]:
    """Utterances, and both channels' captions of them: each in its own order, mixed at random."""
    said = [" ".join(words) + "." for words in draw(st.lists(WORDS, min_size=1, max_size=5))]
    same_ids = draw(st.booleans())
    waiting: dict[Channel, list[CaptionReceived]] = {}
    channels: tuple[Channel, Channel] = ("event", "stream")
    for channel in channels:
        waiting[channel] = [
            caption(part, f"s{n}" if same_ids else f"{channel}-{n}", final=part == text, channel=channel)
            for n, text in enumerate(said)
            for part in (*_prefixes(draw, text), text)
        ]
    mixed: list[CaptionReceived] = []
    while any(waiting.values()):
        channel = draw(st.sampled_from([c for c in channels if waiting[c]]))
        mixed.append(waiting[channel].pop(0))
    return said, mixed


def _prefixes(draw: st.DrawFn, text: str) -> list[str]:
    words = text.removesuffix(".").split()
    ends = sorted(draw(st.sets(st.integers(1, len(words)), max_size=3)))
    return [" ".join(words[:end]) for end in ends]


@given(two_channels())
def test_two_channels_in_any_order_give_each_utterance_once_with_one_final(
    example: tuple[list[str], list[CaptionReceived]],
) -> None:
    said, mixed = example
    transcript, told = run(mixed)
    assert texts(transcript) == said
    assert sorted(finals(told)) == sorted(r.key for r in transcript.records)
    last = {r.key: r for r in told}
    assert all(r.final for r in last.values())


@given(two_channels(), two_channels())
def test_the_two_speakers_do_not_disturb_each_other(
    agent: tuple[list[str], list[CaptionReceived]], user: tuple[list[str], list[CaptionReceived]]
) -> None:
    theirs = [caption(c.text, c.segment_id, final=c.final, channel=c.channel, speaker="user") for c in user[1]]
    longer, shorter = sorted((agent[1], theirs), key=len, reverse=True)
    mixed = [c for n, one in enumerate(longer) for c in (one, *shorter[n : n + 1])]
    transcript, _ = run(mixed)
    assert [r.text for r in transcript.records if r.speaker == "agent"] == agent[0]
    assert [r.text for r in transcript.records if r.speaker == "user"] == user[0]
