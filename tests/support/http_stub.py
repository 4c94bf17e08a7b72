"""A loopback HTTP/1.1 server that says exactly the bytes it is told: slow, cut, wrong or right.

`async with HttpStub(answer) as stub: ...`; each connection serves one request, with the next of the answers (the last
one again and again).
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came in; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `cut` closes the connection after so many bytes of the whole; `hang` never ends it."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False
    abort: bool = False  # drop the connection without a word, TLS's own good-bye included
    raw: bytes | None = None  # instead of everything else

    def bytes(self) -> bytes:
        if self.raw is not None:
            return self.raw
        headers = {"Content-Type": "application/json", "Content-Length": str(len(self.body)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1") + self.body


def answer_json(body: object, status: int = 200, **headers: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), {n.replace("_", "-"): v for n, v in headers.items()})


class HttpStub:
    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answers = list(answers)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}
        self._ending = asyncio.Event()
        self.seen: list[Seen] = []
        self.arrived = asyncio.Event()  # a whole request is here
        self.port = 0

    def answer_with(self, *answers: Answer) -> None:
        """Say this from now on."""
        self._answers = list(answers)

    @property
    def base_url(self) -> str:
        return f"https://localhost:{self.port}" if self._tls else f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        assert self._server is not None
        self._server.close()
        for writer in self._open.values():
            writer.transport.abort()
        await asyncio.gather(*(task for task in tuple(self._open) if task is not None))
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[asyncio.current_task()] = writer
        try:
            self.seen.append(await _request(reader))
            self.arrived.set()
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            writer.write(answer.bytes()[: answer.cut])
            await writer.drain()
            if answer.hang:
                await self._ending.wait()
            if answer.abort:
                writer.transport.abort()
        except (OSError, EOFError):  # the client went away: a test of its own business
            pass
        finally:
            writer.close()
            del self._open[asyncio.current_task()]


async def _request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, path, headers, body)
