"""Speaks to a running app's control socket directly: as fast as it answers, and as rudely as a test likes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from mka1_desktop.app.control_socket import socket_address, socket_name
from tests.support.program import LIMIT_S, Json, Program, Running

PAUSE_S = 0.05


class Line:
    """One connection."""

    def __init__(self, program: Program) -> None:
        self._folder = program.run_folder / "mka1-desktop"
        self._name = f"{socket_name(program.data)}.sock"

    async def __aenter__(self) -> Self:
        plug = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with socket_address(self._folder, self._name) as address:
                plug.connect(address)
            self.reader, self.writer = await asyncio.open_unix_connection(sock=plug, limit=1 << 20)
        except BaseException:
            plug.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self) -> Json | None:
        """Return the next answer; None when the app closed the connection."""
        try:
            line = await asyncio.wait_for(self.reader.readline(), LIMIT_S)
        except ConnectionError:
            return None
        found: Json | None = json.loads(line) if line else None
        return found

    async def ask(self, verb: str, **fields: object) -> Json:
        await self.send(json.dumps({"version": 1, "verb": verb, **fields}).encode() + b"\n")
        answer = await self.answer()
        assert answer is not None, "the app closed the connection"
        return answer


class App:
    """A running app."""

    def __init__(self, program: Program, running: Running) -> None:
        self.program = program
        self.running = running

    async def ask(self, verb: str, **fields: object) -> Json:
        async with Line(self.program) as line:
            return await line.ask(verb, **fields)

    async def until(self, reached: Callable[[Json], object], what: str) -> Json:
        """Wait until the state is so."""
        async with Line(self.program) as line, asyncio.timeout(LIMIT_S):
            await line.send(b'{"verb":"state","follow":true}\n')
            state = None
            while (state := await line.answer() or state) is not None:
                if reached(state):
                    return state
        raise AssertionError(f"never: {what}")

    async def ctl(self, *words: str) -> tuple[int, str, str]:
        """Run `ctl` as people do: exit code, standard output, last line of standard error."""
        done = await self.program.run("ctl", *words)
        return done.code, done.out, done.sentence


@asynccontextmanager
async def running_app(program: Program, *words: str) -> AsyncIterator[App]:
    """Start the app off screen and wait until it answers; it does not outlive the block."""
    async with program.running(*words) as running:
        app = App(program, running)
        async with asyncio.timeout(LIMIT_S):
            while True:
                try:
                    await app.ask("state")
                except OSError:
                    assert running.process.returncode is None, (await running.done()).err
                    await asyncio.sleep(PAUSE_S)  # its socket is not there yet
                else:
                    break
        yield app
