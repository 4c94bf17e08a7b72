"""Where a key or a token must never be: files, output, logs, command lines, environments of children."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.rooms import RoomOptions
from mka1_desktop.demo.service import Service, ServiceOptions
from mka1_desktop.demo.settings import DemoSettings
from tests.support.control import running_app
from tests.support.demo_service import FakeEars, FastVoice
from tests.support.http_stub import HttpStub, answer_json
from tests.support.program import Program

pytestmark = pytest.mark.timeout(90)

KEY = "Zq7-distinctive.key_5512-Vw"  # no shape that a mask could know
USER = "distinctive-user-7781"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """The demo's rooms, with a key of our choice."""
    options = ServiceOptions(settings=DemoSettings(keys=(KEY,)), rooms=RoomOptions())
    async with Service(options, Faults({"no-greeting": ""}), ears=FakeEars(), voice=FastVoice()) as one:
        yield one


def secrets_in(text: str) -> list[str]:
    return [secret for secret in (KEY, KEY[:12], USER, "eyJ") if secret in text]


def files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def check_files(program: Program) -> None:
    files = list(files_below(program.folder))
    assert len(files) > 3
    for file in files:
        found = secrets_in(file.read_bytes().decode("latin-1"))
        if file.name.startswith("history.sqlite3"):  # whose thread it is: never continued for another user
            found = [secret for secret in found if secret != USER]
        assert found == [], file


def check_processes(pid: int, *, environment_of_children: tuple[str, ...]) -> int:
    """Look at every process of this family; return how many children there were."""
    parent = psutil.Process(pid)
    children = parent.children(recursive=True)
    for process in (parent, *children):
        assert secrets_in(" ".join(process.cmdline())) == []
    for child in children:
        environment = child.environ()
        assert not set(environment_of_children) & set(environment)
        assert KEY not in "".join(environment.values())
    return len(children)


async def test_a_conversation_leaves_no_secret_anywhere(service: Service, tmp_path: Path) -> None:
    program = Program(tmp_path, base_url=service.base_url, key=KEY, MKA1_ON_BEHALF_OF=USER)
    words = ("--text", "What is two plus two?", "--save", "--no-wait-greeting", "--out", "out.wav")
    async with program.running("converse", *words, "--transcript", "-") as running:
        await running.until(type="response")
        check_processes(running.process.pid, environment_of_children=())
        done = await running.done()
    assert done.code == 0, done.err
    assert secrets_in(done.out + done.err) == []
    (program.folder / "transcript.jsonl").write_text(done.out)
    check_files(program)
    assert (program.data / "log.txt").stat().st_size > 0


async def test_a_service_that_repeats_the_key_does_not_betray_it(tmp_path: Path) -> None:
    body = {"error": {"message": f"bad key {KEY} of {USER}, token eyJhbGciOi.eyJzdWIi.abc", "code": KEY}}
    async with HttpStub(answer_json(body, 401)) as stub:
        program = Program(tmp_path, base_url=stub.base_url, key=KEY, MKA1_ON_BEHALF_OF=USER)
        done = await program.run("converse", "--text", "a", "--transcript", "-")
        assert done.code == 3
        assert secrets_in(done.out + done.err) == []
        assert "bad key …" in done.sentence
        async with running_app(program) as app:
            await app.ask("session", what="start")
            state = await app.until(lambda s: s["last_error"], "the refusal")
            assert secrets_in(json.dumps(state)) == []
            assert secrets_in(json.dumps(await app.ask("say", text="a"))) == []
    check_files(program)


async def test_the_app_and_its_children_keep_secrets_to_themselves(service: Service, tmp_path: Path) -> None:
    program = Program(tmp_path, base_url=service.base_url, key=KEY, MKA1_ON_BEHALF_OF=USER)
    async with running_app(program) as app:
        assert (await app.ask("say", text="What is two plus two?"))["text"] == "2 plus 2 is 4."
        check_processes(app.running.process.pid, environment_of_children=())
        assert secrets_in(json.dumps(await app.ask("state"))) == []
        await app.ask("quit")
        done = await app.running.done()
    assert secrets_in(done.out + done.err) == []
    check_files(program)


async def test_the_demo_gets_nothing_of_the_real_account(tmp_path: Path) -> None:
    """`--demo` with a key in the environment: neither read nor handed on; its own key is no secret of ours."""
    program = Program(tmp_path, base_url="https://gw.example", key=KEY, MKA1_ON_BEHALF_OF=USER)
    ours = ("MKA1_API_KEY", "MKA1_BASE_URL", "MKA1_ON_BEHALF_OF", "MKA1_DATA_DIR")
    async with running_app(program, "--demo") as app:
        await app.ask("session", what="start")
        assert check_processes(app.running.process.pid, environment_of_children=ours) >= 1
        state = await app.ask("state")
        assert state["account"]["demo"] is True
        assert secrets_in(json.dumps(state)) == []
        await app.ask("quit")
        done = await app.running.done()
    assert done.code == 0
    assert secrets_in(done.out + done.err) == []
    await asyncio.to_thread(check_files, program)
    assert "mk-demo-" not in (program.data / "log.txt").read_text()
