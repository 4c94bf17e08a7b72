"""The ring between network and loudspeaker."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.ring import FULL, LATE, LIMIT, TARGET, PlayoutRing
from mka1_desktop.domain.audio import BLOCK, Samples

FRAME = 2 * BLOCK


def frame(value: int, size: int = FRAME) -> Samples:
    return np.full(size, value, np.int16)


def test_it_waits_for_50_ms_and_then_plays_in_order() -> None:
    ring = PlayoutRing()
    ring.push(frame(1))
    ring.push(frame(2))
    assert not ring.pull(BLOCK).any()
    ring.push(frame(3))
    played = [int(ring.pull(BLOCK)[0]) for _ in range(6)]
    assert played == [1, 1, 2, 2, 3, 3]
    assert ring.underruns == 0


def test_an_underrun_is_silence_and_a_new_start() -> None:
    ring = PlayoutRing()
    ring.push(frame(5, TARGET + 100))
    for _ in range(TARGET // BLOCK):
        ring.pull(BLOCK)
    last = ring.pull(BLOCK)
    assert last[:100].tolist() == [5] * 100
    assert not last[100:].any()
    assert ring.underruns == 1
    ring.push(frame(6))
    assert not ring.pull(BLOCK).any()  # it waits again


def test_dropping_leaves_one_fading_block_and_nothing_comes_later() -> None:
    ring = PlayoutRing()
    ring.push(frame(10_000, LIMIT))
    ring.pull(BLOCK)
    ring.drop()
    fading = ring.pull(BLOCK)
    assert fading[0] == 10_000
    assert abs(int(fading[-1])) < 100
    assert ring.waiting == 0
    assert not ring.pull(BLOCK).any()
    ring.push(frame(7, TARGET))
    assert ring.pull(BLOCK).tolist() == [7] * BLOCK


def test_dropping_before_it_played_is_silent() -> None:
    ring = PlayoutRing()
    ring.push(frame(10_000))
    ring.drop()
    assert not ring.pull(BLOCK).any()


def test_what_comes_after_a_drop_is_kept() -> None:
    ring = PlayoutRing()
    ring.push(frame(1, TARGET))
    ring.drop()
    ring.push(frame(2, TARGET))
    ring.pull(BLOCK)
    assert ring.pull(BLOCK).tolist() == [2] * BLOCK


def test_too_much_delay_is_skipped() -> None:
    ring = PlayoutRing()
    ring.push(frame(1000, LIMIT))
    ring.push(frame(2000, TARGET))
    assert ring.pull(BLOCK).tolist() == [2000] * BLOCK
    assert ring.waiting == TARGET - BLOCK


def test_a_delay_goes_away_in_the_pauses() -> None:
    ring = PlayoutRing()
    for value in (5000, 6000, 7000):
        ring.push(frame(value, LATE // 2))
    before = ring.waiting
    ring.push(frame(3))
    assert ring.waiting == before
    ring.push(frame(8000))
    assert ring.waiting == before + FRAME


def test_a_device_that_stopped_does_not_fill_the_memory() -> None:
    ring = PlayoutRing()
    for _ in range(1000):
        ring.push(frame(1000))
    assert ring.waiting <= FULL + FRAME


@given(st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(["push", "pull", "drop"])), max_size=60))
def test_no_sample_is_played_twice_or_out_of_order(steps: list[tuple[int, str]]) -> None:
    ring = PlayoutRing()
    next_value = 1
    played: list[int] = []
    for size, step in steps:
        if step == "push" and next_value + size < 32_000:
            ring.push(np.arange(next_value, next_value + size, dtype=np.int16))  # quiet ones may be left out
            next_value += size
        elif step == "drop":
            ring.drop()
            ring.pull(1)  # the fade changes values; what follows is exact again
        else:
            block = ring.pull(BLOCK)
            assert block.size == BLOCK
            played += [int(v) for v in block[block != 0]]
    assert played == sorted(set(played))
