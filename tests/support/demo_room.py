"""A room of the demo service, inside the test's own process, with its agent in the test's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from mka1_desktop.demo.packets import TRANSCRIPTION_TOPIC, Segment, Sender, TextStream
from mka1_desktop.demo.session import Session
from mka1_desktop.demo.stage import Stage
from mka1_desktop.domain.events import Speaker
from mka1_desktop.domain.grant import RoomGrant
from tests.support.demo_service import Demo, rooms
from tests.support.room_scene import WAIT_S, Ending, Said, Wish

_FAULTS: Mapping[Wish, str] = {
    "two agents": "two-agents",
    "late agent": "agent-late=0.3",
    "no agent": "agent-absent",
    "no greeting": "no-greeting",
}
_ENDINGS: Mapping[Ending, str] = {"room_deleted": "room-delete", "participant_removed": "participant-remove"}


class DemoScene:
    """See Scene. The demo's own agent is there too; a test that is only about packets wishes for no greeting."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo

    @property
    def session(self) -> Session:
        (session,) = self.demo.service.rooms.sessions
        return session

    def grant(self, *, ttl_s: float = 300.0) -> RoomGrant:
        return RoomGrant(url=self.demo.url, token=self.demo.token(ttl_s=ttl_s))

    async def caption_event(self, speaker: Speaker, *segments: Said) -> None:
        stage = await self._ready()
        who, track = self._who(speaker), stage.user_track_sid if speaker == "user" else stage.agent_track_sid
        words = [Segment(s.segment_id, s.text, s.final) for s in segments]
        stage.send(stage.packets.transcription(stage.agent, speaker=who.identity, track_sid=track, segments=words))

    async def caption_stream(
        self, speaker: Speaker, *chunks: str, attributes: Mapping[str, str], end: Mapping[str, str] | None = None
    ) -> None:
        await self._ready()
        self._stream(self._who(speaker), TRANSCRIPTION_TOPIC, chunks, attributes, end or {})

    async def text_stream(self, topic: str, text: str, *, speaker: Speaker = "agent") -> None:
        await self._ready()
        self._stream(self._who(speaker), topic, (text,), {}, {})

    async def open_stream(self, text: str) -> None:
        """Begin a caption stream that never ends."""
        await self._ready()
        stream = TextStream(self._stage.packets, self._stage.agent, TRANSCRIPTION_TOPIC, {})
        for packet in (stream.open(), *stream.write(text)):
            self._stage.send(packet)

    async def data(self, payload: bytes, topic: str) -> None:
        (await self._ready()).send_data(payload, topic)

    async def agent_leaves(self) -> None:
        self.demo.faults.set("agent-leaves", "now")

    async def end(self, how: Ending) -> None:
        self.demo.faults.set(_ENDINGS[how], "now")

    async def drop_socket(self) -> None:
        self.session.drop_socket()

    async def until_empty(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while running := self.demo.service.rooms._running:
                await asyncio.wait(running)

    def microphone_sid(self) -> str:
        return self.session.user.microphone_sid or ""

    @property
    def _stage(self) -> Stage:
        brain = self.session._crew._brain
        assert brain is not None, "there is no agent"
        return brain._stage

    async def _ready(self) -> Stage:
        """Wait until packets reach the person."""
        async with asyncio.timeout(WAIT_S):
            await self.session._connections.ready.wait()
        return self._stage

    def _who(self, speaker: Speaker) -> Sender:
        return self._stage.user if speaker == "user" else self._stage.agent

    def _stream(
        self, who: Sender, topic: str, chunks: tuple[str, ...], attributes: Mapping[str, str], end: Mapping[str, str]
    ) -> None:
        stream = TextStream(self._stage.packets, who, topic, attributes)
        self._stage.send(stream.open())
        for chunk in chunks:
            for packet in stream.write(chunk):
                self._stage.send(packet)
        self._stage.send(stream.close(end))


@asynccontextmanager
async def demo_scene(*wishes: Wish) -> AsyncIterator[DemoScene]:
    """Run the demo service for one room."""
    async with rooms(*(_FAULTS[wish] for wish in wishes)) as demo:
        yield DemoScene(demo)
