"""The far side of fake rooms over a long time: rooms end with their token, an agent greets and answers each text."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from itertools import count

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentSoundStarted,
    AgentSoundStopped,
    CaptionReceived,
    ResponseStarted,
    RoomLost,
    Speaker,
)
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.domain.request import SessionRequest
from tests.fakes.fake_api import FakeApi
from tests.fakes.fake_rooms import FakeRoom
from tests.fakes.session_desk import AGENT, Desk

GREETING = "Hello."
LOOK_S = 0.1


class ShortLived(FakeApi):
    """Grants rooms that end with their token."""

    def __init__(self, lifetime_s: float) -> None:
        super().__init__()
        self._lifetime_s = lifetime_s

    async def fetch_grant(self, request: SessionRequest) -> RoomGrant:
        grant = await super().fetch_grant(request)
        return RoomGrant(url=grant.url, token=grant.token, lifetime_s=self._lifetime_s)


class FarSide:
    """Set `desk` by `serve`. Real time does not pass here: all waiting is on the clock of `desk`."""

    def __init__(self, lifetime_s: float, rng: random.Random) -> None:
        self.api = ShortLived(lifetime_s)
        self._lifetime_s = lifetime_s
        self._rng = rng
        self._ids = count(1)
        self.desk: Desk
        self.most_rooms = 0  # joined at the same time
        self._tasks: list[asyncio.Task[None]] = []

    def serve(self, desk: Desk, tasks: asyncio.TaskGroup) -> None:
        """Every room that `desk` joins from now on has an agent."""
        self.desk = desk
        desk.rooms.prepare = lambda room: self._open(room, tasks)

    async def holds(self, going_on: Continuation, text: str, *, known: int) -> bool | None:
        """DeliveryPort: this side knows what it was told."""
        return Counter(self.taken)[text] > known

    @property
    def taken(self) -> list[str]:
        """The texts that arrived, room by room."""
        return [text for room in self.desk.rooms.rooms for text in room.texts]

    @property
    def busy(self) -> int:
        """How many tasks of this side are not done."""
        return sum(not task.done() for task in self._tasks)

    @property
    def open_rooms(self) -> int:
        return sum(not room.left for room in self.desk.rooms.rooms)

    def _open(self, room: FakeRoom, tasks: asyncio.TaskGroup) -> None:
        self.most_rooms = max(self.most_rooms, self.open_rooms + 1)
        self._tasks += [tasks.create_task(self._ends(room)), tasks.create_task(self._agent(room))]

    async def _ends(self, room: FakeRoom) -> None:
        await self.desk.clock.sleep(self._lifetime_s)
        room.emit(RoomLost(ticket=room.ticket, reason="room_deleted"))
        room.left = room.left or 1

    async def _agent(self, room: FakeRoom) -> None:
        await self.desk.clock.sleep(0.2)
        room.emit(AgentJoined(ticket=room.ticket, identity=AGENT))
        await self._say(room, GREETING, seconds=1.5)
        answered = 0
        while not room.left:
            await self.desk.clock.sleep(LOOK_S)
            for text in room.texts[answered:]:
                await self.desk.clock.sleep(self._rng.uniform(0.2, 2.0))
                await self._say(room, f"About {text}", seconds=self._rng.uniform(1.0, 8.0))
                answered += 1

    async def _say(self, room: FakeRoom, text: str, *, seconds: float) -> None:
        number = next(self._ids)
        room.emit(
            ResponseStarted(ticket=room.ticket, response_id=f"resp_{number}", conversation_id=None),
            self._caption(room, "agent", text[: len(text) // 2], segment=f"a{number}"),
            AgentSoundStarted(ticket=room.ticket, at_s=self.desk.clock.monotonic()),
        )
        await self.desk.clock.sleep(seconds)
        room.emit(
            self._caption(room, "agent", text, segment=f"a{number}", final=True),
            AgentSoundStopped(ticket=room.ticket, at_s=self.desk.clock.monotonic()),
        )

    def _caption(
        self, room: FakeRoom, speaker: Speaker, text: str, *, segment: str, final: bool = False
    ) -> CaptionReceived:
        return CaptionReceived(
            ticket=room.ticket, segment_id=segment, speaker=speaker, text=text, final=final, channel="event",
            at_s=self.desk.clock.monotonic(),
        )  # fmt: skip
