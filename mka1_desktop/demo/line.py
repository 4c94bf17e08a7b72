"""The signalling line to one user: what waits to be sent, over whichever socket is there now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from livekit.protocol import models, rtc

SEND_S = 5.0  # a socket that takes longer is given up
MAX_WAITING = 1_000  # messages; a client that does not read them loses the newest


class Line:
    """Queues messages in order. A resuming client brings a new socket, which takes the old one's place."""

    def __init__(self) -> None:
        self._socket: web.WebSocketResponse | None = None
        self._outbox: asyncio.Queue[rtc.SignalResponse] = asyncio.Queue(MAX_WAITING)
        self.frozen = False  # True: nothing is sent or taken any more

    @property
    def open(self) -> bool:
        return self._socket is not None

    async def use(self, socket: web.WebSocketResponse) -> None:
        """Send over this socket from now on; what waited for the one before is forgotten."""
        old, self._socket = self._socket, socket
        self._outbox = asyncio.Queue(MAX_WAITING)
        if old is not None:
            await old.close()

    async def serve(self, socket: web.WebSocketResponse, take: Callable[[bytes], Awaitable[None]]) -> bool:
        """Send what is queued and hand on what comes, until the socket ends.

        Returns:
            True when this was the line's socket, so that none is left now.
        """
        sending = asyncio.get_running_loop().create_task(self._send_all(socket, self._outbox))
        try:
            async for message in socket:
                if isinstance(message.data, bytes) and not self.frozen:
                    await take(message.data)
        finally:
            sending.cancel()
            ours = self._socket is socket
            if ours:
                self._socket = None
        return ours

    def send(self, response: rtc.SignalResponse) -> None:
        if not self._outbox.full():
            self._outbox.put_nowait(response)

    def leave(self, action: rtc.LeaveRequest.Action, reason: models.DisconnectReason) -> None:
        """Send the last message; the socket is closed after it."""
        self.send(rtc.SignalResponse(leave=rtc.LeaveRequest(action=action, reason=reason)))

    def cut(self) -> None:
        """Break the connection below the socket, without a closing message."""
        request = None if self._socket is None else self._socket._req  # noqa: SLF001 - aiohttp hides it
        if request is not None and request.transport is not None:
            request.transport.abort()

    async def close(self) -> None:
        if self._socket is not None and not self.frozen:
            await self._socket.close()

    async def _send_all(self, socket: web.WebSocketResponse, outbox: asyncio.Queue[rtc.SignalResponse]) -> None:
        while True:
            response = await outbox.get()
            if self.frozen:
                continue
            try:
                async with asyncio.timeout(SEND_S):
                    await socket.send_bytes(response.SerializeToString())
            except (ConnectionError, TimeoutError, RuntimeError):  # RuntimeError: aiohttp's word for closing
                return
            if response.HasField("leave"):
                await socket.close()
                return
