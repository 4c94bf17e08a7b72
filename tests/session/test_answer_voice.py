"""Which turn a voice belongs to, and what of it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from mka1_desktop.domain.audio import RATE_HZ
from mka1_desktop.domain.events import RoomLost
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.support.answering import answer, ask, voice, voice_starts, voice_stops


@pytest.fixture
async def play() -> AsyncIterator[DeskPlay]:
    async with DeskPlay() as play:
        await play.live()
        yield play


def heard(play: DeskPlay, key: str | None) -> dict[int, float]:
    """Seconds of each level in the sound of a turn."""
    sound = play.desk.voice.sound(key) if key is not None else None
    if sound is None:
        return {}
    levels, counts = np.unique(sound, return_counts=True)
    return {int(level): round(int(count) / RATE_HZ, 1) for level, count in zip(levels, counts, strict=True)}


def key_of(play: DeskPlay, words: str) -> str:
    return next(entry.key for entry in play.desk.controller.dialogue.entries if entry.text == words)


async def test_each_answer_has_its_own_voice(play: DeskPlay) -> None:
    await ask(play, "One?")
    first = await answer(play, "This is one.", 1000)
    await ask(play, "Two?")
    second = await answer(play, "And this is two.", 2000, seconds=2.0)
    assert (heard(play, first), heard(play, second)) == ({1000: 1.0}, {2000: 2.0})
    assert play.desk.voice.newest == second


async def test_words_that_come_before_the_voice_or_after_it_belong_to_it(play: DeskPlay) -> None:
    await ask(play, "One?")
    await play.caption("Words first.", segment="a", final=True)
    await voice_starts(play)
    voice(play, 1000, 1.0)
    await voice_stops(play)
    await play.clock.advance(3.0)
    await ask(play, "Two?")
    await voice_starts(play)
    voice(play, 2000, 1.0)
    await voice_stops(play)
    await play.clock.advance(3.0)
    assert heard(play, key_of(play, "Words first.")) == {1000: 1.0}, "the second voice is not that of the first words"
    await play.caption("Words last.", segment="b", final=True)
    assert heard(play, key_of(play, "Words last.")) == {2000: 1.0}


async def test_an_answer_with_a_pause_is_one(play: DeskPlay) -> None:
    await ask(play, "One?")
    key = await answer(play, "I look it up. It is four.", 1000)
    await voice_starts(play)
    voice(play, 2000, 1.0)
    await voice_stops(play)
    await play.clock.advance(3.0)
    assert heard(play, key) == {1000: 1.0, 2000: 1.0}


async def test_of_an_answer_that_was_stopped_only_that_is_kept_that_was_heard(play: DeskPlay) -> None:
    await ask(play, "One?")
    await voice_starts(play)
    await play.caption("A long story about a", segment="a")
    voice(play, 1000, 1.0)
    play.desk.stop()
    await settle()
    voice(play, 2000, 1.0)
    await voice_stops(play)
    key = key_of(play, "A long story about a")
    assert heard(play, key) == {1000: 1.0}
    await ask(play, "Two?")
    second = await answer(play, "Something else.", 3000)
    assert heard(play, second) == {3000: 1.0}, "nothing of the one before is in it"


async def test_the_talk_key_cuts_it_too(play: DeskPlay) -> None:
    await ask(play, "One?")
    await voice_starts(play)
    await play.caption("A long story about a", segment="a")
    voice(play, 1000, 1.0)
    play.desk.press()
    await settle()
    voice(play, 2000, 1.0)
    assert heard(play, key_of(play, "A long story about a")) == {1000: 1.0}


async def test_a_room_that_is_lost_leaves_what_was_heard(play: DeskPlay) -> None:
    await ask(play, "One?")
    await voice_starts(play)
    await play.caption("A long story about a", segment="a")
    voice(play, 1000, 1.0)
    await play.hear(RoomLost(ticket=play.room.ticket, reason="test"))
    assert heard(play, key_of(play, "A long story about a")) == {1000: 1.0}


async def test_it_is_forgotten_with_its_conversation_and_at_the_end() -> None:
    async with DeskPlay() as play:
        await play.live()
        await ask(play, "One?")
        key = await answer(play, "This is one.", 1000)
        changed: list[frozenset[str]] = []
        play.desk.voice.on_change = changed.append
        play.desk.new_thread()
        assert not play.desk.voice.has(key)
        assert changed == [{key}]
        await play.live()
        await ask(play, "Two?")
        second = await answer(play, "This is two.", 2000)
        assert play.desk.voice.has(second)
    assert not play.desk.voice.has(second)
