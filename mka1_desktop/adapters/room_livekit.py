"""RoomPort over the LiveKit SDK."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable

from livekit import rtc
from livekit.rtc.participant import PublishDataError, PublishTrackError, UnpublishTrackError

from mka1_desktop.adapters.media_engine import keep_media_engine
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.room_errors import explain, too_late
from mka1_desktop.adapters.room_kept import KeptSender
from mka1_desktop.adapters.room_listener import RoomListener
from mka1_desktop.adapters.room_network import lead_as_http, require_network
from mka1_desktop.adapters.room_stats import Pair, pairs_of
from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import RoomEvent
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.domain.text import checked_text
from mka1_desktop.ports.system import ClockPort

JOIN_LIMIT_S = 15.0
SIGNAL_LIMIT_S = 5.0
PUBLISH_LIMIT_S = 10.0
HEARD_LIMIT_S = 2.0
OVERLAP_S = 0.3
SEND_LIMIT_S = 5.0  # a reconnection that succeeds takes about 3 s
LEAVE_LIMIT_S = 3.0
CHAT_TOPIC = "lk.chat"


class LivekitRooms:
    """Joins rooms. One instance serves the whole app; each room has a ticket of its own."""

    def __init__(self, *, host: TrackHost, clock: ClockPort, join_limit_s: float = JOIN_LIMIT_S) -> None:
        self._host = host
        self._clock = clock
        self._join_limit_s = join_limit_s
        self._abandoned: set[asyncio.Task[None]] = set()

    async def join(
        self, grant: RoomGrant, *, ticket: int, emit: Callable[[RoomEvent], None], hearing: bool = True
    ) -> LivekitRoom:
        """See RoomPort.join."""
        require_network()
        await keep_media_engine()
        lead_as_http(grant.url)
        room = LivekitRoom(ticket=ticket, emit=emit, host=self._host, clock=self._clock, hearing=hearing)
        try:
            await room.connect(grant, limit_s=self._join_limit_s)
        finally:
            if (undoing := room.undoing) is not None:
                self._abandoned.add(undoing)  # nobody else holds it
                undoing.add_done_callback(self._abandoned.discard)
        return room


class LivekitRoom:
    """One joined room (see RoomSession)."""

    def __init__(
        self,
        *,
        ticket: int,
        emit: Callable[[RoomEvent], None],
        host: TrackHost,
        clock: ClockPort,
        hearing: bool = True,
    ) -> None:
        self._ticket = ticket
        self._host = host
        self._room = rtc.Room()
        self._tasks = OwnedTasks()
        self._clock = clock
        self._track: rtc.LocalAudioTrack | None = None
        self._publication: rtc.LocalTrackPublication | None = None
        self._publishing = asyncio.Lock()
        self._leaving: asyncio.Task[None] | None = None
        self._undoing: asyncio.Task[None] | None = None
        self._listener = RoomListener(
            self._room,
            ticket=ticket,
            emit=emit,
            host=host,
            tasks=self._tasks,
            look=self._look,
            clock=clock,
            hearing=hearing,
        )
        self._kept = KeptSender(self._room, host=host, steady=self._listener.steady)

    @property
    def ticket(self) -> int:
        return self._ticket

    @property
    def undoing(self) -> asyncio.Task[None] | None:
        """Ends when a join that was given up has failed or is undone; None when it was not given up."""
        return self._undoing

    @property
    def ignored(self) -> int:
        """How many data packets and text streams of this room held nothing for us."""
        return self._listener.ignored

    async def connect(self, grant: RoomGrant, *, limit_s: float) -> None:
        """Join; a join that comes too late is undone, so that nobody stands in a room as a ghost."""
        self._listener.attach()
        options = rtc.RoomOptions(auto_subscribe=True, connect_timeout=SIGNAL_LIMIT_S)
        loop = asyncio.get_running_loop()
        joining = loop.create_task(self._room.connect(grant.url, grant.token, options), name="join room")
        failure: AppError | None = None
        try:
            async with asyncio.timeout(limit_s):  # never wait_for: on 3.11 it can swallow our cancellation
                await asyncio.shield(joining)
        except rtc.ConnectError as error:
            failure = explain(error.message, grant.url)
        except TimeoutError:
            failure = too_late(grant.url)
            self._abandon(joining)
        except asyncio.CancelledError:
            self._abandon(joining)
            raise
        if failure is not None:  # raised here: in the handler it would carry the SDK's text, token and all, with it
            self._listener.close()
            raise failure
        self._listener.start()

    def _abandon(self, joining: asyncio.Task[None]) -> None:
        """Nobody waits for this join any more; the SDK tries for up to 20 s and cannot be stopped."""
        self._listener.close()
        self._undoing = asyncio.get_running_loop().create_task(self._undo(joining), name="leave a room joined too late")
        self._leaving = self._undoing

    async def _undo(self, joining: asyncio.Task[None]) -> None:
        try:
            await joining
        except rtc.ConnectError:
            return
        await self._disconnect()

    def _is_left(self) -> bool:
        return self._leaving is not None

    async def publish_microphone(self) -> None:
        """See RoomSession."""
        async with self._publishing:
            if self._track is None and not self._is_left():
                await self._publish()

    async def _publish(self) -> None:
        track = await self._host.microphone_track()
        if track is None or self._is_left():
            return
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        try:
            async with asyncio.timeout(PUBLISH_LIMIT_S):
                publication = await self._room.local_participant.publish_track(track, options)
        except (PublishTrackError, TimeoutError):
            if self._is_left():
                return
            raise AppError(Code.ROOM_UNREACHABLE, details="the microphone could not be published") from None
        if not self._is_left():
            self._track, self._publication = track, publication
            self._kept.published(publication)
            self._host.microphone_published(track, self._room)

    async def until_microphone_heard(self) -> None:
        """See RoomSession. Whoever subscribes gets its first frame 30 to 130 ms later (measured, loaded machine)."""
        if self._publication is None or self._is_left():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARD_LIMIT_S):
                await self._publication.wait_for_subscription()
        await self._clock.sleep(OVERLAP_S)

    async def unpublish_microphone(self) -> None:
        """See RoomSession."""
        async with self._publishing:
            track, self._track, self._publication = self._track, None, None
            if track is None or self._is_left():
                return
            self._kept.published(None)
            self._host.microphone_unpublished(track)
            try:
                async with asyncio.timeout(PUBLISH_LIMIT_S):
                    await self._room.local_participant.unpublish_track(track.sid)
            except (UnpublishTrackError, TimeoutError):
                if self._is_left() or not self._room.isconnected():
                    return
                raise AppError(Code.ROOM_UNREACHABLE, details="the microphone could not be taken back") from None

    def hear(self, hearing: bool) -> None:
        """See RoomSession."""
        self._listener.hear(hearing)

    async def send_kept(self, *, again: bool = False) -> None:
        """See RoomSession."""
        await self._kept.send(again=again)

    async def send_text(self, text: str) -> None:
        """See RoomSession. Documented channel: a reliable data packet, never a text stream too (reference 3)."""
        body = json.dumps({"type": "user_message", "content": checked_text(text)}, ensure_ascii=False).encode()
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await self._listener.steady.wait()  # what the SDK takes meanwhile it sends later, refused or not
                if self._is_left() or not self._room.isconnected():
                    raise AppError(Code.TEXT_NOT_SENT)
                await self._room.local_participant.publish_data(body, reliable=True, topic=CHAT_TOPIC)
        except (PublishDataError, TimeoutError):
            raise AppError(Code.TEXT_NOT_SENT) from None

    async def leave(self) -> None:
        """See RoomSession. Goes on when the caller is cancelled."""
        if self._leaving is None:
            self._listener.close()
            self._kept.stop()
            if self._track is not None:
                self._host.microphone_unpublished(self._track)
            self._leaving = asyncio.get_running_loop().create_task(self._disconnect(), name="leave room")
        await asyncio.shield(self._leaving)

    async def _disconnect(self) -> None:
        await self._tasks.cancel()
        with contextlib.suppress(TimeoutError):  # the SDK got the request; it is still busy with reconnecting
            async with asyncio.timeout(LEAVE_LIMIT_S):
                await self._room.disconnect()
        # Of a room that it gave up itself the SDK (1.2.1) waits for events for ever, and keeps all of it.
        listening = vars(self._room).get("_task")
        if isinstance(listening, asyncio.Task) and not listening.done():
            listening.cancel()
            await asyncio.wait([listening], timeout=LEAVE_LIMIT_S)

    async def round_trip_ms(self) -> int | None:
        """See RoomSession."""
        times = [pair.round_trip_s for pair in await self._look() or () if pair.nominated and pair.round_trip_s > 0]
        return round(times[-1] * 1000) if times else None

    async def _look(self) -> list[Pair] | None:
        return None if self._is_left() else await pairs_of(self._room, self._track)
