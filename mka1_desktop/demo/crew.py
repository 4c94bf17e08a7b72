"""The agents of one room: who is there, who comes later, who is asked when the user speaks."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from aiortc.mediastreams import MediaStreamTrack
from livekit.protocol import models

from mka1_desktop.demo.agent import Agent
from mka1_desktop.demo.audio import EARS_RATE, WIRE_RATE, AgentTrack, EchoTrack, Samples
from mka1_desktop.demo.endpoint import Endpointer
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.people import AGENT_STATE, AgentPerson, Person
from mka1_desktop.demo.stage import Stage
from mka1_desktop.demo.transport import Outgoing
from mka1_desktop.demo.turn import Faculties, Thread

GREET_AFTER_S = 0.1
SECOND_AGENT_S = 0.3


class Room(Protocol):
    """What the agents need of the session around them."""

    user: Person

    def send_packet(self, packet: bytes) -> bool: ...
    def announce(self, infos: Sequence[models.ParticipantInfo]) -> None: ...
    def carry(self, outgoing: Outgoing) -> None: ...
    def renegotiate(self) -> None: ...
    def dismiss(self, reason: models.DisconnectReason) -> None: ...


class Member:
    """An agent as a participant, with the track that it sends."""

    def __init__(self, person: AgentPerson, track: MediaStreamTrack) -> None:
        self.person = person
        self.track = track

    @property
    def outgoing(self) -> Outgoing:
        return Outgoing(self.track, participant_sid=self.person.sid, track_sid=self.person.track_sid)


class Crew:
    """Made for one session. `enter` first, then `run`."""

    def __init__(
        self,
        *,
        faculties: Faculties,
        thread: Thread,
        endpointer: Callable[[], Endpointer],
        echo: bool,
    ) -> None:
        """Args: echo: the agent sends the microphone back and says nothing."""
        self._able = faculties
        self._faults: Faults = faculties.faults
        self._thread = thread
        self._endpointer = endpointer
        self._echo = EchoTrack() if echo else None
        self._voice = AgentTrack(muted=self._is_muted)
        self._unwanted = False
        self._main = Member(
            AgentPerson("agent", has_audio=not self._faults.is_on("agent-silent")), self._echo or self._voice
        )
        self._main.person.attributes[AGENT_STATE] = "listening" if echo else "initializing"
        self._brain: Agent | None = None
        self._life: asyncio.Task[None] | None = None
        self._room: Room | None = None
        self.present: list[Member] = []

    def enter(self, room: Room) -> None:
        """Take the places that are taken from the start."""
        self._room = room
        if self._echo is None:
            self._brain = self._mind(room)
        if self._faults.is_on("two-agents"):
            quiet = Member(AgentPerson("agent-first"), AgentTrack())
            quiet.person.attributes[AGENT_STATE] = "listening"
            self._join(room, quiet)
        if self._late_s() == 0 and not self._faults.is_on("agent-absent"):
            self._join(room, self._main)

    async def run(self, ready: asyncio.Event, microphone: asyncio.Event) -> None:
        """Let the main agent live.

        Args:
            ready: set when data and sound reach the user.
            microphone: set when the user announced one.
        """
        if self._room is None or self._faults.is_on("agent-absent"):
            return
        await ready.wait()
        if self._main not in self.present and not self._main.person.gone:
            await asyncio.sleep(self._late_s())
            self._join(self._room, self._main)
            self._room.announce([self._main.person.info()])
            if self._main.person.has_audio:
                self._room.renegotiate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GREET_AFTER_S):
                await microphone.wait()
        if self._brain is not None:
            await self._think(self._brain)

    def leave(self) -> None:
        """Let the main agent go, the room stays."""
        if self._room is None or self._main not in self.present:
            return
        self.present.remove(self._main)
        self._brain = None
        if self._life is not None:
            self._life.cancel()
        self._main.person.gone = True
        self._main.person.change({})
        self._room.announce([self._main.person.info()])

    def ears(self) -> tuple[int, Callable[[Samples], None]]:
        """Return the rate in Hz at which microphone blocks are wanted, and where to put them."""
        if self._echo is not None:
            return WIRE_RATE, self._echo.push
        return EARS_RATE, self._hear

    def want(self, track_sids: Sequence[str], *, wanted: bool) -> None:
        """Stop or go on to send the main agent's sound: the user's client unsubscribed or subscribed."""
        if self._main.person.track_sid in track_sids:
            self._unwanted = not wanted

    def take_data(self, topic: str, payload: bytes) -> None:
        """Take a data packet of the user."""
        if self._brain is not None and self._main in self.present:
            self._brain.take_data(topic, payload)

    def _is_muted(self) -> bool:
        return self._unwanted or self._faults.is_on("agent-mute-audio")

    def _hear(self, block: Samples) -> None:
        if self._brain is not None:
            self._brain.hear(block)

    def _mind(self, room: Room) -> Agent:
        stage = Stage(
            user=room.user,
            agent=self._main.person,
            send=room.send_packet,
            announce=lambda: room.announce([self._main.person.info()]),
        )
        return Agent(
            stage=stage,
            track=self._voice,
            faculties=self._able,
            thread=self._thread,
            endpointer=self._endpointer(),
            end_room=lambda: room.dismiss(models.DisconnectReason.ROOM_DELETED),
        )

    async def _think(self, brain: Agent) -> None:
        async with asyncio.TaskGroup() as tasks:
            if not self._main.person.has_audio:
                tasks.create_task(self._voice.run_unheard())
            # `leave` cancels this task alone: a cancelled task does not end its group.
            self._life = tasks.create_task(brain.run())

    def _join(self, room: Room, member: Member) -> None:
        member.person.joined_at_s = time.time()  # a late one was made, not come, when the room began
        self.present.append(member)
        if member.person.has_audio:
            room.carry(member.outgoing)

    def _late_s(self) -> float:
        if self._faults.is_on("two-agents"):
            return SECOND_AGENT_S
        return self._faults.seconds("agent-late") or 0.0
