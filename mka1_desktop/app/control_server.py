"""The running app's control socket: bounded, for this user only, and harmless whatever arrives."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.app.control_answers import TOO_LONG, TOO_MANY, Caller, Handler, send_until_gone
from mka1_desktop.app.control_socket import socket_address, socket_folder, socket_name
from mka1_desktop.app.control_wire import CONNECTIONS, MESSAGE_LIMIT_B, MESSAGE_LIMIT_S


class ControlServer:
    """Listens on the Unix socket of one data folder. `handle` answers a verb, or raises AppError."""

    def __init__(
        self, *, data_dir: Path, handle: Handler, now: Callable[[], float], limit_s: float = MESSAGE_LIMIT_S
    ) -> None:
        self._data_dir = data_dir
        self._limit_s = limit_s  # to send one message
        self._handle = handle
        self._now = now
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._open = 0
        self._tasks = OwnedTasks()

    async def start(self) -> None:
        """Listen; what an earlier run left there is replaced (the lock says that it is gone)."""
        folder = socket_folder(create=True)
        name = f"{socket_name(self._data_dir)}.sock"
        self._path = folder / name
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with socket_address(folder, name) as address:
            listener.bind(address)
        self._path.chmod(0o600)
        self._server = await asyncio.start_unix_server(self._accepted, sock=listener, limit=MESSAGE_LIMIT_B + 1)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._tasks.cancel()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= CONNECTIONS or not _same_user(writer):
            writer.write(TOO_MANY)
            writer.close()
            return
        self._open += 1
        self._tasks.spawn(self._serve(reader, writer), "control connection")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = Caller(self._handle, self._now)
        try:
            while await self._one(reader, writer, caller):
                pass
        except (ConnectionError, TimeoutError):
            pass  # the other side went away or never finished its message
        finally:
            self._open -= 1
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: Caller) -> bool:
        """Answer one message; False ends the connection."""
        try:
            async with asyncio.timeout(self._limit_s):
                line = await reader.readline()
        except ValueError:  # longer than the limit
            writer.write(TOO_LONG)
            return False
        if not line:
            return False
        if caller.floods():
            writer.write(TOO_MANY)
            return False
        reply = await caller.reply(line)
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
            return True
        await send_until_gone(_send(writer, reply), _gone(reader))
        return False


async def _send(writer: asyncio.StreamWriter, lines: AsyncGenerator[bytes, None]) -> None:
    async with contextlib.aclosing(lines):
        async for line in lines:
            writer.write(line)
            await writer.drain()


async def _gone(reader: asyncio.StreamReader) -> None:
    """Return when the other side closes, or sends anything more."""
    with contextlib.suppress(ConnectionError):
        await reader.read(1)


def _same_user(writer: asyncio.StreamWriter) -> bool:
    """Whether the other end runs as this user (Linux: SO_PEERCRED; elsewhere the folder's mode keeps others out)."""
    if not sys.platform.startswith("linux"):
        return True
    peer = writer.get_extra_info("socket")
    _, uid, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    return bool(uid == os.getuid())
