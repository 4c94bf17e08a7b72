"""The mixer of PulseAudio, with a server of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mka1_desktop.adapters.mixer import pick_mixer
from mka1_desktop.adapters.mixer_none import NoMixer
from mka1_desktop.adapters.mixer_pulse import PulseMixer
from mka1_desktop.adapters.mixer_pulse_streams import VOICE
from tests.support.pulse import RATE_HZ, PulseRig, Recording

WAIT_S = 10.0
WAITING_MS = 400  # sound on its way: half of it or more waits at the server


@pytest.fixture(scope="module")
def rig() -> Iterator[PulseRig]:
    with PulseRig() as rig:
        yield rig


class Desk:
    """A mixer and the news that it brought."""

    def __init__(self, rig: PulseRig) -> None:
        self.rig = rig
        self.mixer = PulseMixer()
        self.news = asyncio.Event()

    async def tell(self, *words: str) -> str:
        """Change something at the server and wait until the mixer has noticed."""
        self.news.clear()
        answer = await asyncio.to_thread(self.rig.pactl, *words)
        async with asyncio.timeout(WAIT_S):
            await self.news.wait()
        return answer


@pytest.fixture
async def desk(rig: PulseRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_COOKIE"):
        monkeypatch.setenv(name, rig.env[name])
    desk = Desk(rig)
    await desk.mixer.open(desk.news.set)
    yield desk
    await desk.mixer.close()
    await desk.mixer.close()


@asynccontextmanager
async def voice(rig: PulseRig, program: str = VOICE) -> AsyncIterator[None]:
    """A tone from a stream that looks like one of this process's native engine."""
    t = np.arange(20 * RATE_HZ) / RATE_HZ
    tone = (9000 * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes()
    process = await asyncio.create_subprocess_exec(
        *("pacat", "--playback", "-d", "spk", "--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1"),
        *(f"--latency-msec={WAITING_MS}", f"--property=application.name={program}"),
        *(f"--property=application.process.id={os.getpid()}",),
        env=rig.env,
        stdin=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(tone)
    try:
        await until(lambda: asyncio.to_thread(volumes, rig), lambda found: len(found) == 1)
        yield
    finally:
        process.terminate()
        await process.wait()
        process.stdin.close()


def volumes(rig: PulseRig) -> list[str]:
    """Of the streams that pass for this process's."""
    return [row["volume"]["mono"]["value_percent"] for row in rig.streams("sink-inputs", os.getpid())]


async def until(ask: Any, true: Any) -> Any:
    """Ask again and again until the answer is right."""
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await ask()
            if true(answer):
                return answer
            await asyncio.sleep(0.01)


async def names(mixer: PulseMixer) -> dict[str, str]:
    known = await mixer.devices()
    assert known is not None
    return {d.id: d.name for d in (*known.microphones, *known.speakers)}


async def test_devices_have_names_and_no_monitors(desk: Desk) -> None:
    known = await desk.mixer.devices()
    assert known is not None
    assert [(d.id, d.name, d.default) for d in known.microphones] == [
        ("mic", "Rig_Microphone", True),
        ("mic2", "Other_Microphone", False),
    ]
    assert {d.id: d.name for d in known.speakers}["spk"] == "Rig_Speaker"
    assert [d.id for d in known.speakers if d.default] == ["spk"]
    assert not [d for d in (*known.microphones, *known.speakers) if d.chosen]


async def test_what_is_plugged_in_and_out_is_news(desk: Desk) -> None:
    module = await desk.tell(
        "load-module", "module-null-sink", "sink_name=headset", "sink_properties=device.description=Headset"
    )
    assert (await names(desk.mixer))["headset"] == "Headset"
    await desk.tell("unload-module", module)
    assert "headset" not in await names(desk.mixer)


async def test_a_new_default_is_news(desk: Desk) -> None:
    await desk.tell("set-default-sink", "spk2")
    known = await desk.mixer.devices()
    assert known is not None
    assert [d.id for d in known.speakers if d.default] == ["spk2"]
    await desk.tell("set-default-sink", "spk")


async def test_a_choice_shows_and_survives_the_absence_of_the_device(desk: Desk) -> None:
    await desk.mixer.choose(microphone="gone", speaker="spk2")
    known = await desk.mixer.devices()
    assert known is not None
    assert [d.id for d in known.speakers if d.chosen] == ["spk2"]
    assert not [d for d in known.microphones if d.chosen]


async def test_what_was_handed_over_is_taken_back_and_later_sound_is_heard(desk: Desk, rig: PulseRig) -> None:
    await desk.mixer.set_volume(90)
    recording = rig.recording()
    async with voice(rig):
        await until(lambda: loud(recording), lambda blocks: blocks[-20:].all() and blocks.size > 20)
        asked = int(recording.seconds * 100)
        desk.mixer.hush()
        await until(lambda: loud(recording), lambda blocks: not blocks[asked:].all())
        back = await until(lambda: loud(recording), lambda blocks: blocks[asked:].any() and blocks[-20:].all())
        assert await asyncio.to_thread(volumes, rig) == ["90%"]
    recording.stop()
    quiet = asked + np.flatnonzero(~back[asked:])
    assert quiet[0] - asked < 20, "what waits there is not heard"
    assert 0.5 * WAITING_MS / 10 < quiet[-1] - quiet[0] < WAITING_MS / 10 + 60, "as long as that, and no longer"


async def loud(recording: Recording) -> NDArray[np.bool_]:
    """Whether there was sound, for each 10 ms of the speaker."""
    played = (await asyncio.to_thread(recording.so_far)).played
    blocks = played[: played.size // 480 * 480].reshape(-1, 480).astype(np.float64)
    found: NDArray[np.bool_] = np.sqrt(np.mean(blocks**2, axis=1)) > 150
    return found


async def test_the_volume_that_is_wanted_in_the_end_is_the_one_that_stays(desk: Desk, rig: PulseRig) -> None:
    async with voice(rig):
        await desk.mixer.set_volume(90)
        desk.mixer.hush()
        await until(lambda: asyncio.to_thread(volumes, rig), lambda found: found == ["0%"])
        await desk.mixer.set_volume(70)
        assert await asyncio.to_thread(volumes, rig) == ["0%"]
        desk.mixer.hush()
        await until(lambda: asyncio.to_thread(volumes, rig), lambda found: found == ["70%"])


async def test_nobody_leaves_it_silent(desk: Desk, rig: PulseRig) -> None:
    """The server remembers the volume of a program's streams, also over restarts."""
    async with voice(rig):
        await desk.mixer.set_volume(90)
        desk.mixer.hush()
        await until(lambda: asyncio.to_thread(volumes, rig), lambda found: found == ["0%"])
        await desk.mixer.close()
        assert await asyncio.to_thread(volumes, rig) == ["90%"]


async def test_after_a_crash_the_next_start_is_heard(desk: Desk, rig: PulseRig) -> None:
    async with voice(rig):
        [stream] = rig.streams("sink-inputs", os.getpid())
        rig.pactl("set-sink-input-volume", str(stream["index"]), "0%")
        await desk.mixer.set_volume(90)
        assert await asyncio.to_thread(volumes, rig) == ["90%"]


async def test_other_sounds_of_the_program_are_not_taken_back(desk: Desk, rig: PulseRig) -> None:
    """The tone that says "stopped" is one of them."""
    await desk.mixer.set_volume(90)
    async with voice(rig, "ALSA plug-in [python3]"):
        desk.mixer.hush()
        await desk.mixer.close()  # when that is over
        assert await asyncio.to_thread(volumes, rig) == ["100%"]


async def test_without_a_server_nothing_fails_and_closing_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere/pulse")
    mixer = PulseMixer()
    await mixer.open(lambda: None)
    assert await mixer.devices() is None
    await mixer.set_volume(50)
    mixer.hush()
    await mixer.choose(speaker="spk")
    async with asyncio.timeout(WAIT_S):
        await mixer.close()
    assert await mixer.devices() is None


async def test_a_system_without_a_mixer() -> None:
    mixer = NoMixer()
    await mixer.open(lambda: None)
    await mixer.set_volume(10)
    await mixer.choose(microphone="x")
    mixer.hush()
    assert await mixer.devices() is None
    assert not mixer.sets_volume
    await mixer.close()


def test_this_system_has_one() -> None:
    assert isinstance(pick_mixer(), PulseMixer)
