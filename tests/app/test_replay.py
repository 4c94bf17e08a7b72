"""Hearing an answer again: when it is played, what ends it, and that the assistant never hears it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mka1_desktop.app.replay import Refused
from mka1_desktop.domain.audio import RATE_HZ
from mka1_desktop.domain.errors import AppError, Code
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.support.answering import answer, ask, voice_starts


@pytest.fixture
async def play() -> AsyncIterator[DeskPlay]:
    async with DeskPlay() as play:
        await play.live()
        await ask(play, "One?")
        await answer(play, "This is one.", 1000)
        yield play


async def start(play: DeskPlay, key: str | None = None, percent: int | None = None) -> Refused | None:
    refused = play.desk.replay.start(key, percent)
    await settle()
    return refused


def sounds(play: DeskPlay) -> bool:
    return play.player.sounds


def playing(play: DeskPlay) -> str | None:
    """Key of the turn."""
    return play.desk.replay.playing


def muted(play: DeskPlay) -> bool:
    return play.desk.session.muted


def sends(play: DeskPlay) -> bool:
    """Whether the assistant hears the microphone."""
    return play.sound.sending


async def test_the_newest_answer_is_heard_again_at_the_speed_that_was_chosen_last(play: DeskPlay) -> None:
    assert await start(play) is None
    assert sounds(play)
    assert playing(play) == play.desk.controller.dialogue.entries[-1].key
    play.player.finish()
    await settle()
    assert playing(play) is None
    await start(play, percent=150)
    await start(play)
    assert [one.speed for one in play.player.played] == [1.0, 1.5, 1.5]
    assert {one.sound.size for one in play.player.played} == {RATE_HZ}
    assert play.player.played[0].sound.max() == 1000


async def test_an_older_one_is_heard_by_its_turn_and_in_the_volume_of_the_assistant(play: DeskPlay) -> None:
    first = play.desk.controller.dialogue.entries[-1].key
    await ask(play, "Two?")
    await answer(play, "This is two.", 2000)
    play.desk.set_setting("audio.volume", 40)
    await start(play, first)
    (played,) = play.player.played
    assert played.sound.max() == 1000
    assert played.volume == 40


async def test_it_is_refused_while_somebody_speaks_and_where_there_is_nothing(play: DeskPlay) -> None:
    assert await start(play, "unknown") is Refused.NOTHING
    play.desk.press()
    await settle()
    assert await start(play) is Refused.TALKING
    play.desk.release()
    await play.clock.advance(1.0)
    await voice_starts(play)
    assert await start(play) is Refused.SPEAKING
    assert play.player.played == []


async def test_nothing_was_said_yet() -> None:
    async with DeskPlay() as play:
        assert await start(play) is Refused.NOTHING


async def test_the_talk_key_ends_it(play: DeskPlay) -> None:
    await start(play)
    play.desk.press()
    await settle()
    assert not sounds(play)
    assert playing(play) is None
    assert sends(play)


async def test_a_voice_ends_it(play: DeskPlay) -> None:
    await start(play)
    await voice_starts(play)
    assert not sounds(play)


async def test_stop_ends_it_and_nothing_else(play: DeskPlay) -> None:
    await ask(play, "Two?")
    before = play.desk.session.link
    await start(play)
    play.desk.stop()
    await settle()
    assert not sounds(play)
    assert play.desk.session.link == before, "the answer that is on its way still comes"
    assert True not in play.sound.silences


async def test_another_conversation_ends_it(play: DeskPlay) -> None:
    await start(play)
    play.desk.new_thread()
    await settle()
    assert not sounds(play)


async def test_the_end_of_the_app_ends_it() -> None:
    async with DeskPlay() as play:
        await play.live()
        await ask(play, "One?")
        await answer(play, "This is one.", 1000)
        await start(play)
        assert sounds(play)
    assert not sounds(play)
    assert play.player.closed


async def test_a_microphone_that_is_always_open_is_muted_meanwhile(play: DeskPlay) -> None:
    play.desk.set_setting("talk.mode", "open")
    await settle()
    assert sends(play)
    await start(play)
    assert sounds(play)
    assert not sends(play)
    assert muted(play)
    await start(play, percent=75)
    assert [one.speed for one in play.player.played] == [1.0, 0.75]
    assert not sends(play)
    play.player.finish()
    await settle()
    assert not muted(play)
    assert sends(play)


async def test_a_person_who_unmutes_meanwhile_is_heard_instead(play: DeskPlay) -> None:
    play.desk.set_setting("talk.mode", "open")
    await settle()
    await start(play)
    play.desk.set_muted(False)
    await settle()
    assert not sounds(play)
    assert sends(play)


async def test_a_person_who_was_muted_stays_so(play: DeskPlay) -> None:
    play.desk.set_muted(True)
    await settle()
    await start(play)
    play.player.finish()
    await settle()
    assert muted(play)


async def test_without_a_loudspeaker_it_says_so(play: DeskPlay) -> None:
    witness = play.watch()
    play.player.failure = AppError(Code.NO_SOUND)
    await start(play)
    assert playing(play) is None
    assert [trouble.code for trouble in witness.notices] == [Code.NO_SOUND]
