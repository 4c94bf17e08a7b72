"""The other commands as processes, `converse --demo`, and data folders in a bad state."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
from pathlib import Path

import psutil
import pytest

from mka1_desktop import __version__
from tests.support.demo_service import OWNER, rooms
from tests.support.program import Program

pytestmark = pytest.mark.timeout(90)

ASK = ("converse", "--text", "What is two plus two?", "--no-wait-greeting")


async def test_the_version(tmp_path: Path) -> None:
    done = await Program(tmp_path).run("--version")
    assert (done.code, done.out, done.err) == (0, f"mka1-desktop {__version__}\n", "")


async def test_help_names_every_command(tmp_path: Path) -> None:
    done = await Program(tmp_path).run("--help")
    assert (done.code, done.err) == (0, "")
    for name in ("converse", "ctl", "history", "key", "settings", "devices", "demo-service"):
        assert name in done.out


@pytest.mark.parametrize("words", [("doctor",), ("rehearse",), ("--json", "doctor", "--deep")])
async def test_what_comes_later_says_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = await Program(tmp_path).run(*words)
    assert (done.code, done.out, done.err) == (2, "", "This command is not in this version.\n")


async def test_a_link_is_alone_or_refused(tmp_path: Path) -> None:
    done = await Program(tmp_path).run("mka1://ask?text=a", "--demo")
    assert (done.code, done.err) == (2, "A link must be the only argument.\n")


@pytest.mark.parametrize("words", [("devices",), ("history", "list"), ("settings", "list"), ("ctl", "state")])
async def test_an_account_that_nobody_has_is_refused_by_every_command(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = await Program(tmp_path).run("--account", "Nobody", *words)
    assert (done.code, done.out, done.err) == (2, "", "There is no account of this name.\n")


async def test_devices_where_there_are_none(tmp_path: Path) -> None:
    done = await Program(tmp_path).run("devices", "--json")
    assert done.code == 0, done.err
    assert done.object == {"microphones": [], "speakers": [], "engine": "none"}
    done = await Program(tmp_path).run("devices")
    assert (done.out, done.sentence) == ("Microphones:\nSpeakers:\n", "Sound engine: none.")


async def test_the_demo_service_says_where_it_is_and_ends_in_order(tmp_path: Path) -> None:
    program = Program(tmp_path, key="mk-real-0123456789")
    async with program.running("demo-service", "--port", "0") as running:
        line = await running.line()
        assert line is not None
        hello = json.loads(line)
        assert set(hello) == {"base_url", "api_key", "pid"}
        assert hello["base_url"].startswith("http://127.0.0.1:")
        assert hello["pid"] == running.process.pid
        assert "MKA1_API_KEY" not in psutil.Process(hello["pid"]).environ()
        running.send(signal.SIGTERM)
        assert (await running.done()).code == 0
    listed = await program.run("demo-service", "--list-faults")
    assert (listed.code, "agent-silent" in listed.out) == (0, True)
    assert (await program.run("demo-service", "--fault", "nonsense")).code == 2


async def test_converse_with_a_demo_of_its_own_needs_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    program = Program(tmp_path, key="mk-real-0123456789", base_url="https://gw.example")
    async with program.running(*ASK, "--demo", "--json", "--save") as running:
        await running.until(type="session", event="agent")
        children = psutil.Process(running.process.pid).children(recursive=True)
        assert children
        done = await running.done()
    assert (done.code, done.sentence) == (0, "1 of 1 inputs answered.")
    assert done.objects[-1]["answered"] == 1
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, 20)
    assert alive == []
    (thread,) = (await program.run("history", "list", "--json")).object["threads"]
    assert thread["demo"] is True


# --- data folders -------------------------------------------------------------------------------------------------


async def test_a_history_of_a_newer_version_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    program = Program(tmp_path, base_url="http://127.0.0.1:9", key="mk-test-0123456789")
    program.data.mkdir(mode=0o700)
    with sqlite3.connect(program.data / "history.sqlite3") as file:
        file.execute("PRAGMA user_version = 9999")
    file.close()
    for words in ((*ASK, "--save"), ("history", "list")):
        done = await program.run(*words)
        assert done.code == 2
        assert done.sentence == "The history was made by a newer version of this app. Update the app to read it."


async def test_a_damaged_history_is_set_aside_and_the_words_are_kept(tmp_path: Path) -> None:
    async with rooms("no-greeting") as demo:
        program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)
        program.data.mkdir(mode=0o700)
        (program.data / "history.sqlite3").write_bytes(b"This is no database. " * 500)
        done = await program.run(*ASK, "--save")
    assert done.code == 0, done.err
    assert done.err.splitlines() == [
        "The history file was damaged. It was set aside, and a new one begun.",
        "1 of 1 inputs answered.",
    ]
    assert len((await program.run("history", "list", "--json")).object["threads"]) == 1
    aside = [path for path in program.data.iterdir() if path.read_bytes().startswith(b"This is no database.")]
    assert len(aside) == 1


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root writes everywhere")
async def test_a_data_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    async with rooms("no-greeting") as demo:
        program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)
        program.rootless = True
        program.data.mkdir(mode=0o700)
        program.data.chmod(0o500)
        try:
            spoken = await program.run(*ASK)
            saved = await program.run(*ASK, "--save")
            setting = await program.run("settings", "set", "talk.mode", "hold")
        finally:
            program.data.chmod(0o700)
    assert (spoken.code, spoken.sentence) == (0, "1 of 1 inputs answered.")
    assert saved.code == 2
    assert "cannot be written" in saved.sentence
    assert setting.code == 2
    assert "cannot be written" in setting.sentence
