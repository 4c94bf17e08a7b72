"""Starts and ends of the app: two at once, `ctl` in between, signals, a key that belongs elsewhere, the demo child."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import psutil
import pytest

from tests.support.control import Line, running_app
from tests.support.http_stub import HttpStub, answer_json
from tests.support.private_bus import private_bus
from tests.support.program import Program

pytestmark = pytest.mark.timeout(120)


async def test_of_two_first_starts_one_becomes_the_app_and_the_other_shows_it(tmp_path: Path) -> None:
    program = Program(tmp_path)
    async with program.running("--demo") as one, program.running("--demo") as two:
        ended, _ = await asyncio.wait(
            [asyncio.get_running_loop().create_task(start.process.wait()) for start in (one, two)],
            return_when=asyncio.FIRST_COMPLETED, timeout=60,
        )  # fmt: skip
        assert len(ended) == 1
        loser, winner = (one, two) if one.process.returncode is not None else (two, one)
        done = await loser.done()
        assert (done.code, done.out, done.err) == (0, "", "The app is already running.\n")
        async with Line(program) as line:
            state = await line.ask("state")
        assert state["app"]["pid"] == winner.process.pid
        assert state["account"]["demo"] is True
        code = (await program.run("ctl", "quit")).code
        assert code == 0
        assert (await winner.done()).code == 0


async def test_ctl_while_the_app_starts_and_closes_gives_an_answer_or_a_sentence(tmp_path: Path) -> None:
    """The whole life of an app, with a `ctl` at every moment of it."""
    program = Program(tmp_path)
    allowed = {(0, ""), (7, "The app is not running.")}
    assert (await program.run("ctl", "state")).code == 7
    async with program.running("--demo") as app:
        async with asyncio.timeout(60):
            while True:
                done = await program.run("ctl", "state", "--json")
                assert (done.code, done.sentence) in allowed
                if done.code == 0:
                    assert json.loads(done.out)["ok"] is True
                    break
        several = [asyncio.get_running_loop().create_task(program.run("ctl", "state")) for _ in range(2)]
        quitting = await program.run("ctl", "quit")
        assert (quitting.code, quitting.err) == (0, "")
        while app.process.returncode is None:
            done = await program.run("ctl", "state")
            assert (done.code, done.sentence) in allowed
        for task in several:
            done = await task
            assert (done.code, done.sentence) in allowed
        assert (await app.done()).code == 0
    assert (await program.run("ctl", "talk", "start")).code == 7


async def test_two_data_folders_are_two_apps(tmp_path: Path) -> None:
    program = Program(tmp_path)
    other = str(tmp_path / "other")
    async with running_app(program, "--demo") as app, program.running("--demo", "--data-dir", other) as second:
        async with asyncio.timeout(60):
            while (done := await program.run("ctl", "state", "--json", "--data-dir", other)).code == 7:
                assert second.process.returncode is None
        assert done.object["app"]["pid"] == second.process.pid
        assert (await app.ask("state"))["app"]["pid"] == app.running.process.pid
        assert (await program.run("--data-dir", other, "ctl", "quit")).code == 0
        assert (await second.done()).code == 0
        assert (await app.ask("state"))["ok"] is True


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=lambda value: getattr(value, "name", None)
)
async def test_a_signal_ends_the_app_and_its_demo_in_order(tmp_path: Path, number: signal.Signals, code: int) -> None:
    async with running_app(Program(tmp_path), "--demo") as app:
        await app.ask("session", what="start")
        children = psutil.Process(app.running.process.pid).children(recursive=True)
        assert children
        app.running.send(number)
        done = await app.running.done()
        assert (done.code, done.out, done.err) == (code, "", "Stopped; what was said is saved.\n")
        _, alive = await asyncio.to_thread(psutil.wait_procs, children, 20)
        assert alive == []


async def test_the_demo_ends_with_an_app_that_is_killed(tmp_path: Path) -> None:
    async with running_app(Program(tmp_path), "--demo") as app:
        await app.ask("session", what="start")
        children = psutil.Process(app.running.process.pid).children(recursive=True)
        app.running.process.kill()
        _, alive = await asyncio.to_thread(psutil.wait_procs, children, 30)
        assert alive == []


async def test_a_stored_key_goes_to_its_origin_only(tmp_path: Path) -> None:
    """With a real gnome-keyring, from `key set` to `converse` and the app."""
    key = "mk-kept-in-the-keyring-0123456789"
    folder = tmp_path / "bus"
    async with HttpStub(answer_json({"object": "list", "data": []})) as home, HttpStub(answer_json({})) as elsewhere:
        with private_bus(folder) as bus:
            program = Program(
                tmp_path, base_url=home.base_url, DBUS_SESSION_BUS_ADDRESS=bus.address,
                HOME=bus.environment["HOME"], XDG_DATA_HOME=bus.environment["XDG_DATA_HOME"],
            )  # fmt: skip
            kept = await program.run("key", "set", "--json", stdin=f"Bearer {key}\n".encode())
            assert kept.code == 0, kept.err
            assert kept.object["origin"] == home.base_url
            assert kept.object["stored"] is True
            assert len(kept.object["fingerprint"]) == 8
            assert set(kept.object) == {"account", "stored", "backend", "origin", "fingerprint"}
            assert [request.headers["authorization"] for request in home.seen] == [f"Bearer {key}"]
            assert (await program.run("key", "status", "--json")).object == kept.object

            for address in (elsewhere.base_url, "https://gw.example"):
                refused = await program.run("converse", "--text", "a", "--base-url", address)
                assert refused.code == 8
                assert refused.sentence == "The stored key belongs to another base URL and is not sent there."
            assert elsewhere.seen == []

            used = await program.run("converse", "--text", "a")
            assert used.code == 4  # the stub gives no token
            assert home.seen[-1].headers["authorization"] == f"Bearer {key}"
            gone = await program.run("key", "delete")
            assert (gone.code, gone.sentence) == (0, "The key was deleted.")
            assert (await program.run("converse", "--text", "a")).code == 3
            text = "".join(done.out + done.err for done in (kept, refused, used, gone))
            assert key not in text


async def test_a_key_that_the_service_refuses_is_not_kept(tmp_path: Path) -> None:
    folder = tmp_path / "bus"
    async with HttpStub(answer_json({"message": "no"}, 401)) as stub:
        with private_bus(folder) as bus:
            program = Program(tmp_path, base_url=stub.base_url, DBUS_SESSION_BUS_ADDRESS=bus.address)
            done = await program.run("key", "set", stdin=b"mk-refused-0123456789")
            assert (done.code, done.sentence) == (3, "MKA1 did not accept this key. (no)")
            assert (await program.run("key", "status", "--json")).object["stored"] is False
