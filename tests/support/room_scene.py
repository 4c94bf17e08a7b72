"""What a room test needs: our side of a room with everything it says, and a room whose far side can be played."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, TypeVar

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.adapters.room_livekit import LivekitRoom, LivekitRooms
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import CaptionReceived, RoomEvent, RoomLost, Speaker
from mka1_desktop.domain.grant import RoomGrant

WAIT_S = 30.0
LOOK_S = 0.1  # for what has no event, such as a subscription
E = TypeVar("E")
Ending: TypeAlias = Literal["room_deleted", "participant_removed"]
Wish: TypeAlias = Literal["two agents", "late agent", "no agent", "no greeting"]


@dataclass(frozen=True, slots=True)
class Said:
    """One caption segment as the far side sends it."""

    segment_id: str
    text: str
    final: bool = True


class Scene(Protocol):
    """A room service with one room for one person, and its agent in the test's hands."""

    def grant(self, *, ttl_s: float = 300.0) -> RoomGrant:
        """A ticket into the room."""

    async def caption_event(self, speaker: Speaker, *segments: Said) -> None:
        """Send the legacy transcription event."""

    async def caption_stream(
        self, speaker: Speaker, *chunks: str, attributes: Mapping[str, str], end: Mapping[str, str] | None = None
    ) -> None:
        """Send a text stream on `lk.transcription`."""

    async def text_stream(self, topic: str, text: str, *, speaker: Speaker = "agent") -> None:
        """Send a text stream on another topic."""

    async def data(self, payload: bytes, topic: str) -> None:
        """Send a reliable data packet of the agent."""

    async def agent_leaves(self) -> None: ...

    async def end(self, how: Ending) -> None:
        """Send the person away for good."""

    async def drop_socket(self) -> None:
        """Cut the person's signalling connection; it may come back."""

    async def until_empty(self) -> None:
        """Wait until the person is in the room no more."""

    def microphone_sid(self) -> str:
        """Track of the person's microphone, "" while none is published."""


@dataclass
class FakeHost:
    """TrackHost that notes what the room hands to it."""

    frames: int = 0
    loud: int = 0
    heard: list[str] = field(default_factory=list)  # sids of the tracks that were added, in order
    playing: list[str] = field(default_factory=list)  # sids of those that were not removed
    published: list[rtc.LocalAudioTrack] = field(default_factory=list)
    microphone: bool = True
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    kept: list[bool] = field(default_factory=list)  # the `again` of every `send_kept` that began
    kept_cut: int = 0  # how many were cancelled
    kept_sent: asyncio.Event = field(default_factory=asyncio.Event)  # lets them end
    kept_failure: AppError | None = None

    async def microphone_track(self) -> rtc.LocalAudioTrack | None:
        if not self.microphone:
            return None
        source = rtc.AudioSource(48_000, 1, queue_size_ms=0)
        return rtc.LocalAudioTrack.create_audio_track("microphone", source)

    def microphone_published(self, track: rtc.LocalAudioTrack, _: rtc.Room) -> None:
        self.published.append(track)

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None:
        self.published.remove(track)

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        self.kept.append(again)
        self.changed.set()
        if self.kept_failure is not None:
            raise self.kept_failure
        try:
            await self.kept_sent.wait()
        except asyncio.CancelledError:
            self.kept_cut += 1
            raise

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        self.heard.append(publication.sid)
        self.playing.append(track.sid)
        self.changed.set()

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None:
        self.playing.remove(track.sid)
        self.changed.set()

    def agent_frame(self, frame: rtc.AudioFrame) -> None:
        assert (frame.sample_rate, frame.num_channels, frame.samples_per_channel) == (48_000, 1, 960)
        self.frames += 1
        if np.abs(np.frombuffer(frame.data, np.int16)).max() > 1_000:
            self.loud += 1
            self.changed.set()


class Seat:
    """Our side of one room: the adapter, and every event that it emitted."""

    def __init__(self, *, join_limit_s: float = 15.0) -> None:
        self.host = FakeHost()
        self.rooms = LivekitRooms(host=self.host, clock=SystemClock(), join_limit_s=join_limit_s)
        self.events: list[RoomEvent] = []
        self.room: LivekitRoom | None = None

    async def join(self, grant: RoomGrant, *, microphone: bool = True) -> LivekitRoom:
        self.room = await self.rooms.join(grant, ticket=7, emit=self.take)
        if microphone:
            await self.room.publish_microphone()
        return self.room

    def take(self, event: RoomEvent) -> None:
        self.events.append(event)
        self.host.changed.set()

    def of(self, kind: type[E]) -> list[E]:
        return [e for e in self.events if isinstance(e, kind)]

    def captions(self, speaker: Speaker, channel: str) -> list[CaptionReceived]:
        return [c for c in self.of(CaptionReceived) if (c.speaker, c.channel) == (speaker, channel)]

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until `condition` holds; looked at after everything that happens, and now and then."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not condition():
                    self.host.changed.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_S):
                            await self.host.changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what}: {_short(self.events)}") from None

    async def until_one(self, kind: type[E]) -> E:
        await self.until(lambda: self.of(kind), kind.__name__)
        return self.of(kind)[0]

    async def until_caption(self, text: str, *, channel: str, final: bool = True) -> CaptionReceived:
        def found() -> list[CaptionReceived]:
            known = self.of(CaptionReceived)
            return [c for c in known if text in c.text and c.channel == channel and c.final >= final]

        await self.until(found, f"a caption with {text!r} on the {channel} channel")
        return found()[0]

    async def until_lost(self) -> str:
        return (await self.until_one(RoomLost)).reason


@asynccontextmanager
async def seated(scene: Scene, *, microphone: bool = True) -> AsyncIterator[Seat]:
    """Join, and leave at the end."""
    seat = Seat()
    room = await seat.join(scene.grant(), microphone=microphone)
    try:
        yield seat
    finally:
        await room.leave()
        assert seat.host.playing == []
        assert seat.host.published == []


async def until_undone() -> int:
    """Wait for joins that nobody waits for any more; return how many there were."""
    undoing = [task for task in asyncio.all_tasks() if task.get_name() == "leave a room joined too late"]
    async with asyncio.timeout(WAIT_S):
        await asyncio.gather(*undoing)
    return len(undoing)


def _short(events: Sequence[RoomEvent]) -> str:
    return ", ".join(f"{e!r}"[:160] for e in events[-12:])
