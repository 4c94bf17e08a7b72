"""The real app lowers another program while the person talks; after a SIGKILL the next start gives its level back."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.support.control import App, running_app
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.program import LIMIT_S, Program
from tests.support.pulse import PulseRig

pytestmark = pytest.mark.timeout(120)
SOUND = ("PULSE_SERVER", "PULSE_COOKIE", "ALSA_CONFIG_PATH", "XDG_CONFIG_HOME")


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with rooms("no-greeting") as service:
        yield service


@pytest.fixture
def rig() -> Iterator[PulseRig]:
    with PulseRig() as rig:
        rig.pactl("load-module", "module-stream-restore")
        yield rig


class Music:
    """Another program that plays, in stereo."""

    def __init__(self, rig: PulseRig, process: asyncio.subprocess.Process) -> None:
        self._rig, self._process = rig, process

    async def levels(self, wanted: Callable[[list[int]], bool]) -> list[int]:
        """Wait until they are as wanted: one for each channel, 65536 is 100 %."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                found = await asyncio.to_thread(self._rig.streams, "sink-inputs", self._process.pid)
                levels = [found[0]["volume"][side]["value"] for side in ("front-left", "front-right")] if found else []
                if levels and wanted(levels):
                    return levels
                await asyncio.sleep(0.02)

    async def tilt(self) -> list[int]:
        """Set another level for each channel, as the person did long ago, and return them."""
        await self.levels(bool)
        (stream,) = self._rig.streams("sink-inputs", self._process.pid)
        self._rig.pactl("set-sink-input-volume", str(stream["index"]), "83%", "41%")
        return await self.levels(lambda now: now[0] != now[1])


@pytest.fixture
async def music(rig: PulseRig) -> AsyncIterator[Music]:
    process = await asyncio.create_subprocess_exec(
        *("pacat", "--playback", "-d", "spk2", "--raw", "--channels=2", "/dev/zero"), env=rig.env
    )
    yield Music(rig, process)
    process.kill()
    await process.wait()


async def talk(app: App) -> None:
    assert (await app.ask("talk", what="start"))["ok"] is True


async def test_what_the_killed_app_had_lowered_is_given_back_by_the_next_start(
    demo: Demo, rig: PulseRig, music: Music, tmp_path: Path
) -> None:
    environment = {name: rig.env[name] for name in SOUND}
    program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key, **environment)
    assert (await program.run("settings", "set", "audio.others", "lower")).code == 0
    before = await music.tilt()
    lowered = [round(level / 5) for level in before]
    async with running_app(program) as app:
        await talk(app)
        await music.levels(lambda now: now == lowered)
        written = program.data / "lowered.json"
        assert stat.S_IMODE((await asyncio.to_thread(written.stat)).st_mode) == 0o600
        app.running.process.kill()
        await app.running.process.wait()
    assert await music.levels(bool) == lowered
    assert (await program.run("settings", "set", "audio.others", "leave")).code == 0
    async with running_app(program):
        await music.levels(lambda now: now == before)
    assert not await asyncio.to_thread(written.exists)


async def test_quitting_in_the_middle_of_a_sentence_gives_it_back(
    demo: Demo, rig: PulseRig, music: Music, tmp_path: Path
) -> None:
    environment = {name: rig.env[name] for name in SOUND}
    program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key, **environment)
    assert (await program.run("settings", "set", "audio.others", "lower")).code == 0
    before = await music.tilt()
    async with running_app(program) as app:
        await talk(app)
        await music.levels(lambda now: now == [round(level / 5) for level in before])
        await app.ask("quit")
        assert (await app.running.done()).code == 0
    assert await music.levels(bool) == before
    assert not await asyncio.to_thread((program.data / "lowered.json").exists)
