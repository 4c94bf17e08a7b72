"""The demo service as a process: its first line, its options, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import psutil
import pytest

from tests.support.demo_process import STOP_S, DemoProcess
from tests.support.room_guest import Guest

pytestmark = pytest.mark.timeout(90)


async def test_the_first_line_says_where_it_listens_and_sigterm_ends_it_in_time() -> None:
    async with DemoProcess() as demo:
        assert demo.base_url.startswith("http://127.0.0.1:")
        assert demo.api_key.startswith("mk-")
        assert demo.pid == demo.process.pid
        url, token = await demo.token()
        guest = Guest(url, token)
        await guest.join()
        await guest.until(guest.is_loud, "the greeting's sound")
        children = psutil.Process(demo.pid).children(recursive=True)
        began = time.monotonic()
        assert await demo.stop() == 0
        assert time.monotonic() - began < STOP_S
        assert await guest.until_event("disconnected") == "SERVER_SHUTDOWN"
        await guest.room.disconnect()
        assert not [child for child in children if child.is_running()]


async def test_faults_are_switched_while_it_runs() -> None:
    async with DemoProcess("--fault", "no-greeting") as demo:
        url, token = await demo.token()
        async with Guest(url, token) as guest:
            await demo.fault("room-delete", "now")
            assert await guest.until_event("disconnected") == "ROOM_DELETED"


async def test_the_recogniser_ends_with_its_service_even_when_that_is_killed() -> None:
    async with DemoProcess(expect_exit=None) as demo:
        children = psutil.Process(demo.pid).children()
        assert len(children) == 1
        demo.kill()
        _, alive = await asyncio.to_thread(psutil.wait_procs, children, 20)
        assert alive == []


async def test_it_can_end_with_the_program_that_started_it() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mka1_desktop.demo", "--until-stdin-closes",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert await process.stdout.readline()
    process.stdin.close()
    try:
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()


@pytest.mark.parametrize(
    "options",
    [("--fault", "no-such"), ("--fault", "agent-late=x"), ("--port", "70000"), ("--token-ttl", "0"), ("--port", "x")],
    ids=["fault", "value", "port", "ttl", "number"],
)
async def test_wrong_options_are_refused_with_a_sentence(options: tuple[str, ...]) -> None:
    code, out, err = await _run(*options)
    assert code == 2
    assert out == ""
    assert err.strip().splitlines()[-1].startswith("mka1-desktop demo-service: error: ")


async def test_a_taken_port_is_said_to_be_taken() -> None:
    async with DemoProcess() as demo:
        code, out, err = await _run("--port", demo.base_url.rpartition(":")[2])
        assert (code, out) == (4, "")
        assert "cannot listen" in err


async def test_all_faults_are_listed() -> None:
    code, out, _ = await _run("--list-faults")
    assert code == 0
    assert any(line.startswith("room-delete=") for line in out.splitlines())


async def test_nothing_else_is_printed() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mka1_desktop.demo", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert set(json.loads(await process.stdout.readline())) == {"base_url", "api_key", "pid"}
    process.terminate()
    out, err = await asyncio.wait_for(process.communicate(), 15)
    assert (out, err, process.returncode) == (b"", b"", 0)


async def _run(*options: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mka1_desktop.demo", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, out.decode(), err.decode()
