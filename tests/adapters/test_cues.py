"""Cue sounds: what they are like, and when they keep silent."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest

from mka1_desktop.adapters.cues import Cues, tone
from mka1_desktop.domain.audio import RATE_HZ, Samples, level_dbfs
from mka1_desktop.domain.cues import Cue
from mka1_desktop.domain.errors import AppError, Code
from tests.support.pulse import PulseRig


@pytest.mark.parametrize("cue", list(Cue))
def test_every_cue_is_short_soft_and_without_clicks(cue: Cue) -> None:
    samples = tone(cue)
    assert 0.1 < samples.size / RATE_HZ < 0.25
    assert -40 < level_dbfs(samples) < -23
    assert abs(int(samples[0])) < 30
    assert abs(int(samples[-1])) < 30
    assert np.abs(np.diff(samples.astype(np.int32))).max() < 600


def test_no_two_cues_sound_the_same() -> None:
    assert len({tone(cue).tobytes() for cue in Cue}) == len(Cue)


async def test_a_cue_is_played_once_and_not_over_the_voice() -> None:
    played: list[int] = []
    voice = [True]
    cues = Cues(voice_sounds=lambda: voice[0], play=lambda samples, _: played.append(samples.size))
    assert not await cues.play(Cue.LISTENING)
    voice[0] = False
    assert await cues.play(Cue.LISTENING)
    assert played == [tone(Cue.LISTENING).size]
    cues.close()


async def test_cues_do_not_queue_up() -> None:
    release = threading.Event()

    def play(samples: Samples, unwanted: Callable[[], bool]) -> None:
        release.wait(10)

    cues = Cues(voice_sounds=lambda: False, play=play)
    first = asyncio.get_running_loop().create_task(cues.play(Cue.ERROR))
    await asyncio.sleep(0)
    assert not await cues.play(Cue.MUTED)
    release.set()
    assert await first
    cues.close()


@pytest.mark.parametrize("percent", [30, 60, 100])
async def test_a_cue_has_its_volume(percent: int) -> None:
    heard: list[int] = []
    cues = Cues(
        voice_sounds=lambda: False, volume=lambda: percent, play=lambda samples, _: heard.append(int(samples.max()))
    )
    assert await cues.play(Cue.LISTENING)
    assert heard == [pytest.approx(int(tone(Cue.LISTENING).max()) * percent / 60, abs=1)]
    cues.close()


async def test_at_no_volume_there_are_none() -> None:
    played: list[int] = []
    cues = Cues(voice_sounds=lambda: False, volume=lambda: 0, play=lambda samples, _: played.append(samples.size))
    assert not await cues.play(Cue.LISTENING)
    assert played == []
    cues.close()


async def test_a_voice_that_begins_ends_the_cue() -> None:
    voice, sounds = [False], threading.Event()

    def play(samples: Samples, unwanted: Callable[[], bool]) -> None:
        sounds.set()
        while not unwanted():
            threading.Event().wait(0.001)

    cues = Cues(voice_sounds=lambda: voice[0], play=play)
    playing = asyncio.get_running_loop().create_task(cues.play(Cue.GREETING))
    assert await asyncio.to_thread(sounds.wait, 10)
    voice[0] = True
    assert await playing
    cues.close()


async def test_without_a_speaker_there_are_none() -> None:
    tries: list[int] = []

    def play(samples: Samples, unwanted: Callable[[], bool]) -> None:
        tries.append(samples.size)
        raise AppError(Code.NO_SOUND)

    cues = Cues(voice_sounds=lambda: False, play=play)
    assert not await cues.play(Cue.ERROR)
    assert not await cues.play(Cue.ERROR)
    assert len(tries) == 1
    cues.close()


def test_a_cue_comes_out_of_the_speaker() -> None:
    code = (
        "from mka1_desktop.adapters.cues import play_blocking, tone; from mka1_desktop.domain.cues import Cue;"
        "play_blocking(tone(Cue.LISTENING), lambda: False)"
    )
    with PulseRig() as rig:
        recording = rig.recording()
        rig.wait_for(lambda: recording.seconds > 0.2)
        subprocess.run([sys.executable, "-c", code], env=rig.env, timeout=30, check=True)
        heard = np.abs(recording.stop().played.astype(np.int32))
    assert np.count_nonzero(heard > 300) > 0.05 * RATE_HZ
