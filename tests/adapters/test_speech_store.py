"""What was said is sent once, in order and whole, whatever happens between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples

QUIET: Samples = np.zeros(BLOCK, np.int16)


def block(number: int) -> Samples:
    """10 ms of loud speech that tells which they are."""
    return np.full(BLOCK, 2000 + number, np.int16)


def numbers(blocks: list[Samples]) -> list[int]:
    return [int(one[0]) - 2000 for one in blocks]


def drained(store: SpeechStore, *, shorten: bool = False) -> list[Samples]:
    taken = []
    while (one := store.take(shorten=shorten)) is not None:
        taken.append(one)
    return taken


def test_unsent_speech_comes_out_oldest_first_and_once() -> None:
    store = SpeechStore()
    for number in range(5):
        store.add(block(number), sent=number in {1, 2})
    assert (store.recorded, store.unsent) == (5 * BLOCK, 3 * BLOCK)
    assert numbers(drained(store)) == [0, 3, 4]
    assert (store.recorded, store.unsent) == (5 * BLOCK, 0)
    assert store.take() is None


def test_again_begins_at_the_start_of_what_is_remembered() -> None:
    store = SpeechStore()
    for number in range(4):
        store.add(block(number), sent=True)
    store.rewind()
    assert numbers(drained(store)) == [0, 1, 2, 3]


def said(store: SpeechStore, *pieces: tuple[float, bool], sent: bool = True) -> None:
    """Seconds of sound (True) and of pauses, in blocks of 10 ms that tell their number."""
    number = store.recorded // BLOCK
    for seconds, loud in pieces:
        for _ in range(round(seconds * 100)):
            store.add(block(number) if loud else QUIET, sent=sent)
            number += 1


def recalled_s(store: SpeechStore) -> float:
    """How much counts as unsent after the sentence was recalled, beside what was before."""
    before = store.unsent
    store.recall_sentence()
    return (store.unsent - before) / RATE_HZ


@pytest.mark.parametrize(
    ("pieces", "expected_s"),
    [
        ([], 0.0),
        ([(20.0, False)], 0.0),
        ([(3.0, False), (0.4, True)], 0.5),  # with 100 ms before it
        ([(0.05, False), (0.4, True)], 0.45),
        ([(2.0, True), (8.0, False)], 0.0),  # a room that had been dead for so long would have been found dead
        ([(2.0, True), (4.0, False)], 6.1 - 0.1),
        ([(9.0, True), (0.5, False), (2.0, True)], 11.5),  # a long sentence, from its start
        ([(9.0, True), (1.5, False), (6.0, True)], 6.1),  # not the one before
        ([(1.0, True), (1.5, False), (2.0, True)], 4.5),  # both in the time in which the room may have been dead
        ([(40.0, True)], 15.1 - 0.1 + 0.1),  # noise
    ],
)
def test_a_sentence_is_recalled_from_its_start(pieces: list[tuple[float, bool]], expected_s: float) -> None:
    store = SpeechStore()
    said(store, *pieces)
    said(store, (0.3, True), sent=False)
    assert recalled_s(store) == pytest.approx(expected_s, abs=0.02)
    held = [int(one[0]) for one in drained(store)]
    assert held[-30:] == [int(block(store.recorded // BLOCK - 30 + n)[0]) for n in range(30)], "and in order"


def test_what_was_sent_is_forgotten_and_the_rest_is_not() -> None:
    store = SpeechStore()
    for number in range(4):
        store.add(block(number), sent=number < 2)
    store.forget_sent()
    assert (store.recorded, store.unsent) == (2 * BLOCK, 2 * BLOCK)
    store.rewind()
    assert numbers(drained(store)) == [2, 3]


def test_what_did_not_get_out_is_given_back_in_order() -> None:
    store = SpeechStore()
    for number in range(6):
        store.add(block(number), sent=False)
    for _ in range(4):
        store.take()
    store.give_back(BLOCK + 1)  # a block of which a part is out is sent once more: nothing may be missing
    assert numbers(drained(store)) == [2, 3, 4, 5]
    store.begin()
    store.give_back(BLOCK)
    assert store.unsent == 0


def test_only_the_newest_sixty_seconds_are_remembered() -> None:
    store = SpeechStore()
    second = np.full(RATE_HZ, 3000, np.int16)
    for number in range(70):
        store.add(second + np.int16(number), sent=False)
    assert store.recorded == store.unsent == 60 * RATE_HZ
    assert store.full
    taken = drained(store)
    assert [int(one[0]) for one in taken] == [3000 + n for n in range(10, 70)]
    assert not store.full


def test_a_long_pause_is_shortened_and_what_is_next_to_words_is_kept() -> None:
    store = SpeechStore()
    store.add(block(0), sent=False)
    for _ in range(100):
        store.add(QUIET, sent=False)
    store.add(block(1), sent=False)
    taken = drained(store, shorten=True)
    pause = len(taken) - 2
    assert numbers([taken[0], taken[-1]]) == [0, 1]
    assert 28 <= pause <= 31
    store.rewind()
    assert len(drained(store)) == 102


def test_a_pause_at_the_newest_end_is_not_waited_for() -> None:
    store = SpeechStore()
    for one in (block(0), *[QUIET] * 40):
        store.add(one, sent=False)
    assert len(drained(store, shorten=True)) == 21
    assert store.unsent == 0
    assert store.quiet == 40 * BLOCK


def test_what_is_forgotten_is_overwritten() -> None:
    store = SpeechStore(limit_s=0.02)
    for number in range(3):
        store.add(block(number), sent=number == 1)
    parts = [part.samples for part in store._parts]
    assert all(one.any() for one in parts)
    store.forget_sent()
    assert not parts[0].any()
    store.clear()
    assert not parts[1].any()
    assert (store.recorded, store.unsent, store.take()) == (0, 0, None)


def test_the_store_is_independent_of_the_callers_memory() -> None:
    store = SpeechStore()
    mine = block(7)
    store.add(mine, sent=False)
    mine.fill(0)
    first = store.take()
    assert first is not None
    first.fill(0)
    store.rewind()
    assert numbers(drained(store)) == [7]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=300))
def test_shortening_loses_no_word(said: list[tuple[bool, bool]]) -> None:
    store = SpeechStore()
    wanted = []
    for number, (loud, sent) in enumerate(said):
        store.add(block(number) if loud else QUIET, sent=sent)
        if loud and not sent:
            wanted.append(number)
    taken = [one for one in drained(store, shorten=True) if one.any()]
    assert numbers(taken) == wanted
    assert store.unsent == 0


class StoreMachine(RuleBasedStateMachine):
    """Against a plain list of [number, sent]."""

    LIMIT = 50

    def __init__(self) -> None:
        super().__init__()
        self.store = SpeechStore(limit_s=self.LIMIT * BLOCK / RATE_HZ)
        self.model: list[list[int | bool]] = []
        self.taken: list[list[int | bool]] = []
        self.next = 0

    @rule(sent=st.booleans(), count=st.integers(1, 20))
    def add(self, sent: bool, count: int) -> None:
        for _ in range(count):
            self.store.add(block(self.next), sent=sent)
            self.model.append([self.next, sent])
            self.next += 1
        for gone in self.model[: -self.LIMIT]:
            self.taken = [one for one in self.taken if one is not gone]
        del self.model[: -self.LIMIT]

    @rule()
    def take(self) -> None:
        one = self.store.take()
        wanted = next((row for row in self.model if not row[1]), None)
        assert (one is None) == (wanted is None)
        if one is not None and wanted is not None:
            assert numbers([one]) == [wanted[0]]
            wanted[1] = True
            self.taken.append(wanted)

    @precondition(lambda self: self.taken)
    @rule(count=st.integers(1, 5))
    def give_back(self, count: int) -> None:
        self.store.give_back(count * BLOCK)
        for row in self.taken[-count:]:
            row[1] = False
        del self.taken[-count:]

    @rule()
    def rewind(self) -> None:
        self.store.rewind()
        self.taken.clear()
        for row in self.model:
            row[1] = False

    @rule()
    def forget_sent(self) -> None:
        self.store.forget_sent()
        self.taken.clear()
        self.model = [row for row in self.model if not row[1]]

    @rule()
    def clear(self) -> None:
        self.store.clear()
        self.taken.clear()
        self.model.clear()

    @invariant()
    def counts(self) -> None:
        assert self.store.recorded == len(self.model) * BLOCK <= self.LIMIT * BLOCK
        assert self.store.unsent == sum(not sent for _, sent in self.model) * BLOCK


TestStore = StoreMachine.TestCase


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, 3 * BLOCK])
def test_blocks_have_any_size(size: int) -> None:
    store = SpeechStore()
    store.add(np.full(size, 5, np.int16), sent=False)
    assert sum(one.size for one in drained(store)) == size
