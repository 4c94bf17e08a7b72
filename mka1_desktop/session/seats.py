"""The rooms that are joined, each under its ticket, and which of them has the microphone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import Event, JoinFailed, MicrophoneFailed, RoomEvent, RoomJoined
from mka1_desktop.ports.room import RoomPort, RoomSession
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.effects import HandOver, JoinRoom
from mka1_desktop.session.tasks import KeyedTasks

HAND_OVER_LIMIT_S = 4.0  # a room that is left waits so long for the one that takes its microphone


class Seats:
    """Joins, hands over and leaves for the runner, whose tasks it shares."""

    def __init__(self, *, rooms: RoomPort, clock: ClockPort, post: Callable[[Event], None], tasks: KeyedTasks) -> None:
        self._rooms = rooms
        self._clock = clock
        self._post = post
        self._tasks = tasks
        self._wanted: dict[int, float] = {}  # ticket -> when its token came
        self._joined: dict[int, RoomSession] = {}
        self._handing: dict[int, asyncio.Event] = {}  # ticket -> set when the microphone is there
        self._from: dict[int, int] = {}  # ticket of the room before -> ticket that takes its microphone

    def room(self, ticket: int) -> RoomSession | None:
        return self._joined.get(ticket)

    @property
    def newest(self) -> RoomSession | None:
        """The newest room that is joined."""
        return self._joined[max(self._joined)] if self._joined else None

    def want(self, ticket: int) -> None:
        """This ticket's room is asked for, until `leave`."""
        self._wanted[ticket] = self._clock.monotonic()

    def granted(self, ticket: int) -> None:
        """Its token came now."""
        self._wanted[ticket] = self._clock.monotonic()

    async def join(self, effect: JoinRoom) -> None:
        """Join. What the room says before the join is known here is held back, never lost."""
        early: list[RoomEvent] | None = []

        def emit(event: RoomEvent) -> None:
            if early is None:
                self._post(event)
            else:
                early.append(event)

        ticket = effect.ticket
        try:
            room = await self._rooms.join(effect.grant, ticket=ticket, emit=emit, hearing=not effect.quiet)
        except AppError as error:
            self._post(JoinFailed(ticket=ticket, trouble=error.trouble))
            return
        if ticket not in self._wanted:  # it came too late: nobody wants it any more
            await _leave(room)
            return
        self._joined[ticket] = room
        self._post(RoomJoined(ticket=ticket, age_s=self._clock.monotonic() - self._wanted[ticket]))
        held, early = early, None
        for event in held or ():
            self._post(event)

    async def hand_over(self, effect: HandOver) -> None:
        """Publish here first, then take the microphone back there: nothing that is said falls in between."""
        ticket, before = effect.ticket, effect.before
        there = self._handing[ticket] = asyncio.Event()
        if before is not None:
            self._from[before] = ticket
        room = self._joined.get(ticket)
        try:
            if room is not None:
                await room.publish_microphone()
            old = self._joined.get(before) if before is not None else None
            if room is not None and old is not None and before is not None:
                await room.until_microphone_heard()
                await self._take_back(old, before)
        except AppError as error:
            self._post(MicrophoneFailed(trouble=error.trouble))
        finally:
            there.set()
            if before is not None:
                self._from.pop(before, None)

    async def _take_back(self, room: RoomSession, ticket: int) -> None:
        """Only one room may hear the person: one that does not give the microphone back is left."""
        try:
            await room.unpublish_microphone()
        except AppError:
            self._from.pop(ticket, None)
            self.leave(ticket)

    async def microphone_in(self, ticket: int) -> None:
        """Return when the microphone has been handed over to this room, or will not be."""
        handing = self._handing.get(ticket)
        if handing is not None:
            await handing.wait()

    def hear(self, ticket: int) -> None:
        room = self._joined.get(ticket)
        if room is not None:
            room.hear(True)

    def leave(self, ticket: int) -> None:
        """Leave this room, or stop asking for it. One whose microphone is being handed over is left after that."""
        self._wanted.pop(ticket, None)
        self._handing.pop(ticket, None)
        self._tasks.stop(("ticket", ticket))
        self._tasks.stop(("hand over", ticket))
        room = self._joined.pop(ticket, None)
        if room is None:
            return
        taker = self._from.pop(ticket, None)
        self._tasks.start(("leave", ticket), self._leave_after(room, taker))

    def leave_all(self) -> None:
        for ticket in sorted({*self._wanted, *self._joined}):
            self.leave(ticket)

    async def _leave_after(self, room: RoomSession, taker: int | None) -> None:
        handing = self._handing.get(taker) if taker is not None else None
        if handing is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HAND_OVER_LIMIT_S):
                    await handing.wait()
        await _leave(room)


async def _leave(room: RoomSession) -> None:
    with contextlib.suppress(AppError):  # it is gone either way, and nobody waits for it
        await room.leave()
