"""The mixer of PulseAudio, with a server of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from mka1_desktop.adapters.mixer import pick_mixer
from mka1_desktop.adapters.mixer_none import NoMixer
from mka1_desktop.adapters.mixer_pulse import PulseMixer
from tests.support.pulse import PulseRig

WAIT_S = 10.0


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


async def test_without_a_server_nothing_fails_and_closing_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere/pulse")
    mixer = PulseMixer()
    await mixer.open(lambda: None)
    assert await mixer.devices() is None
    await mixer.set_volume(50)
    await mixer.choose(speaker="spk")
    async with asyncio.timeout(WAIT_S):
        await mixer.close()
    assert await mixer.devices() is None


async def test_a_system_without_a_mixer() -> None:
    mixer = NoMixer()
    await mixer.open(lambda: None)
    await mixer.set_volume(10)
    await mixer.choose(microphone="x")
    assert await mixer.devices() is None
    assert not mixer.sets_volume
    await mixer.close()


def test_this_system_has_one() -> None:
    assert isinstance(pick_mixer(), PulseMixer)
