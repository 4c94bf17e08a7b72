"""What is lowered and what is given back, whatever streams come, go and change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.other_sound import (
    Lowered,
    OtherStream,
    lowered,
    same,
    set_by_person,
    still_ours,
    to_lower,
    to_remember,
)

LEVELS = st.lists(st.floats(0.0, 1.5), min_size=1, max_size=6).map(tuple)
STREAMS = st.lists(
    st.builds(
        OtherStream,
        id=st.integers(0, 9).map(str), process=st.sampled_from("12"), program=st.sampled_from(["mpv", "firefox"]),
        levels=LEVELS, memory=st.sampled_from(["", "by-name:mpv", "by-name:firefox"]),
    ),
    unique_by=lambda stream: stream.identity,
)  # fmt: skip
MUSIC = OtherStream(id="7", process="4242", program="mpv", levels=(1.0, 0.5), memory="by-name:mpv")
HELD = Lowered(stream=MUSIC, to=(0.2, 0.1))


def heard(stream: OtherStream, *levels: float) -> OtherStream:
    return replace(stream, levels=levels)


@given(STREAMS, st.integers(0, 100))
def test_every_stream_is_lowered_by_the_same_share_and_none_becomes_louder(
    streams: list[OtherStream], percent: int
) -> None:
    for one in to_lower(streams, (), (), percent):
        assert one.stream in streams
        assert one.to == lowered(one.stream.levels, percent)
        assert all(now <= before for now, before in zip(one.to, one.stream.levels, strict=True))


@given(STREAMS, st.integers(0, 100), st.integers(0, 100))
def test_nothing_is_lowered_twice(streams: list[OtherStream], percent: int, then: int) -> None:
    held = to_lower(streams, (), (), percent)
    now = [next((replace(s, levels=h.to) for h in held if h.stream is s), s) for s in streams]
    assert not {one.stream.identity for one in to_lower(now, held, (), then)} & {one.stream.identity for one in held}
    assert still_ours(now, held) == held
    assert set_by_person(now, held) == frozenset()


@given(STREAMS, STREAMS, st.integers(0, 100))
def test_what_was_lowered_is_given_back_or_gone_or_the_persons(
    streams: list[OtherStream], later: list[OtherStream], percent: int
) -> None:
    held = to_lower(streams, (), (), percent)
    ours = {one.stream.identity for one in still_ours(later, held)}
    persons = set_by_person(later, held)
    assert not ours & persons
    for one in held:
        playing = [s for s in later if s.identity == one.stream.identity]
        assert (one.stream.identity in ours) == any(same(s.levels, one.to) for s in playing)
        assert (one.stream.identity in persons) == (bool(playing) and one.stream.identity not in ours)
    assert not persons & {one.stream.identity for one in to_lower(later, held, persons, percent)}


@pytest.mark.parametrize("levels", [(0.0, 0.0), (0.004,)])
def test_what_is_silent_is_left_alone(levels: tuple[float, ...]) -> None:
    assert to_lower([heard(MUSIC, *levels)], (), (), 20) == ()


def test_a_stream_counts_with_its_process_and_program() -> None:
    """The sound server gives the same numbers again after a restart."""
    assert still_ours([heard(MUSIC, 0.2, 0.1)], [HELD]) == (HELD,)
    for other in (replace(MUSIC, id="8"), replace(MUSIC, process="1"), replace(MUSIC, program="firefox")):
        assert still_ours([heard(other, 0.2, 0.1)], [HELD]) == ()


def test_another_number_of_channels_is_another_level() -> None:
    assert set_by_person([heard(MUSIC, 0.2)], [HELD]) == {MUSIC.identity}


def test_a_second_stream_of_the_program_that_begins_lowered_goes_back_to_the_first_ones_level() -> None:
    second = replace(MUSIC, id="8", levels=(0.2, 0.1))
    assert to_lower([second], [HELD], (), 20) == (Lowered(stream=heard(second, 1.0, 0.5), to=(0.2, 0.1)),)
    stranger = replace(second, memory="")
    assert to_lower([stranger], [HELD], (), 20)[0].to == lowered((0.2, 0.1), 20)


def test_the_system_remembers_no_lowered_level() -> None:
    assert to_remember({"by-name:mpv": (0.2, 0.1), "by-name:firefox": (0.2, 0.1)}, [HELD]) == {
        "by-name:mpv": (1.0, 0.5)
    }
    assert to_remember({"by-name:mpv": (0.9, 0.9)}, [HELD]) == {}, "that is the person's"
    assert to_remember({}, [HELD]) == {}
