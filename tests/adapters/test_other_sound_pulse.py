"""Other programs are lowered at a PulseAudio of our own, and get exactly their levels back."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mka1_desktop.adapters.other_sound import open_other_sound
from tests.support.pulse import PulseRig

WAIT_S = 20.0
PROPERTIES = ("PULSE_SERVER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_COOKIE")
ROOT = Path(__file__).parents[2]
KILLED = """
import asyncio, pathlib, sys
from mka1_desktop.adapters.other_sound import open_other_sound

async def main():
    await open_other_sound("lower", pathlib.Path(sys.argv[1])).quiet(20)
    sys.stdout.write("lowered\\n")
    sys.stdout.flush()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def rig() -> Iterator[PulseRig]:
    with PulseRig() as rig:
        rig.pactl("load-module", "module-stream-restore")  # as every desktop has it
        yield rig


class Others:
    """Programs that play, and the app that lowers them."""

    def __init__(self, rig: PulseRig, folder: Path) -> None:
        self.rig = rig
        self.file = folder / "data" / "lowered.json"
        self.port = open_other_sound("lower", self.file)
        self._playing: list[asyncio.subprocess.Process] = []

    async def another_run_lowers_and_is_killed(self) -> None:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, str(self.file), env=self.rig.env, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        async with asyncio.timeout(WAIT_S):
            assert await child.stdout.readline() == b"lowered\n"
        child.kill()
        await child.communicate()

    async def plays(self, program: str, *properties: str, passes_for: int | None = None) -> int:
        """Start a stereo stream of `program` and return its process, or the one that it passes for."""
        child = await asyncio.create_subprocess_exec(
            *("pacat", "--playback", "-d", "spk2", "--raw", "--channels=2", f"--property=application.name={program}"),
            *(f"--property={one}" for one in properties),
            *((f"--property=application.process.id={passes_for}",) if passes_for else ()),
            "/dev/zero",
            env=self.rig.env,
        )
        self._playing.append(child)
        process = passes_for or child.pid
        await self.until(lambda: self.rig.streams("sink-inputs", process), bool)
        return process

    async def ends(self, process: int) -> None:
        child = next(one for one in self._playing if one.pid == process)
        child.terminate()
        await child.wait()
        await self.until(lambda: self.rig.streams("sink-inputs", process), lambda found: not found)

    def set(self, process: int, *levels: str) -> None:
        (stream,) = self.rig.streams("sink-inputs", process)
        self.rig.pactl("set-sink-input-volume", str(stream["index"]), *levels)

    def levels(self, process: int) -> list[int]:
        """The server's own figures for each channel; 65536 is 100 %."""
        (stream,) = self.rig.streams("sink-inputs", process)
        return [stream["volume"][side]["value"] for side in ("front-left", "front-right")]

    async def until(self, ask: Callable[[], Any], true: Callable[[Any], object]) -> Any:
        async with asyncio.timeout(WAIT_S):
            while True:
                answer = await asyncio.to_thread(ask)
                if true(answer):
                    return answer
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        for child in self._playing:
            if child.returncode is None:
                child.kill()
            await child.wait()
        await self.port.close()
        await self.port.close()


@pytest.fixture
async def others(rig: PulseRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Others]:
    for name in PROPERTIES:
        monkeypatch.setenv(name, rig.env[name])
    others = Others(rig, tmp_path)
    yield others
    await others.close()
    assert not others.file.exists()


async def test_lowered_to_exactly_a_fifth_and_given_back_for_each_channel(others: Others) -> None:
    whole = await others.plays("whole")
    tilted = await others.plays("tilted")
    others.set(tilted, "81%", "33%")
    before = others.levels(tilted)
    await others.port.quiet(20)
    assert others.levels(whole) == [13107, 13107], "20 % of 65536"
    assert others.levels(tilted) == [round(level / 5) for level in before]
    await others.port.quiet(20)
    assert others.levels(whole) == [13107, 13107]
    await others.port.restore()
    assert others.levels(whole) == [65536, 65536]
    assert others.levels(tilted) == before
    await others.port.restore()
    assert others.levels(tilted) == before


async def test_what_is_changed_is_written_down_for_its_owner_only(others: Others) -> None:
    process = await others.plays("careful")
    await others.port.quiet(20)
    assert stat.S_IMODE(others.file.stat().st_mode) == 0o600
    rows = json.loads(others.file.read_text())
    assert [row["stream"]["levels"] for row in rows if row["stream"]["process"] == str(process)] == [[1.0, 1.0]]
    await others.port.restore()
    assert not others.file.exists()


async def test_what_cannot_be_written_down_is_not_done(others: Others) -> None:
    process = await others.plays("readonly")
    others.file.parent.parent.joinpath("data").write_text("a file where the folder should be")
    await others.port.quiet(20)
    assert others.levels(process) == [65536, 65536]
    others.file.parent.unlink()


async def test_a_stream_that_begins_meanwhile_is_lowered_too(others: Others) -> None:
    await others.port.quiet(20)
    process = await others.plays("late")
    await others.until(lambda: others.levels(process), lambda now: now == [13107, 13107])
    await others.port.restore()
    assert others.levels(process) == [65536, 65536]


async def test_what_the_person_sets_meanwhile_stays(others: Others) -> None:
    process = await others.plays("moved")
    await others.port.quiet(20)
    others.set(process, "55%")
    wanted = others.levels(process)
    await others.plays("another")  # its news have been followed when it is lowered
    await others.until(
        lambda: json.loads(others.file.read_text()),
        lambda rows: all(row["stream"]["process"] != str(process) for row in rows),
    )
    await others.port.quiet(20)
    assert others.levels(process) == wanted
    await others.port.restore()
    assert others.levels(process) == wanted


async def test_our_own_streams_and_those_that_must_be_heard_are_left_alone(others: Others) -> None:
    ours = await others.plays("ours", passes_for=os.getpid())
    reader = await others.plays("reader", "media.role=a11y")
    spoken = await others.plays("speech-dispatcher-espeak-ng", "application.process.binary=sd_espeak-ng")
    bell = await others.plays("bell", "media.role=event")
    await others.port.quiet(20)
    for process in (ours, reader, spoken, bell):
        assert others.levels(process) == [65536, 65536]
    for row in json.loads(others.rig.pactl("-f", "json", "list", "sink-inputs")):
        if row["driver"].startswith("module-remap-sink"):  # the speaker itself plays into another one
            assert {channel["value"] for channel in row["volume"].values()} == {65536}


async def test_a_program_that_ended_while_it_was_lowered_is_not_quiet_the_next_time(others: Others) -> None:
    process = await others.plays("short")
    others.set(process, "90%", "70%")
    before = others.levels(process)
    await others.port.quiet(20)
    await others.ends(process)
    again = await others.plays("short")
    await others.until(lambda: others.levels(again), lambda now: now == [round(level / 5) for level in before])
    await others.port.restore()
    assert others.levels(again) == before


async def test_a_title_that_changes_while_it_is_lowered_makes_the_server_remember_nothing(others: Others) -> None:
    process = await others.plays("radio")
    await others.port.quiet(20)
    (stream,) = others.rig.streams("sink-inputs", process)
    others.rig.pactl("set-sink-input-mute", str(stream["index"]), "1")  # any change makes it remember the level too
    others.rig.pactl("set-sink-input-mute", str(stream["index"]), "0")
    await others.ends(process)
    await others.port.restore()
    again = await others.plays("radio")
    assert others.levels(again) == [65536, 65536]


async def test_a_run_that_was_killed_is_made_good_by_the_next_one(others: Others) -> None:
    stays, persons, ends = [await others.plays(name) for name in ("stays", "persons", "ends")]
    others.set(stays, "60%", "40%")
    before = others.levels(stays)
    await others.another_run_lowers_and_is_killed()
    assert others.levels(persons) == [13107, 13107]
    others.set(persons, "44%")
    persons_level = others.levels(persons)
    await others.ends(ends)
    await others.port.restore()
    assert others.levels(stays) == before
    assert others.levels(persons) == persons_level
    assert others.levels(await others.plays("ends")) == [65536, 65536]
    assert not others.file.exists()


async def test_another_share_counts_from_the_levels_before(others: Others) -> None:
    process = await others.plays("shared")
    await others.port.quiet(20)
    await others.port.quiet(50)
    assert others.levels(process) == [32768, 32768]
    await others.port.quiet(0)
    assert others.levels(process) == [0, 0]
    await others.port.restore()
    assert others.levels(process) == [65536, 65536]


async def test_a_server_that_is_gone_or_never_was_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with PulseRig() as rig:
        for name in PROPERTIES:
            monkeypatch.setenv(name, rig.env[name])
        port = open_other_sound("lower", tmp_path / "lowered.json")
        await port.quiet(20)
        assert (tmp_path / "lowered.json").exists()
    await port.quiet(20)
    async with asyncio.timeout(WAIT_S):
        await port.close()
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere/pulse")
    other = open_other_sound("lower", tmp_path / "other.json")
    await other.quiet(20)
    await other.restore()
    async with asyncio.timeout(WAIT_S):
        await other.close()
    assert not (tmp_path / "other.json").exists()
