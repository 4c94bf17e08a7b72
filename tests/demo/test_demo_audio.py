"""The agent's voice on its way out, and microphones on their way in, without a connection."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from mka1_desktop.demo.audio import (
    EARS_RATE,
    VOICE_FRAME,
    WIRE_RATE,
    AgentTrack,
    EchoTrack,
    Floor,
    Microphone,
    Playback,
    Samples,
)


def _ramp(count: int) -> Samples:
    return np.arange(count).astype(np.int16)


async def test_positions_are_told_when_they_have_left() -> None:
    playback = Playback(_ramp(100))
    loop = asyncio.get_running_loop()
    waiting = loop.create_task(playback.reached(50))
    await asyncio.sleep(0)
    playback.take(40)
    await asyncio.sleep(0)
    assert not waiting.done()
    playback.take(40)
    assert await waiting
    assert await playback.reached(80)
    assert len(playback.take(40)) == 20
    assert playback.over
    assert await playback.finished()
    assert playback.position == 100


async def test_what_is_cut_never_leaves() -> None:
    playback = Playback(_ramp(100))
    playback.take(30)
    waiting = asyncio.get_running_loop().create_task(playback.finished())
    await asyncio.sleep(0)
    assert playback.stop() == 30
    assert not await waiting
    assert not await playback.reached(31)
    assert await playback.reached(30)
    assert len(playback.take(10)) == 0
    assert playback.stop() == 30


async def test_the_voice_is_cut_within_one_frame_and_silence_follows() -> None:
    track = AgentTrack()
    playback = track.play(np.full(VOICE_FRAME * 50, 1_000, np.int16))
    assert (await track.recv()).to_ndarray().all()
    playback.stop()
    assert not (await track.recv()).to_ndarray().any()
    assert playback.position == VOICE_FRAME


async def test_a_new_utterance_takes_the_place_of_the_old_one() -> None:
    track = AgentTrack()
    first = track.play(np.full(VOICE_FRAME * 2, 1, np.int16))
    second = track.play(np.full(VOICE_FRAME, 2, np.int16))
    assert first.cut
    assert (await track.recv()).to_ndarray().max() == 2
    assert await second.finished()


async def test_frames_come_at_the_pace_of_time_without_drift() -> None:
    track = AgentTrack()
    await track.recv()
    began = time.monotonic()
    frames = [await track.recv() for _ in range(10)]
    assert time.monotonic() - began >= 0.19
    assert [frame.pts for frame in frames] == [VOICE_FRAME * (number + 1) for number in range(10)]


async def test_a_muted_voice_sends_zeros_while_time_passes() -> None:
    track = AgentTrack(muted=lambda: True)
    playback = track.play(np.full(VOICE_FRAME, 1_000, np.int16))
    assert not (await track.recv()).to_ndarray().any()
    assert await playback.finished()


async def test_a_stopped_track_gives_no_frames() -> None:
    for track in (AgentTrack(), EchoTrack()):
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()


async def test_an_echo_keeps_only_the_newest_blocks() -> None:
    track = EchoTrack()
    for number in range(5):
        track.push(np.full(960, number, np.int16))
    assert [(await track.recv()).to_ndarray()[0, 0] for _ in range(3)] == [2, 3, 4]


class _Tone(MediaStreamTrack):
    """A stereo track at 48 kHz, of some frames, which then waits or ends."""

    kind = "audio"

    def __init__(self, frames: int, *, ends: bool) -> None:
        super().__init__()
        self._left = frames
        self._ends = ends

    async def recv(self) -> AudioFrame:
        if self._left == 0:
            if self._ends:
                raise MediaStreamError
            await asyncio.Event().wait()
        self._left -= 1
        time_s = np.arange(960) / WIRE_RATE
        tone = (8_000 * np.sin(2 * np.pi * 500 * time_s)).astype(np.int16)
        frame = AudioFrame.from_ndarray(np.repeat(tone, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.time_base = WIRE_RATE, Fraction(1, WIRE_RATE)
        return frame


async def test_a_microphone_brings_blocks_of_20_ms_at_16_khz() -> None:
    heard: list[Samples] = []
    await Microphone(_Tone(20, ends=True), rate=EARS_RATE, hear=heard.append, floor=Floor()).run()
    assert {len(block) for block in heard} == {320}
    assert len(heard) >= 19
    level = float(np.sqrt(np.mean(np.square(np.concatenate(heard[2:]).astype(float)))))
    assert level == pytest.approx(8_000 / np.sqrt(2), rel=0.02)


async def test_only_the_microphone_that_was_heard_last_is_heard_as_silent() -> None:
    floor, old, new = Floor(), list[Samples](), asyncio.Queue[Samples]()
    async with asyncio.TaskGroup() as tasks:
        lives = [
            tasks.create_task(Microphone(_Tone(1, ends=False), rate=EARS_RATE, hear=old.append, floor=floor).run())
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        later = Microphone(_Tone(1, ends=False), rate=EARS_RATE, hear=new.put_nowait, floor=floor)
        lives.append(tasks.create_task(later.run()))
        async with asyncio.timeout(5):
            while (await new.get()).any():
                pass
        for life in lives:
            life.cancel()
    assert all(block.any() for block in old)


def test_the_newest_microphone_that_brings_frames_is_heard() -> None:
    floor = Floor()
    old, new = floor.enter(), floor.enter()
    assert floor.take(old, 1.0)
    assert floor.take(new, 1.01)
    assert not floor.take(old, 1.02)  # it may be muted and bring zeros: they must not stand between the words
    assert floor.has(new)
    assert floor.take(new, 1.03)
    assert not floor.take(old, 1.05)
    assert floor.take(old, 1.2)  # the new one was taken away
    assert floor.has(old)
