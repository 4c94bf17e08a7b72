"""One channel of a microphone that has two, over a sound server, with a tone of its own in each."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.portaudio_streams import channels_for
from tests.support.pulse import RATE_HZ, PulseRig

LEFT_HZ, RIGHT_HZ = 500, 1300
LIMIT_S = 30.0
BLEED = 0.02


@pytest.fixture(scope="module")
def rig() -> Iterator[PulseRig]:
    with PulseRig() as rig:
        rig.pactl(
            "load-module", "module-null-sink", "sink_name=pair", "rate=48000", "channels=2",
            "channel_map=front-left,front-right",
        )  # fmt: skip
        rig.pactl("set-default-source", "pair.monitor")
        yield rig


def tones(seconds: float) -> bytes:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    both = np.stack([8000 * np.sin(2 * np.pi * hz * t) for hz in (LEFT_HZ, RIGHT_HZ)], axis=1)
    return both.astype("<i2").tobytes()


async def heard(rig: PulseRig, *channels: int) -> list[tuple[float, float]]:
    """Return how loud both tones are, as PortAudio hears each of these channels."""
    feed = await asyncio.create_subprocess_exec(
        "pacat", "--playback", "-d", "pair", "--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=2",
        env=rig.env, stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert feed.stdin is not None
    feed.stdin.write(tones(LIMIT_S))
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.channel_child", ",".join(map(str, channels)),
            str(LEFT_HZ), str(RIGHT_HZ), env=rig.env, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(LIMIT_S):
            answer, _ = await child.communicate()
        return [(left, right) for left, right in json.loads(answer)]
    finally:
        feed.terminate()
        await feed.wait()
        feed.stdin.close()


async def test_the_chosen_channel_alone_is_heard_or_all_together(rig: PulseRig) -> None:
    first, second, mix = await heard(rig, 1, 2, 0)
    assert first[0] > 5000
    assert first[1] < BLEED * first[0]
    assert second[1] > 5000
    assert second[0] < BLEED * second[1]
    assert min(mix) > 2000


@pytest.mark.parametrize(
    ("channel", "most", "opened"),
    [(0, 32, 1), (1, 32, 2), (2, 32, 2), (3, 32, 4), (8, 32, 8), (1, 1, 1), (1, 2, 2), (3, 3, 3), (3, 2, 1), (2, 0, 1)],
)
def test_so_many_channels_are_opened(channel: int, most: int, opened: int) -> None:
    assert channels_for(channel, most) == opened


@given(st.integers(0, 8), st.integers(0, 64))
def test_a_channel_that_is_there_is_among_those_opened_and_no_more_than_there_are(channel: int, most: int) -> None:
    opened = channels_for(channel, most)
    assert 1 <= opened <= max(1, most)
    assert opened == 1 or opened >= channel
    assert opened > 1 or channel == 0 or channel > most or most < 2
