"""The engine without a sound card loses no part of its input because no room was there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Kept, Samples
from tests.support.file_rig import Rig, settle


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig(None)
    await rig.sound.open(rig.events.append)
    yield rig
    await rig.sound.close()


def ramp(blocks: int) -> Samples:
    """Each block tells which it is."""
    return np.repeat(np.arange(2000, 2000 + blocks, dtype=np.int16), BLOCK)


def speech(rig: Rig) -> list[int]:
    return [int(one[0]) - 2000 for _, one in rig.source.blocks if one.any()]


async def test_what_plays_without_a_room_is_kept_and_sent_before_the_rest(rig: Rig) -> None:
    loop = asyncio.get_running_loop()
    await rig.sound.keep_speech(True)
    played = loop.create_task(rig.sound.play(ramp(100)))
    await rig.clock.pass_s(0.5)
    assert rig.sound.kept.unsent_s == rig.sound.kept.recorded_s == pytest.approx(0.5, abs=0.02)
    assert rig.sources[0].blocks == []
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    sending = loop.create_task(rig.sound.send_kept(rig.room, None, again=False))
    await settle()
    assert rig.sound.kept.sending
    await rig.clock.pass_s(2.5)
    await sending
    await played
    assert speech(rig) == list(range(100))
    assert rig.sound.kept == Kept(unsent_s=0.0, recorded_s=1.0)
    rig.sound.turn_over()
    assert rig.sound.kept == Kept()


async def test_without_keeping_the_input_waits(rig: Rig) -> None:
    played = asyncio.get_running_loop().create_task(rig.sound.play(ramp(10)))
    await rig.clock.pass_s(1.0)
    assert rig.sound.kept == Kept()
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    await rig.clock.pass_s(0.5)
    await played
    assert speech(rig) == list(range(10))


async def test_an_input_longer_than_the_memory_waits_for_a_room(rig: Rig) -> None:
    rig.sound._kept.store = SpeechStore(limit_s=1.0)
    await rig.sound.keep_speech(True)
    played = asyncio.get_running_loop().create_task(rig.sound.play(np.full(2 * RATE_HZ, 4000, np.int16)))
    await rig.clock.pass_s(3.0)
    assert rig.sound.kept.unsent_s == pytest.approx(1.0)
    assert not played.done()
    played.cancel()


async def test_a_failed_turn_is_said_again_with_the_key_released(rig: Rig) -> None:
    loop = asyncio.get_running_loop()
    await rig.publish()
    await rig.sound.keep_speech(True)
    await rig.sound.set_microphone(sending=True)
    played = loop.create_task(rig.sound.play(ramp(20)))
    await rig.clock.pass_s(0.5)
    await played
    await rig.sound.keep_speech(False)
    await rig.sound.set_microphone(sending=False)
    assert rig.sound.kept == Kept(unsent_s=0.0, recorded_s=0.2)
    again = loop.create_task(rig.sound.send_kept(rig.room, None, again=True))
    await rig.clock.pass_s(1.5)
    await again
    assert speech(rig) == [*range(20), *range(20)]
    assert rig.sound._tracks.newest is not None
    assert rig.sound._tracks.newest.muted


async def test_the_person_drops_it(rig: Rig) -> None:
    loop = asyncio.get_running_loop()
    await rig.sound.keep_speech(True)
    played = loop.create_task(rig.sound.play(ramp(50)))
    await rig.clock.pass_s(0.6)
    await played
    await rig.publish()
    sending = loop.create_task(rig.sound.send_kept(rig.room, None, again=False))
    await rig.clock.pass_s(0.4)
    rig.sound.drop_kept()
    await rig.clock.pass_s(0.5)
    await sending
    assert 5 < len(speech(rig)) < 30
    assert rig.sound.kept == Kept()


async def test_a_cut_leaves_the_rest_unsent(rig: Rig) -> None:
    loop = asyncio.get_running_loop()
    await rig.sound.keep_speech(True)
    played = loop.create_task(rig.sound.play(ramp(50)))
    await rig.clock.pass_s(0.6)
    await played
    track = await rig.publish()
    sending = loop.create_task(rig.sound.send_kept(rig.room, None, again=False))
    await rig.clock.pass_s(0.4)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    first = speech(rig)
    rig.sound.microphone_unpublished(track)
    await rig.publish()
    rest = loop.create_task(rig.sound.send_kept(rig.room, None, again=False))
    await rig.clock.pass_s(1.5)
    await rest
    assert first == list(range(len(first)))
    assert speech(rig) == list(range(50))


async def test_closing_leaves_nobody_waiting() -> None:
    rig = Rig(None)
    await rig.sound.open(rig.events.append)
    await rig.publish()
    await rig.sound.keep_speech(True)
    rig.sound._kept.store.add(ramp(5), sent=False)
    sending = asyncio.get_running_loop().create_task(rig.sound.send_kept(rig.room, None, again=False))
    await settle()
    await rig.sound.close()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert rig.sound.kept == Kept()
