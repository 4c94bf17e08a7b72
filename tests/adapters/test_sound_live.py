"""Both engines through a sound card, a real room of the demo service and back: the same test for both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.demo_process import DemoProcess
from tests.support.pulse import RATE_HZ, PulseRig, Recording
from tests.support.sound_child import SoundChild

pytestmark = pytest.mark.timeout(120)
ENGINES = ("native", "portaudio")
CLOSED_WITHIN_S = 1.0
LOAD_S = 1.0  # what a loaded test machine may add


@pytest.fixture(scope="module")
def rig() -> Iterator[PulseRig]:
    with PulseRig() as rig:
        yield rig


@pytest.fixture
async def demo() -> AsyncIterator[DemoProcess]:
    async with DemoProcess("--echo") as demo:
        yield demo


def syllables(seconds: float, hz: float = 600.0) -> NDArray[np.int16]:
    """A tone that comes and goes as speech does: noise suppression takes a steady one away."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * t)
    sweep = np.sin(2 * np.pi * (hz * t + 60 * np.sin(2 * np.pi * 2 * t)))
    samples: NDArray[np.int16] = (9000 * envelope * sweep).astype(np.int16)
    return samples


def levels(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """RMS of each 10 ms."""
    blocks = samples[: samples.size // 480 * 480].reshape(-1, 480).astype(np.float64)
    loud: NDArray[np.float64] = np.sqrt(np.mean(blocks**2, axis=1))
    return loud


async def heard(recording: Recording, since_s: float, *, limit_s: float = 15.0) -> bool:
    """Wait until half a second of sound came out of the speaker, in what was recorded after `since_s`."""
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        played = await asyncio.to_thread(recording.so_far)
        if np.count_nonzero(levels(played.played[int(since_s * RATE_HZ) :]) > 150) > 50:
            return True
        await asyncio.sleep(0.1)
    return False


async def recorded(recording: Recording, until_s: float) -> float:
    """Wait until the sound card has played so far, which is later on a busy machine; returns how far it is."""
    async with asyncio.timeout(15.0):
        while True:
            if (seconds := recording.seconds) >= until_s:
                return seconds
            await asyncio.sleep(0.05)


async def streams(rig: PulseRig, kind: str, child: SoundChild, count: int, limit_s: float) -> bool:
    """Wait until the child has so many open streams."""
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        if len(await asyncio.to_thread(rig.streams, kind, child.pid)) == count:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_conversation_through_the_sound_card(engine: str, rig: PulseRig, demo: DemoProcess) -> None:
    url, token = await demo.token()
    recording = rig.recording()
    async with SoundChild(engine, rig.env, url, token) as child:
        assert await child.do("engine") == engine
        # It never opens unasked: closed within a second after joining, and it stays closed.
        assert await streams(rig, "source-outputs", child, 0, CLOSED_WITHIN_S + LOAD_S)
        assert await streams(rig, "sink-inputs", child, 1, 10.0)
        assert [name for name, _ in child.events if name.startswith("Microphone")] == []

        asked_s = time.monotonic()
        await child.do("microphone on")
        await child.until("MicrophoneReady", after_s=asked_s)
        assert await streams(rig, "source-outputs", child, 1, 5.0)
        voice = asyncio.get_running_loop().create_task(asyncio.to_thread(rig.say, syllables(12.0)))
        loudest = await child.do("levels 1.5")
        assert loudest["microphone_dbfs"] > -45
        assert await heard(recording, 0.0)
        loudest = await child.do("levels 0.5")
        assert loudest["agent_dbfs"] > -60

        await child.do("silence on")
        silent_from_s = recording.seconds
        until_s = await recorded(recording, silent_from_s + 1.0)
        await child.do("silence off")
        assert await heard(recording, until_s)

        asked_s = time.monotonic()
        await child.do("microphone off")
        await child.until("MicrophoneClosed", after_s=asked_s)
        assert await streams(rig, "source-outputs", child, 0, CLOSED_WITHIN_S + LOAD_S)
        await voice

        await child.do("microphone on")  # and once more, after it was closed
        await child.until("MicrophoneReady", after_s=time.monotonic() - 0.5)
        assert await streams(rig, "source-outputs", child, 1, 5.0)
        await child.do("leave 0")
        assert await streams(rig, "source-outputs", child, 0, CLOSED_WITHIN_S + LOAD_S)
        assert await streams(rig, "sink-inputs", child, 0, CLOSED_WITHIN_S + LOAD_S)
    played = levels(recording.stop().played)
    # 100 ms is promised; the recorder's own delay and a loaded machine come on top.
    quiet = played[int((silent_from_s + 0.3) * 100) : int((until_s - 0.1) * 100)]
    assert quiet.size > 40
    assert quiet.max() < 150


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_hand_over_of_two_rooms_keeps_the_microphone(engine: str, rig: PulseRig, demo: DemoProcess) -> None:
    url, token = await demo.token()
    _, second = await demo.token()
    recording = rig.recording()
    async with SoundChild(engine, rig.env, url, token) as child:
        await child.do("microphone on")
        await child.until("MicrophoneReady")
        await child.do("join " + second)
        await child.do("leave 0")
        since_s = recording.seconds
        voice = asyncio.get_running_loop().create_task(asyncio.to_thread(rig.say, syllables(5.0)))
        assert await heard(recording, since_s)
        await voice
        assert [name for name, _ in child.events if name == "MicrophoneClosed"] == []
        await child.do("microphone off")
        assert await streams(rig, "source-outputs", child, 0, CLOSED_WITHIN_S + LOAD_S)
    recording.stop()


@pytest.mark.parametrize("engine", ENGINES)
async def test_devices_and_volume_in_mid_session(engine: str, rig: PulseRig, demo: DemoProcess) -> None:
    url, token = await demo.token()
    async with SoundChild(engine, rig.env, url, token) as child:
        await child.do("microphone on")
        assert await streams(rig, "source-outputs", child, 1, 10.0)
        assert await streams(rig, "sink-inputs", child, 1, 10.0)
        await child.do("use_speaker spk2")
        await child.do("use_microphone mic2")
        await child.do("volume 150")
        known = await child.do("devices")
        chosen = {side: [d["id"] for d in known[side] if d["chosen"]] for side in known}
        assert chosen == {"microphones": ["mic2"], "speakers": ["spk2"]}
        assert {"id": "mic", "name": "Rig_Microphone", "default": True, "chosen": False} in known["microphones"]
        assert not [d for d in known["microphones"] if "monitor" in d["id"]]

        [playing] = rig.streams("sink-inputs", child.pid)
        [recording] = rig.streams("source-outputs", child.pid)
        sinks = {row.split("\t")[0]: row.split("\t")[1] for row in rig.pactl("list", "short", "sinks").splitlines()}
        sources = {row.split("\t")[0]: row.split("\t")[1] for row in rig.pactl("list", "short", "sources").splitlines()}
        assert sinks[str(playing["sink"])] == "spk2"
        assert sources[str(recording["source"])] == "mic2"
        if engine == "native":  # the other engine turns its own samples up
            assert "150%" in str(playing["volume"])

        await child.do("microphone off")
        assert await streams(rig, "source-outputs", child, 0, CLOSED_WITHIN_S + LOAD_S)
        await child.do("microphone on")  # a stream that is opened later goes to the chosen device too
        assert await streams(rig, "source-outputs", child, 1, 5.0)
        assert await on_source(rig, child, "mic2")
        await child.do("use_microphone ")
        assert await on_source(rig, child, "mic")


async def on_source(rig: PulseRig, child: SoundChild, name: str) -> bool:
    end_s = time.monotonic() + 5.0
    while time.monotonic() < end_s:
        rows = [row.split("\t") for row in rig.pactl("list", "short", "sources").splitlines()]
        sources = {row[0]: row[1] for row in rows}
        open_streams = await asyncio.to_thread(rig.streams, "source-outputs", child.pid)
        if [sources[str(s["source"])] for s in open_streams] == [name]:
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_microphone_that_gives_only_zeros_is_said_so(engine: str, rig: PulseRig, demo: DemoProcess) -> None:
    url, token = await demo.token()
    async with SoundChild(engine, rig.env, url, token) as child:
        await child.do("microphone on")
        ready_s = await child.until("MicrophoneReady")
        failed_s = await child.until("MicrophoneFailed microphone_silent")
        assert failed_s - ready_s > 1.0


@pytest.mark.parametrize("engine", ENGINES)
async def test_without_a_sound_server_there_is_text(engine: str, rig: PulseRig) -> None:
    nowhere = {**rig.env, "PULSE_SERVER": "unix:/nowhere/pulse"}
    async with SoundChild(engine, nowhere) as child:
        assert await child.do("engine") == "none"
        assert await child.do("devices") == {"microphones": [], "speakers": []}
        await child.do("microphone on")
        await child.until("MicrophoneFailed no_sound_server")
