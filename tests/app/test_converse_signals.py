"""`converse` that is stopped from outside: by signals, by a reader that goes away, by a service that dies."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from mka1_desktop.app.converse_run import Patience
from mka1_desktop.demo.speak import Speech
from tests.support.converse_here import converse_here
from tests.support.demo_service import OWNER, Demo, FastVoice, rooms
from tests.support.program import Json, Program
from tests.support.transcript_contract import check_transcript

pytestmark = pytest.mark.timeout(90)

STORY = ("converse", "--text", "What is two plus two?", "--text", "Tell me a story", "--save", "--no-wait-greeting")


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with rooms("no-greeting") as service:
        yield service


@pytest.fixture
def program(tmp_path: Path, demo: Demo) -> Program:
    return Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)


async def saved_texts(program: Program) -> list[str]:
    (thread,) = (await program.run("history", "list", "--json")).object["threads"]
    return [item["text"] for item in (await program.run("history", "show", thread["id"], "--json")).object["items"]]


def final_texts(lines: list[Json]) -> list[str]:
    """What the service itself called final; the end closes what was still open."""
    ended = next(place for place, line in enumerate(lines) if line.get("event") == "ended")
    return [line["text"] for line in lines[:ended] if line["type"] == "caption" and line["final"]]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=lambda value: getattr(value, "name", None)
)
async def test_a_signal_ends_it_in_order_and_everything_is_saved(
    program: Program, number: signal.Signals, code: int
) -> None:
    out = program.folder / "out.wav"
    async with program.running(*STORY, "--transcript", "-", "--out", str(out)) as running:
        await running.until(type="input", index=1)
        await running.until(type="caption", speaker="agent")
        running.send(number)
        running.send(number)  # twice: an impatient person loses nothing by it
        done = await running.done()
    assert (done.code, done.err) == (code, "Stopped; what was said is saved.\n")
    summary = check_transcript(done.objects, code=code)
    assert summary["answered"] == 1
    assert 44 + summary["out_seconds"] * 96_000 == pytest.approx(out.stat().st_size, abs=100)
    saved = await saved_texts(program)
    assert saved[:3] == ["What is two plus two?", "2 plus 2 is 4.", "Tell me a story"]
    assert all(any(text in kept for kept in saved) for text in final_texts(done.objects))


async def test_a_reader_that_goes_away_ends_nothing_and_breaks_nothing(program: Program) -> None:
    reading, writing = os.pipe()
    async with program.running(*STORY[:3], "--transcript", "-", "--no-wait-greeting", stdout=writing) as running:
        os.close(writing)
        os.close(reading)
        done = await running.done()
    assert (done.code, done.err) == (0, "1 of 1 inputs answered.\n")


async def test_a_transcript_that_cannot_be_written_on_ends_nothing(program: Program) -> None:
    """`/dev/full` stands for a full disk; the mode of a device is left alone, also by root."""
    before = os.stat("/dev/full").st_mode  # noqa: PTH116 - no file of a folder, and nothing to wait for
    done = await program.run(
        "converse", "--text", "What is two plus two?", "--no-wait-greeting", "--transcript", "/dev/full"
    )
    assert (done.code, done.err) == (0, "1 of 1 inputs answered.\n")
    assert os.stat("/dev/full").st_mode == before  # noqa: PTH116


@pytest.mark.parametrize("words", [("history", "list"), ("settings", "list"), ("settings", "list", "--json")])
async def test_short_commands_survive_a_closed_pipe(program: Program, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    async with program.running(*words, stdout=writing) as running:
        os.close(writing)
        done = await running.done()
    assert done.code == 0
    assert "rror" not in done.err


async def test_words_are_utf_8_whatever_the_terminal_says(program: Program) -> None:
    done = await program.run(
        "converse", "--text", "Hello Ärger 🎧", "--no-wait-greeting",
        environment={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )  # fmt: skip
    assert done.code == 0
    assert "You: Hello Ärger 🎧\n" in done.out
    done = await program.run(*STORY[:3], "--no-wait-greeting", "--json", environment={"PYTHONIOENCODING": "latin-1"})
    assert done.code == 0
    check_transcript(done.objects, code=0)


async def test_bytes_that_are_no_text_do_not_stop_the_transcript(program: Program) -> None:
    name = os.fsdecode(b"\xff.wav")
    (program.folder / name).write_bytes(b"RIFF")
    done = await program.run("converse", "--in", name, "--transcript", "-")
    assert done.code == 2
    done = await program.run("converse", "--text", os.fsdecode(b"two plus two \xff"), "--json", "--no-wait-greeting")
    assert done.code == 0
    check_transcript(done.objects, code=0)


class StoryStarts(FastVoice):
    """Calls back on the loop when the story is about to be told."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._tell = tell

    def say(self, text: str) -> Speech:
        if "lighthouse" in text:
            self._loop.call_soon_threadsafe(self._tell)
        return super().say(text)


@pytest.mark.parametrize(("status", "code"), [("401", 3), ("503", 4)])
async def test_a_room_that_is_lost_for_good_in_mid_answer(tmp_path: Path, status: str, code: int) -> None:
    def lose() -> None:
        service.faults.set("token-status", status)
        service.faults.set("room-delete", "now")

    words = ("--text", "Tell me a story", "--text", "Never sent", "--no-wait-greeting", "--answer-timeout", "1")
    async with rooms("no-greeting", voice=StoryStarts(lose)) as service:
        result = await converse_here(tmp_path, service.service.base_url, *words, patience=Patience(room_s=1.0))
    assert result.code == code
    assert result.sentence == result.of("error")[-1]["message"]
    assert "lost" in [line["event"] for line in result.of("session")]
    assert [line["index"] for line in result.of("input")] == [0]
    assert result.answer()["complete"] is False
    assert ("error" if code == 3 else "reconnecting") in [line["state"] for line in result.of("state")]
