"""The person's devices, over fakes and over a sound server from which they are unplugged while they are used."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from mka1_desktop.adapters.mixer_pulse import PulseMixer
from mka1_desktop.app.device_choice import DeviceChoice, picker_of
from mka1_desktop.domain.audio import Device, Devices
from mka1_desktop.domain.device_order import Favourite, read_order
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.settings import Settings
from tests.fakes.fake_desk import DeskPlay, FakeEngine
from tests.support.pulse import PulseRig

WAIT_S = 20.0
USB, SET, BUILT_IN = Device("usb", "Yeti"), Device("set", "Headset"), Device("in", "Built-in", default=True)


@pytest.fixture
async def play() -> AsyncIterator[DeskPlay]:
    async with DeskPlay() as play:
        yield play


def plug(play: DeskPlay, *microphones: Device) -> None:
    play.sound.plugged = Devices(microphones=microphones)


async def test_the_engine_is_told_what_to_use_and_only_what_is_new(play: DeskPlay) -> None:
    choice = DeviceChoice(play.desk)
    plug(play, USB, SET, BUILT_IN)
    await choice.follow()
    assert play.sound.chosen == {}, "the system is followed, and nothing was chosen before"
    for device in ("usb", "set"):
        play.desk.set_setting("audio.microphone", device)
        await choice.follow()
        assert play.sound.chosen == {"microphone": device}
    for there, used in (((USB, BUILT_IN), "usb"), ((BUILT_IN,), ""), ((USB, SET), "set")):
        plug(play, *there)
        await choice.follow()
        assert play.sound.chosen == {"microphone": used}
        assert play.desk.settings.text("audio.microphone") == "set", "remembered"
    play.sound.chosen.clear()
    await choice.follow()
    assert play.sound.chosen == {}


async def test_without_any_device_the_choice_stands(play: DeskPlay) -> None:
    choice = DeviceChoice(play.desk)
    plug(play, USB, BUILT_IN)
    play.desk.set_setting("audio.microphone", "usb")
    await choice.follow()
    play.sound.chosen.clear()
    plug(play)
    assert await choice.follow() == Devices()
    assert play.sound.chosen == {}


async def test_a_favourite_of_an_earlier_run_is_used_from_the_start(play: DeskPlay) -> None:
    play.desk.settings = Settings({"audio.microphone": "set", "audio.microphone_order": "set\tHeadset\nusb\tYeti"})
    choice = DeviceChoice(play.desk)
    plug(play, USB, BUILT_IN)
    devices = await choice.follow()
    assert play.sound.chosen == {"microphone": "usb"}
    view = picker_of(play.desk.settings, "microphone", devices)
    assert view.name == "Yeti"
    assert [(row.name, row.chosen) for row in view.rows][-1] == ("Headset, not plugged in", True)
    assert [row.detail for row in view.rows if row.id == "usb"] == ["in use until Headset is back"]


async def test_names_are_remembered_for_later(play: DeskPlay) -> None:
    choice = DeviceChoice(play.desk)
    plug(play, USB, BUILT_IN)
    play.desk.set_setting("audio.microphone", "usb")
    told: list[str] = []
    play.desk.on_setting = told.append
    choice.remember(await choice.follow())
    plug(play, BUILT_IN)
    choice.remember(await choice.follow())
    assert read_order(play.settings.saved[-1].text("audio.microphone_order")) == (Favourite("usb", "Yeti"),)
    assert told == ["audio.microphone_order"], "nothing is written that is known"


async def test_an_engine_that_refuses_is_a_notice(play: DeskPlay) -> None:
    async def refuse(*, microphone: str | None = None, speaker: str | None = None) -> None:
        raise AppError(Code.DEVICE_GONE)

    play.sound.choose = refuse  # type: ignore[method-assign]  # the fake takes everything
    choice, witness = DeviceChoice(play.desk), play.watch()
    plug(play, USB)
    play.desk.set_setting("audio.microphone", "usb")
    await choice.follow()
    assert [trouble.code for trouble in witness.notices] == [Code.DEVICE_GONE]


# --- over a sound server ------------------------------------------------------------------------------------------


class MixedEngine(FakeEngine):
    """An engine whose devices are those of PulseAudio's mixer."""

    def __init__(self) -> None:
        super().__init__()
        self.mixer = PulseMixer()

    async def devices(self) -> Devices:
        return await self.mixer.devices() or Devices()

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        await self.mixer.choose(microphone=microphone, speaker=speaker)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseRig]:
    with PulseRig() as rig:
        for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_COOKIE"):
            monkeypatch.setenv(name, rig.env[name])
        yield rig


@asynccontextmanager
async def recording(rig: PulseRig) -> AsyncIterator[None]:
    """A stream that looks like one of this process's."""
    process = await asyncio.create_subprocess_exec(
        "parec", "--raw", "--latency-msec=20", f"--property=application.process.id={os.getpid()}",
        env=rig.env, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


def heard(rig: PulseRig) -> list[str]:
    """Names of the microphones that this process records."""
    names = dict(line.split("\t")[:2] for line in rig.pactl("list", "short", "sources").splitlines())
    return [names.get(str(row["source"]), "none") for row in rig.streams("source-outputs", os.getpid())]


def load(rig: PulseRig, name: str) -> str:
    return rig.pactl("load-module", "module-remap-source", f"source_name={name}", "master=feed2.monitor")


async def test_a_microphone_that_is_unplugged_falls_back_and_is_taken_back(play: DeskPlay, rig: PulseRig) -> None:
    engine, choice, desk = MixedEngine(), DeviceChoice(play.desk), play.desk

    async def follow() -> None:
        await choice.follow()

    def changed(_key: str = "") -> None:
        desk.background.start("devices", follow())

    async def until(microphone: str) -> None:
        async with asyncio.timeout(WAIT_S):
            while True:
                if await asyncio.to_thread(heard, rig) == [microphone]:
                    return
                await asyncio.sleep(0.02)

    desk.on_setting = changed
    await engine.mixer.open(changed)
    await desk.parts.sound.use(engine)
    try:
        async with recording(rig):
            await until("mic")
            headset = await asyncio.to_thread(load, rig, "headset")
            for chosen in ("mic2", "headset"):
                desk.set_setting("audio.microphone", chosen)
                await until(chosen)
            await asyncio.to_thread(rig.pactl, "unload-module", headset)
            await until("mic2")
            await asyncio.to_thread(load, rig, "headset")
            await until("headset")
            desk.set_setting("audio.microphone", "")
            await until("mic")
    finally:
        await engine.mixer.close()
