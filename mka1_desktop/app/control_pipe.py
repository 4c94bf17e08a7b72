"""The control socket on Windows: a named pipe for this user (QLocalServer), with the same limits and answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.app.control_answers import TOO_LONG, TOO_MANY, Caller, Handler, send_until_gone
from mka1_desktop.app.control_socket import pipe_name
from mka1_desktop.app.control_wire import CONNECTIONS, MESSAGE_LIMIT_B, MESSAGE_LIMIT_S
from mka1_desktop.domain.errors import AppError, Code

BACKLOG_LIMIT_B = 1 << 20


class PipeServer(QObject):
    """Like ControlServer. The pipe's access rights keep other users out (UserAccessOption)."""

    def __init__(
        self, *, data_dir: Path, handle: Handler, now: Callable[[], float], name: str | None = None,
        limit_s: float = MESSAGE_LIMIT_S,
    ) -> None:  # fmt: skip
        super().__init__()
        self._limit_s = limit_s  # to send one message
        self._name = name or pipe_name(data_dir)
        self._handle = handle
        self._now = now
        self._tasks = OwnedTasks()
        self._open = 0
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)

    async def start(self) -> None:
        """Listen. Raises AppError(BUSY) when the name is taken by something else."""
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            raise AppError(Code.BUSY, message="The control pipe could not be opened.")

    async def close(self) -> None:
        self._server.close()
        await self._tasks.cancel()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if self._open >= CONNECTIONS:
                socket.write(TOO_MANY)
                socket.flush()
                socket.disconnectFromServer()
                continue
            self._open += 1
            socket.setReadBufferSize(MESSAGE_LIMIT_B + 2)
            self._tasks.spawn(self._serve(socket), "control connection")

    async def _serve(self, socket: QLocalSocket) -> None:
        caller = Caller(self._handle, self._now)
        try:
            while (line := await _line(socket, self._limit_s)) is not None:
                if not line.endswith(b"\n") or caller.floods():
                    _write(socket, TOO_MANY if line.endswith(b"\n") else TOO_LONG)
                    return
                reply = await caller.reply(line)
                if not isinstance(reply, bytes):
                    await send_until_gone(_send(socket, reply), _gone(socket))
                    return
                if not _write(socket, reply):
                    return
        except TimeoutError:
            return  # a message that never ended
        finally:
            self._open -= 1
            socket.flush()
            socket.disconnectFromServer()
            socket.deleteLater()


async def _line(socket: QLocalSocket, limit_s: float) -> bytes | None:
    """Return the next line, at most one byte over the limit; None when the other side is gone."""
    async with asyncio.timeout(limit_s):
        while True:
            if socket.canReadLine() or socket.bytesAvailable() > MESSAGE_LIMIT_B:
                return bytes(socket.readLine(MESSAGE_LIMIT_B + 2).data())
            if not _connected(socket):
                return None
            await _news(socket)


async def _news(socket: QLocalSocket) -> None:
    """Wait until something arrives or the other side goes."""
    news: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def tell() -> None:
        if not news.done():
            news.set_result(None)

    socket.readyRead.connect(tell)
    socket.disconnected.connect(tell)
    try:
        await news
    finally:
        socket.readyRead.disconnect(tell)
        socket.disconnected.disconnect(tell)


async def _send(socket: QLocalSocket, lines: AsyncGenerator[bytes, None]) -> None:
    async with contextlib.aclosing(lines):
        async for line in lines:
            if not _write(socket, line):
                return


async def _gone(socket: QLocalSocket) -> None:
    """Return when the other side closes, or sends anything more."""
    if _connected(socket) and not socket.bytesAvailable():
        await _news(socket)


def _connected(socket: QLocalSocket) -> bool:
    return socket.state() is QLocalSocket.LocalSocketState.ConnectedState


def _write(socket: QLocalSocket, data: bytes) -> bool:
    """Hand it to the pipe; False when the other side is gone, or reads nothing of what it asked for."""
    if not _connected(socket) or socket.bytesToWrite() > BACKLOG_LIMIT_B:
        return False
    socket.write(data)
    socket.flush()
    return True
