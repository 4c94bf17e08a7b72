"""Does what the machine decided: one branch an effect, no decisions. Failures come back as events."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections.abc import Callable

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import (
    Event,
    GrantFailed,
    GrantReady,
    JoinFailed,
    MicrophoneFailed,
    RoomEvent,
    RoomJoined,
    TimerFired,
)
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.ports.api import ApiPort
from mka1_desktop.ports.audio import SoundPort
from mka1_desktop.ports.room import RoomPort, RoomSession
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.state import (
    Effect,
    FetchGrant,
    JoinRoom,
    LeaveRoom,
    SetMicrophone,
    SilenceAgent,
    StartTimer,
)
from mka1_desktop.session.tasks import KeyedTasks

WORLD_LIMIT_S = 10.0  # leaving all rooms at the end takes no longer
MICROPHONE = "microphone"  # key of the one task that tells the engine


class EffectRunner:
    """Performs effects; `post` brings what came of them back to the machine."""

    def __init__(
        self,
        *,
        api: ApiPort,
        rooms: RoomPort,
        sound: SoundPort,
        clock: ClockPort,
        request_for: Callable[[Continuation], SessionRequest],
        post: Callable[[Event], None],
        on_defect: Callable[[BaseException], None],
    ) -> None:
        self._api = api
        self._rooms = rooms
        self._sound = sound
        self._clock = clock
        self._request_for = request_for
        self._post = post
        self._tasks = KeyedTasks(on_defect)
        self._joined: dict[int, RoomSession] = {}
        self._left = 0  # rooms up to this ticket are nobody's any more
        self._microphone_wanted = False
        self._microphone_turn = asyncio.Lock()

    @property
    def room(self) -> RoomSession | None:
        """The newest room that is joined."""
        return self._joined[max(self._joined)] if self._joined else None

    def perform(self, effect: Effect) -> None:
        """Start one effect and return at once."""
        match effect:
            case FetchGrant(ticket=ticket):
                self._tasks.start(("ticket", ticket), self._fetch(effect))
            case JoinRoom(ticket=ticket):
                self._tasks.start(("ticket", ticket), self._join(effect))
            case LeaveRoom(ticket=ticket):
                self._leave(ticket)
            case SetMicrophone(sending=sending):
                self._microphone_wanted = sending
                if not self._tasks.running(MICROPHONE):  # one that runs follows the wish
                    self._tasks.start(MICROPHONE, self._set_microphone())
            case SilenceAgent(silent=silent):
                self._tasks.start(("silence",), self._silence(silent))
            case StartTimer(timer=timer):
                self._tasks.start(("timer", timer), self._wait(effect))
            case _:
                return  # news for people: the controller's

    async def close(self) -> None:
        """Stop everything and leave every room; what is being left already is waited for."""
        self._tasks.stop_where(lambda key: not (isinstance(key, tuple) and key[0] == "leave"))
        self._leave(sys.maxsize)
        await self._tasks.finish(WORLD_LIMIT_S)
        await self._tasks.close()

    async def _fetch(self, effect: FetchGrant) -> None:
        if effect.delay_s:
            vary = random.uniform(1 - effect.jitter, 1 + effect.jitter)  # noqa: S311 - spreads load, no secret
            await self._clock.sleep(effect.delay_s * vary)
        try:
            grant = await self._api.fetch_grant(self._request_for(effect.continuation))
        except AppError as error:
            self._post(GrantFailed(ticket=effect.ticket, trouble=error.trouble))
        else:
            self._post(GrantReady(ticket=effect.ticket, grant=grant))

    async def _join(self, effect: JoinRoom) -> None:
        """Join and publish. What the room says before the join is known here is held back, never lost."""
        early: list[RoomEvent] | None = []

        def emit(event: RoomEvent) -> None:
            if early is None:
                self._post(event)
            else:
                early.append(event)

        try:
            room = await self._rooms.join(effect.grant, ticket=effect.ticket, emit=emit)
        except AppError as error:
            self._post(JoinFailed(ticket=effect.ticket, trouble=error.trouble))
            return
        if effect.ticket <= self._left:  # it came too late: nobody wants it any more
            await self._leave_room(room)
            return
        self._joined[effect.ticket] = room
        self._post(RoomJoined(ticket=effect.ticket))
        held, early = early, None
        for event in held or ():
            self._post(event)
        try:
            await room.publish_microphone()
            await self._set_microphone()  # wanted before it was published
        except AppError as error:
            self._post(MicrophoneFailed(trouble=error.trouble))

    def _leave(self, ticket: int) -> None:
        def older(key: object) -> bool:
            return isinstance(key, tuple) and key[0] == "ticket" and isinstance(key[1], int) and key[1] <= ticket

        self._left = max(self._left, ticket)
        self._tasks.stop_where(older)
        for left in [t for t in self._joined if t <= ticket]:
            self._tasks.start(("leave", left), self._leave_room(self._joined.pop(left)))

    async def _leave_room(self, room: RoomSession) -> None:
        with contextlib.suppress(AppError):  # it is gone either way, and nobody waits for it
            await room.leave()

    async def _silence(self, silent: bool) -> None:
        try:
            await self._sound.silence_agent(silent)
        except AppError as error:
            self._post(MicrophoneFailed(trouble=error.trouble))

    async def _set_microphone(self) -> None:
        """Bring the engine to what is wanted now; several changes in a row end with the last one."""
        async with self._microphone_turn:
            told: bool | None = None
            while told != self._microphone_wanted:
                told = self._microphone_wanted
                try:
                    await self._sound.set_microphone(sending=told)
                except AppError as error:
                    self._post(MicrophoneFailed(trouble=error.trouble))

    async def _wait(self, effect: StartTimer) -> None:
        await self._clock.sleep(effect.seconds)
        self._post(TimerFired(timer=effect.timer, serial=effect.serial))
