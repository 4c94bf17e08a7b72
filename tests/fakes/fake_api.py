"""ServicePort that grants rooms from memory."""

from __future__ import annotations

import asyncio
from collections import deque

from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.grant import Model, RoomGrant
from mka1_desktop.domain.request import SessionRequest
from tests.fakes.fake_conversations import FakeConversations


class FakeApi:
    """Grants tokens t1, t2, …; `failures` are raised first, one a call. While `gate` is cleared, calls wait."""

    def __init__(self) -> None:
        self.asked: list[SessionRequest] = []
        self.failures: deque[AppError] = deque()
        self.gate = asyncio.Event()
        self.gate.set()
        self.cancelled = 0
        self.granted = 0
        self.closed = False
        self.conversations = FakeConversations()

    async def fetch_grant(self, request: SessionRequest) -> RoomGrant:
        self.asked.append(request)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failures:
            raise self.failures.popleft()
        self.granted += 1
        return RoomGrant(url="ws://127.0.0.1:1", token=f"t{self.granted}")

    async def models(self) -> tuple[Model, ...]:
        return (Model(id="m1"),)

    async def close(self) -> None:
        self.closed = True
