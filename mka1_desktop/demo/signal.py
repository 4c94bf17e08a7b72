"""The signalling endpoints of LiveKit's protocol: join and resume, and the check that clients ask for.

`/rtc/v1` makes rooms with one connection, `/rtc` those with two; both also below the path that the token
answer names. No answer ever holds a token.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging

from aiohttp import web
from livekit.protocol import models, rtc

from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.join_request import BadJoinRequestError, JoinRequest, read_dual, read_single
from mka1_desktop.demo.rooms import Rooms, ServiceFullError
from mka1_desktop.demo.tokens import Grant, InvalidToken, Tokens

log = logging.getLogger(__name__)

PREFIXES = ("", "/api/v1/livekit")
MAX_MESSAGE_B = 262_144
CLOSE_S = 0.5  # how long a client may take to say goodbye
SILENT_S = 60.0  # how long the fault join-silent says nothing
MAX_REFUSED = 1_000


def add_routes(app: web.Application, *, tokens: Tokens, rooms: Rooms, faults: Faults) -> None:
    """Add the signalling routes to `app`."""
    door = Door(tokens=tokens, rooms=rooms, faults=faults)
    for prefix in PREFIXES:
        app.router.add_get(f"{prefix}/rtc/v1", door.join_single)
        app.router.add_get(f"{prefix}/rtc", door.join_dual)
        app.router.add_get(f"{prefix}/rtc/v1/validate", door.validate)
        app.router.add_get(f"{prefix}/rtc/validate", door.validate)


class Door:
    """Lets clients in. Refusals are remembered, because the SDK asks again why it was refused."""

    def __init__(self, *, tokens: Tokens, rooms: Rooms, faults: Faults) -> None:
        self._tokens = tokens
        self._rooms = rooms
        self._faults = faults
        self._refused: dict[bytes, int] = {}  # status, by a hash of the token

    async def join_single(self, request: web.Request) -> web.StreamResponse:
        return await self._join(request, single=True)

    async def join_dual(self, request: web.Request) -> web.StreamResponse:
        return await self._join(request, single=False)

    async def validate(self, request: web.Request) -> web.StreamResponse:
        token = _token(request)
        if (status := self._refused.get(_mark(token))) is not None:
            return _refusal(status)
        try:
            self._tokens.verify(token)
        except InvalidToken as error:
            return web.Response(status=401, text=f"invalid token: {error}")
        return web.Response(text="success")

    async def _join(self, request: web.Request, *, single: bool) -> web.StreamResponse:
        if self._faults.is_on("join-silent"):
            await asyncio.sleep(SILENT_S)
            return _refusal(503)
        token = _token(request)
        if (status := self._faults.take("join-status")) is not None:
            if len(self._refused) >= MAX_REFUSED:
                self._refused.clear()
            self._refused[_mark(token)] = int(status)
            return _refusal(int(status))
        self._refused.pop(_mark(token), None)
        try:
            grant = self._tokens.verify(token)
            wish = read_single(request.query) if single else read_dual(request.query)
        except InvalidToken as error:
            return web.Response(status=401, text=f"invalid token: {error}")
        except BadJoinRequestError as error:
            return web.Response(status=400, text=str(error))
        return await self._attend(request, grant, wish)

    async def _attend(self, request: web.Request, grant: Grant, wish: JoinRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=MAX_MESSAGE_B, timeout=CLOSE_S)
        if not socket.can_prepare(request):
            return web.Response(status=400, text="a WebSocket is expected")
        resumed = None if wish.resume_sid is None else self._rooms.back(grant, wish.resume_sid)
        if wish.resume_sid is not None and resumed is None:
            await socket.prepare(request)
            await _send_back(socket)
            return socket
        try:
            session = resumed or self._rooms.enter(grant, wish)
        except ServiceFullError:
            return _refusal(503)
        await socket.prepare(request)
        await session.attend(socket, resumed=resumed is not None)
        return socket


async def _send_back(socket: web.WebSocketResponse) -> None:
    """Tell a client whose session is gone to join anew, as LiveKit's server does."""
    leave = rtc.LeaveRequest(action=rtc.LeaveRequest.RECONNECT, reason=models.DisconnectReason.STATE_MISMATCH)
    await socket.send_bytes(rtc.SignalResponse(leave=leave).SerializeToString())
    await socket.close()


def _refusal(status: int) -> web.Response:
    return web.Response(status=status, text=f"refused: {status}")


def _token(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.query.get("access_token", "")


def _mark(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
