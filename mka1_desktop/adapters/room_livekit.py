"""RoomPort over the LiveKit SDK."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from livekit import rtc
from livekit.rtc.participant import PublishDataError, PublishTrackError

from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.room_errors import explain, require_network
from mka1_desktop.adapters.room_listener import RoomListener
from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import RoomEvent
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.domain.text import TEXT_LIMIT_B
from mka1_desktop.ports.system import ClockPort

JOIN_LIMIT_S = 15.0
SIGNAL_LIMIT_S = 5.0
PUBLISH_LIMIT_S = 10.0
SEND_LIMIT_S = 5.0  # publish_data blocks while the SDK reconnects
LEAVE_LIMIT_S = 3.0
STATS_LIMIT_S = 2.0
CHAT_TOPIC = "lk.chat"


class LivekitRooms:
    """Joins rooms. One instance serves the whole app; each room has a ticket of its own."""

    def __init__(self, *, host: TrackHost, clock: ClockPort) -> None:
        self._host = host
        self._clock = clock

    async def join(self, grant: RoomGrant, *, ticket: int, emit: Callable[[RoomEvent], None]) -> LivekitRoom:
        """See RoomPort.join."""
        require_network()
        room = LivekitRoom(ticket=ticket, emit=emit, host=self._host, clock=self._clock)
        await room.connect(grant)
        return room


class LivekitRoom:
    """One joined room (see RoomSession)."""

    def __init__(self, *, ticket: int, emit: Callable[[RoomEvent], None], host: TrackHost, clock: ClockPort) -> None:
        self._ticket = ticket
        self._host = host
        self._room = rtc.Room()
        self._tasks = OwnedTasks()
        self._track: rtc.LocalAudioTrack | None = None
        self._left = False
        self._listener = RoomListener(
            self._room, ticket=ticket, emit=emit, host=host, tasks=self._tasks, now=clock.monotonic
        )

    @property
    def ticket(self) -> int:
        return self._ticket

    async def connect(self, grant: RoomGrant) -> None:
        """Join; a join that comes too late is undone, so that nobody stands in a room as a ghost."""
        self._listener.attach()
        options = rtc.RoomOptions(auto_subscribe=True, connect_timeout=SIGNAL_LIMIT_S)
        loop = asyncio.get_running_loop()
        joining = loop.create_task(self._room.connect(grant.url, grant.token, options), name="join room")
        try:
            await asyncio.wait_for(asyncio.shield(joining), JOIN_LIMIT_S)
        except rtc.ConnectError as error:
            self._listener.close()
            raise explain(error.message, grant.url) from None
        except TimeoutError:
            self._undo_when_joined(joining)
            raise explain("timed out", grant.url) from None
        except asyncio.CancelledError:
            self._undo_when_joined(joining)
            raise
        self._listener.start()

    def _undo_when_joined(self, joining: asyncio.Task[None]) -> None:
        self._left = True
        self._listener.close()

        async def undo() -> None:
            try:
                await joining
            except rtc.ConnectError:
                return
            await asyncio.wait_for(self._room.disconnect(), LEAVE_LIMIT_S)

        self._tasks.spawn(undo(), "leave a room joined too late")

    async def publish_microphone(self) -> None:
        """See RoomSession."""
        track = await self._host.microphone_track()
        if track is None or self._left:
            return
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        try:
            await asyncio.wait_for(self._room.local_participant.publish_track(track, options), PUBLISH_LIMIT_S)
        except (PublishTrackError, TimeoutError):
            raise AppError(Code.ROOM_UNREACHABLE, details="the microphone could not be published") from None
        self._track = track
        self._host.microphone_published(track, self._room)

    async def send_text(self, text: str) -> None:
        """See RoomSession. Documented channel: a reliable data packet, never a text stream too (reference 3)."""
        if not text.strip():
            raise AppError(Code.TEXT_EMPTY)
        if len(text.encode()) > TEXT_LIMIT_B:
            raise AppError(Code.TEXT_TOO_LONG)
        body = json.dumps({"type": "user_message", "content": text}, ensure_ascii=False).encode()
        try:
            sending = self._room.local_participant.publish_data(body, reliable=True, topic=CHAT_TOPIC)
            await asyncio.wait_for(sending, SEND_LIMIT_S)
        except (PublishDataError, TimeoutError):
            raise AppError(Code.TEXT_NOT_SENT) from None

    async def leave(self) -> None:
        """See RoomSession."""
        if self._left:
            return
        self._left = True
        self._listener.close()
        if self._track is not None:
            self._host.microphone_unpublished(self._track)
        await self._tasks.cancel()
        try:
            await asyncio.wait_for(self._room.disconnect(), LEAVE_LIMIT_S)
        except TimeoutError:
            return  # the SDK is still trying to reconnect; it gives up by itself

    async def round_trip_ms(self) -> int | None:
        """See RoomSession."""
        if self._left or not self._room.isconnected():
            return None
        try:
            stats = await asyncio.wait_for(self._room.get_rtc_stats(), STATS_LIMIT_S)
        except (RuntimeError, TimeoutError):
            return None
        pairs = [s.candidate_pair.candidate_pair for s in stats.publisher_stats if s.HasField("candidate_pair")]
        times = [p.current_round_trip_time for p in pairs if p.nominated and p.current_round_trip_time > 0]
        return round(times[-1] * 1000) if times else None
