"""A TCP relay on loopback whose connections can be cut at any moment."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Relay:
    """`async with Relay(port) as relay`: connections to `relay.port` go on to `port`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None] | None, list[asyncio.StreamWriter]] = {}
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*(task for task in tuple(self._open) if task is not None))
        await self._server.wait_closed()

    def cut(self) -> None:
        """Abort every connection; new ones are welcome."""
        for writers in tuple(self._open.values()):
            for writer in writers:
                writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._open[task] = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._open[task].append(far_writer)
            await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        except OSError:  # either side went away
            pass
        finally:
            for each in self._open.pop(task):
                each.transport.abort()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:  # cut
        writer.transport.abort()
