"""Playing an answer again: what reaches the stream, and what the loudspeaker of a private sound card gives."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mka1_desktop.adapters.answer_player import AnswerPlayer
from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code
from tests.support.pulse import PulseRig

LIMIT_S = 20.0


class Stream:
    """A loudspeaker that takes blocks as fast as they come, or waits before each one for `gate`."""

    def __init__(self, *, held: bool = False) -> None:
        self.opened: list[str] = []
        self.blocks: list[Samples] = []
        self.closed = threading.Event()
        self.gate = threading.Event()
        self.first = threading.Event()
        self.failure: AppError | None = None
        if not held:
            self.gate.set()

    def open(self, name: str) -> Stream:
        if self.failure is not None:
            raise self.failure
        self.opened.append(name)
        return self

    def write(self, samples: Samples) -> None:
        self.first.set()
        assert self.gate.wait(LIMIT_S)
        self.blocks.append(samples.copy())

    def close(self) -> None:
        self.closed.set()

    @property
    def heard(self) -> Samples:
        """All of it, without the silence at the end."""
        whole: Samples = np.trim_zeros(np.concatenate(self.blocks), "b")
        return whole


def sound(seconds: float = 1.0, level: int = 8000) -> Samples:
    return np.full(int(seconds * RATE_HZ), level, np.int16)


async def system() -> str:
    return ""


async def after(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, LIMIT_S)


async def play(
    stream: Stream, samples: Samples, *, speed: float = 1.0, volume: Callable[[], int] = lambda: 100
) -> None:
    player = AnswerPlayer(stream.open)
    await player.play(samples, speed=speed, volume=volume, speaker=system)
    await after(stream.closed)
    player.close()


async def test_it_is_played_to_the_end_and_then_forgotten() -> None:
    stream, samples = Stream(), sound()
    await play(stream, samples)
    assert stream.heard.size == pytest.approx(RATE_HZ, rel=0.01)
    assert stream.heard.max() == 8000
    assert not samples.any(), "what was played is overwritten"


@pytest.mark.parametrize("speed", [0.75, 1.25, 1.5])
async def test_a_speed_changes_its_length(speed: float) -> None:
    stream = Stream()
    await play(stream, sound(), speed=speed)
    assert stream.heard.size * speed == pytest.approx(RATE_HZ, rel=0.01)


async def test_it_has_the_volume_of_the_assistant_also_when_that_changes() -> None:
    stream, volumes = Stream(), iter([50] * 40 + [150] * 10_000)
    await play(stream, sound(), volume=lambda: next(volumes))
    assert sorted(set(stream.heard[: RATE_HZ * 9 // 10].tolist())) == [4000, 12_000]


async def test_too_loud_is_clipped_and_not_turned_over() -> None:
    stream = Stream()
    await play(stream, sound(level=30_000), volume=lambda: 150)
    assert stream.heard.max() == 32_767
    assert stream.heard.min() >= 0


async def test_an_answer_that_was_cut_ends_without_a_click() -> None:
    stream = Stream()
    await play(stream, sound(level=20_000))
    assert np.abs(np.diff(stream.heard.astype(np.int32))).max() < 500


async def test_a_cancellation_ends_it_at_the_next_block() -> None:
    stream, samples = Stream(held=True), sound(30.0)
    player = AnswerPlayer(stream.open)
    playing = asyncio.get_running_loop().create_task(
        player.play(samples, speed=1.0, volume=lambda: 100, speaker=system)
    )
    await after(stream.first)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    stream.gate.set()
    await after(stream.closed)
    assert len(stream.blocks) == 1
    assert not samples.any()
    player.close()


async def test_another_one_can_follow_at_once() -> None:
    first, second = Stream(held=True), Stream()
    streams = iter([first, second])
    player = AnswerPlayer(lambda name: next(streams).open(name))
    playing = asyncio.get_running_loop().create_task(
        player.play(sound(30.0), speed=1.0, volume=lambda: 1, speaker=system)
    )
    await after(first.first)
    playing.cancel()
    following = asyncio.get_running_loop().create_task(
        player.play(sound(), speed=1.0, volume=lambda: 100, speaker=system)
    )
    first.gate.set()
    await following
    assert first.closed.is_set(), "two answers are never heard at once"
    await after(second.closed)
    player.close()


async def test_it_is_opened_on_the_speaker_in_use_and_brought_there_before_a_word_is_heard() -> None:
    stream, told = Stream(), list[tuple[str, int]]()

    async def speaker() -> str:
        told.append((",".join(stream.opened), len(stream.blocks)))
        return "Loud"

    player = AnswerPlayer(stream.open)
    await player.play(sound(), speed=1.0, volume=lambda: 100, speaker=speaker)
    assert stream.opened == ["Loud"]
    assert told == [("", 0), ("Loud", 0)]
    player.close()


async def test_without_a_sound_system_it_says_so() -> None:
    stream, samples = Stream(), sound()
    stream.failure = AppError(Code.NO_SOUND)
    player = AnswerPlayer(stream.open)
    with pytest.raises(AppError):
        await player.play(samples, speed=1.0, volume=lambda: 100, speaker=system)
    player.close()


# --- a real loudspeaker --------------------------------------------------------------------------------------------

TONE = """
import asyncio, sys
import numpy as np
from mka1_desktop.adapters.answer_player import AnswerPlayer

async def speaker():
    return ""

async def main():
    player = AnswerPlayer()
    tone = (9000 * np.sin(2 * np.pi * 440 * np.arange(48000 * 20) / 48000)).astype(np.int16)
    playing = asyncio.ensure_future(player.play(tone, speed=1.5, volume=lambda: 100, speaker=speaker))
    await asyncio.to_thread(sys.stdin.readline)
    playing.cancel()
    sys.stdout.write("stopped\\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


@pytest.fixture
def rig() -> Iterator[PulseRig]:
    with PulseRig() as rig:
        yield rig


def test_the_loudspeaker_falls_silent_at_once(rig: PulseRig) -> None:
    recording = rig.recording()
    child = subprocess.Popen(
        [sys.executable, "-c", TONE], env=rig.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        rig.wait_for(lambda: np.abs(recording.so_far().played).max(initial=0) > 5000, LIMIT_S)
        child.stdin.write("\n")
        child.stdin.flush()
        assert child.stdout.readline() == "stopped\n"
        stopped_s = recording.seconds
        rig.wait_for(lambda: recording.seconds > stopped_s + 1.0)
        played = np.abs(recording.stop().played.astype(np.int32))
        rest_s = (np.flatnonzero(played > 100)[-1] / RATE_HZ) - stopped_s
        assert rest_s < 0.3, "the promise is 0.1 s; the rest is for a busy machine"
        assert rig.streams("sink-inputs", child.pid) == []
    finally:
        child.stdin.close()
        child.wait(LIMIT_S)
        child.stdout.close()
