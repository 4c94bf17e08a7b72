"""SIGKILL of the windowed app in any state: nothing final is lost, what waited waits, and the thread goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.demo.records import Turn
from mka1_desktop.domain.conversation import Thread
from tests.support.control import App, Line, running_app
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.program import Json, Program
from tests.support.whole_session import EARLIER, Whole

pytestmark = pytest.mark.timeout(90)
QUESTION, ANSWER = "What is the capital of France?", "The capital of France is Paris."
STORY = "Tell me a long story"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`typed` is said, `reached` says when to kill, `last` is what the service was asked last by then."""

    typed: str | None = None
    faults: tuple[tuple[str, str], ...] = ()
    reached: Callable[[Json], bool]
    last: str = QUESTION
    waits: bool = False


def shown(word: str) -> Callable[[Json], bool]:
    return lambda state: bool(state["state"] == word)


CASES = {
    "listening": Case(reached=shown("listening")),
    "thinking": Case(typed=STORY, faults=(("answer-slow", "9"),), reached=shown("thinking"), last=STORY),
    "speaking": Case(
        typed=STORY, reached=lambda state: state["caption"]["agent"].startswith("Once"), last=STORY
    ),
    "reconnecting": Case(
        typed="What is two plus two?", faults=(("token-slow", "30"), ("room-delete", "once")),
        reached=lambda state: state["state"] == "reconnecting" and state["outbox"] == 1,
        last="What is two plus two?", waits=True,
    ),
}  # fmt: skip


@asynccontextmanager
async def app_in(folder: Path, demo: Demo) -> AsyncIterator[tuple[Program, App]]:
    program = Program(folder, base_url=demo.service.base_url, key=OWNER.key)
    async with running_app(program) as app:
        yield program, app


@pytest.mark.parametrize("name", CASES)
async def test_killed(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    async with rooms("no-greeting") as demo:
        async with app_in(tmp_path, demo) as (program, app):
            assert (await app.ask("say", text=QUESTION))["text"] == ANSWER
            for fault, value in case.faults:
                demo.faults.set(fault, value)
            if "token-slow" in dict(case.faults):
                await app.until(shown("reconnecting"), "the loss")
            async with Line(program) as line:
                if case.typed is not None:
                    await line.send(json.dumps({"verb": "say", "text": case.typed}).encode() + b"\n")
                await app.until(case.reached, name)
                if case.typed is not None:
                    await kept(case.typed, program)
                await kill(app)
        for fault, _ in case.faults:
            demo.faults.set(fault, None)
        await goes_on(case, demo, program)


async def test_killed_while_it_greets(tmp_path: Path) -> None:
    async with rooms() as demo, app_in(tmp_path, demo) as (program, app):
        async with Line(program) as line:
            await line.send(b'{"verb":"session","what":"start"}\n')
            await app.until(lambda state: bool(state["caption"]["agent"]), "the greeting")
            await kill(app)
        async with running_app(program) as another:
            answer = await another.ask("say", text=QUESTION)
            assert (answer["text"], answer["complete"]) == (ANSWER, True)


async def kept(text: str, program: Program) -> None:
    """Wait until what was typed is on the disk, some milliseconds after it was."""
    history = SqliteHistory(program.data / "history.sqlite3")
    await history.open()
    async with asyncio.timeout(20.0):
        while text not in [i.text for t in (await history.threads()).threads for i in await history.items(t.id)]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await history.close()


async def kill(app: App) -> None:
    app.running.process.kill()
    await app.running.process.wait()


async def goes_on(case: Case, demo: Demo, program: Program) -> None:
    """Open the thread as the next run does."""
    history = SqliteHistory(program.data / "history.sqlite3")
    await history.open()
    (thread,) = (await history.threads()).threads
    items = await history.items(thread.id)
    assert [item.text for item in items][:2] == [QUESTION, ANSWER]
    whole = Whole(demo.service.base_url, history=history)
    async with whole.running():
        whole.recorder.begin(thread, items)
        whole.controller.open_thread(items, continuation=thread.continuation)
        waits = whole.controller.outbox  # also 1 where it went out and no sign had come yet
        assert waits or not case.waits
        whole.controller.connect()
        await whole.until(lambda: whole.session.listens, "the agent")
        if waits and case.typed is not None:
            await whole.until(lambda: case.typed in [t.text for t in history_of(demo, thread)], "what waited")
        if case.waits:
            await whole.answer_to(next(entry.key for entry in whole.entries if entry.text == case.typed))
        assert (case.typed if waits and case.typed is not None else case.last) in await whole.ask(EARLIER)
        typed = [case.typed] if case.typed is not None else []
        assert whole.texts("user") == [QUESTION, *typed, EARLIER]
        assert whole.asked[-1] == thread.continuation
        said = [turn.text for turn in history_of(demo, thread) if turn.role == "user"]
        assert len(said) == len(set(said))
    await history.close()


def history_of(demo: Demo, thread: Thread) -> list[Turn]:
    return demo.service.data.history(OWNER, previous_response_id=None, conversation_id=thread.conversation_id)
