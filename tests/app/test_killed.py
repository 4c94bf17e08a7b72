"""SIGKILL at any moment: what somebody has seen as final is in the history afterwards."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.control import Line, running_app
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.program import Program

pytestmark = pytest.mark.timeout(120)

QUESTIONS = ("What is two plus two?", "What is one plus one?", "Count to three", "What is five plus five?")
ROUNDS = 3


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with rooms("no-greeting") as service:
        yield service


async def saved(program: Program) -> list[str]:
    """Return every text in the history, after the kill."""
    listed = await program.run("history", "list", "--json")
    assert listed.code == 0, listed.err
    texts = []
    for thread in listed.object["threads"]:
        shown = await program.run("history", "show", thread["id"], "--json")
        texts += [item["text"] for item in shown.object["items"]]
    return texts


async def test_every_final_caption_that_was_seen_survives_the_kill_of_converse(demo: Demo, tmp_path: Path) -> None:
    chance = random.Random(7)
    words = [word for question in QUESTIONS for word in ("--text", question)]
    seen: list[str] = []
    program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)
    for _ in range(ROUNDS):
        last = chance.randint(1, len(QUESTIONS))
        async with program.running("converse", *words, "--save", "--no-wait-greeting", "--transcript", "-") as running:
            for _ in range(last):
                seen.append((await running.until(type="caption", final=True))["text"])  # noqa: PERF401 - waits
            running.process.kill()  # the worst moment: a final caption has just been read
            await running.process.wait()
    assert len(seen) >= ROUNDS
    kept = await saved(program)
    for text in seen:
        assert any(text in one for one in kept), text
        kept.remove(next(one for one in kept if text in one))


async def test_every_answer_that_ctl_told_survives_the_kill_of_the_app(demo: Demo, tmp_path: Path) -> None:
    chance = random.Random(11)
    told: list[str] = []
    program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)
    for _ in range(ROUNDS):
        async with running_app(program) as app, Line(program) as line:
            for question in chance.sample(QUESTIONS, chance.randint(1, 2)):
                answer = await line.ask("say", text=question)
                assert answer["ok"] is True, answer
                told += [question, answer["text"]]
            if chance.random() < 0.7:  # and in the middle of another one
                await line.send(b'{"verb":"say","text":"Tell me a story"}\n')
                await app.until(lambda state: state["caption"]["agent"].startswith("Once"), "the story begins")
            app.running.process.kill()
            await app.running.process.wait()
    kept = await saved(program)
    for text in told:
        assert text in kept
        kept.remove(text)


async def test_the_next_start_after_a_kill_is_like_any_other(demo: Demo, tmp_path: Path) -> None:
    program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)
    async with running_app(program) as app:
        await app.ask("say", text="What is two plus two?")
        app.running.process.kill()
        await app.running.process.wait()
    assert await app.ctl("state") == (7, "", "The app is not running.")
    async with running_app(program) as app:
        assert (await app.ask("say", text="What is one plus one?"))["complete"] is True
        await app.ask("quit")
        assert (await app.running.done()).code == 0
    threads = (await program.run("history", "list", "--json")).object["threads"]
    assert [thread["title"] for thread in threads] == ["What is one plus one?", "What is two plus two?"]


async def test_what_was_shown_of_an_answer_when_the_app_was_told_to_quit_is_saved(demo: Demo, tmp_path: Path) -> None:
    program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)
    async with running_app(program) as app, Line(program) as line:
        await line.send(b'{"verb":"say","text":"Tell me a story"}\n')
        state = await app.until(lambda state: state["caption"]["agent"].startswith("Once"), "the story begins")
        await app.ask("quit")
        assert (await app.running.done()).code == 0
    kept = await saved(program)
    assert kept[0] == "Tell me a story"
    assert len(kept) == 2
    assert kept[1].startswith(state["caption"]["agent"])
