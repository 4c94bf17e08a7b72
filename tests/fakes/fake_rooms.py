"""RoomPort whose rooms are played by the test."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import RoomEvent
from mka1_desktop.domain.grant import RoomGrant


class FakeRoom:
    """One joined room. `emit` plays the far side; nothing comes out once it was left."""

    def __init__(self, *, ticket: int, emit: Callable[[RoomEvent], None], hearing: bool = True) -> None:
        self._ticket = ticket
        self._out = emit
        self.hearing = hearing
        self.published = False
        self.texts: list[str] = []
        self.kept_sent: list[bool] = []  # the `again` of every `send_kept` that ended well
        self.kept_gate = asyncio.Event()
        self.kept_gate.set()
        self.kept_failure: AppError | None = None
        self.heard_gate = asyncio.Event()  # whether the agent receives the microphone
        self.heard_gate.set()
        self.left = 0
        self.send_gate = asyncio.Event()
        self.send_gate.set()
        self.send_failures: deque[AppError] = deque()
        self.publish_failure: AppError | None = None
        self.unpublish_failure: AppError | None = None
        self.leave_failure: AppError | None = None
        self.leave_gate = asyncio.Event()
        self.leave_gate.set()

    @property
    def ticket(self) -> int:
        return self._ticket

    def emit(self, *events: RoomEvent) -> None:
        for event in events:
            if not self.left:
                self._out(event)

    async def publish_microphone(self) -> None:
        if self.publish_failure is not None:
            raise self.publish_failure
        self.published = True

    async def until_microphone_heard(self) -> None:
        await self.heard_gate.wait()

    async def unpublish_microphone(self) -> None:
        if self.unpublish_failure is not None:
            raise self.unpublish_failure
        self.published = False

    def hear(self, hearing: bool) -> None:
        self.hearing = hearing

    async def send_kept(self, *, again: bool = False) -> None:
        await self.kept_gate.wait()
        if self.kept_failure is not None:
            raise self.kept_failure
        self.kept_sent.append(again)

    async def send_text(self, text: str) -> None:
        await self.send_gate.wait()
        if self.send_failures:
            raise self.send_failures.popleft()
        self.texts.append(text)

    async def leave(self) -> None:
        await self.leave_gate.wait()
        self.left += 1
        if self.leave_failure is not None:
            raise self.leave_failure

    async def round_trip_ms(self) -> int | None:
        return 12


class FakeRooms:
    """Joins at once, or when `gate` is set. `failures` are raised first, one a call.

    `early`: what a room says before its join returns. `stubborn`: a join that cannot be cancelled.
    """

    def __init__(self) -> None:
        self.joined: list[str] = []
        self.rooms: list[FakeRoom] = []
        self.failures: deque[AppError] = deque()
        self.early: Callable[[int], Sequence[RoomEvent]] = lambda _: ()
        self.prepare: Callable[[FakeRoom], None] = lambda _: None
        self.gate = asyncio.Event()
        self.gate.set()
        self.stubborn = False
        self.cancelled = 0

    @property
    def room(self) -> FakeRoom:
        """The newest room."""
        return self.rooms[-1]

    async def join(
        self, grant: RoomGrant, *, ticket: int, emit: Callable[[RoomEvent], None], hearing: bool = True
    ) -> FakeRoom:
        room = FakeRoom(ticket=ticket, emit=emit, hearing=hearing)
        room.emit(*self.early(ticket))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            if not self.stubborn:
                raise
            await self.gate.wait()
        if self.failures:
            raise self.failures.popleft()
        self.prepare(room)
        self.joined.append(grant.token)
        self.rooms.append(room)
        return room
