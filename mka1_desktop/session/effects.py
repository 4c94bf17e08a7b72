"""Does what the machine decided: one branch an effect, no decisions. Failures come back as events."""

from __future__ import annotations

import asyncio
import random
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
                self._tasks.start(("microphone", sending), self._set_microphone())
            case SilenceAgent(silent=silent):
                self._tasks.start(("silence",), self._sound.silence_agent(silent))
            case StartTimer(timer=timer):
                self._tasks.start(("timer", timer), self._wait(effect))
            case _:
                return  # news for people: the controller's

    async def close(self) -> None:
        """Stop everything and leave every room."""
        await self._tasks.close()
        rooms = list(self._joined.values())
        self._joined.clear()
        if rooms:
            await asyncio.wait_for(asyncio.gather(*(room.leave() for room in rooms)), WORLD_LIMIT_S)

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

        self._tasks.stop_where(older)
        for left in [t for t in self._joined if t <= ticket]:
            self._tasks.start(("leave", left), self._joined.pop(left).leave())

    async def _set_microphone(self) -> None:
        """Bring the engine to what is wanted now; several changes in a row end with the last one."""
        async with self._microphone_turn:
            try:
                await self._sound.set_microphone(sending=self._microphone_wanted)
            except AppError as error:
                self._post(MicrophoneFailed(trouble=error.trouble))

    async def _wait(self, effect: StartTimer) -> None:
        await self._clock.sleep(effect.seconds)
        self._post(TimerFired(timer=effect.timer, serial=effect.serial))
