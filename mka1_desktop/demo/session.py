"""One joined user: what signalling asks for, and when it all ends.

Message order and timing: demo-room-facts.md sections 2 and 4.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from aiohttp import web
from aiortc.mediastreams import MediaStreamTrack
from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from mka1_desktop.demo.audio import Floor, Microphone
from mka1_desktop.demo.connections import Connections
from mka1_desktop.demo.crew import Crew
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.join_request import JoinRequest
from mka1_desktop.demo.line import Line
from mka1_desktop.demo.people import Person
from mka1_desktop.demo.room_faults import TimedFaults
from mka1_desktop.demo.transport import Outgoing
from mka1_desktop.demo.welcome import join_response

log = logging.getLogger(__name__)

DEPARTURE_S = 20.0  # how long a user without signalling socket may come back
REFRESH_S = 300.0  # LiveKit's server renews tokens at joining and then every five minutes


class _OverError(Exception):
    """Ends the session's task group; no fault."""


class Session:
    """Signalling state of one user in one room. `run` is its life; everything else is called by others."""

    def __init__(
        self,
        *,
        room: str,
        user: Person,
        join: JoinRequest,
        crew: Crew,
        faults: Faults,
        refresh: Callable[[], str] | None,
        expires_in_s: float | None,
    ) -> None:
        """Collaborators and limits.

        Args:
            room: name of the room.
            user: who joins.
            join: what the client said when it joined.
            crew: the agents of this room.
            faults: what goes wrong.
            refresh: makes a token for reconnecting; None: none is sent.
            expires_in_s: seconds until the user is removed; None: never.
        """
        self.user = user
        self._room = room
        self._join = join
        self._crew = crew
        self._faults = faults
        self._refresh = refresh
        self._expires_in_s = expires_in_s
        self._line = Line()
        self._over = asyncio.Event()
        self._microphone_announced = asyncio.Event()
        self._last_sequence = 0
        self._floor = Floor()
        self._leaving = False
        self._departure: asyncio.TimerHandle | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._connections = Connections(
            single=join.single,
            faults=faults,
            on_packet=self._take_packet,
            on_track=self._take_track,
            on_lost=self._end_if_alone,
        )
        self._timed = TimedFaults(faults, self._timed_actions())
        crew.enter(self)

    async def run(self) -> None:
        """Live until the user is gone; closes everything. Cancel to end earlier."""
        if self._expires_in_s is not None:
            removed = models.DisconnectReason.PARTICIPANT_REMOVED
            self._expiry = asyncio.get_running_loop().call_later(self._expires_in_s, self.dismiss, removed)
        self._timed.start()
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self._until_over())
                self._tasks.create_task(self._crew.run(self._connections.ready, self._microphone_announced))
                self._tasks.create_task(self._keep_token_fresh())
        except* _OverError:
            pass
        finally:
            self._timed.stop()
            for timer in (self._expiry, self._departure):
                if timer is not None:
                    timer.cancel()
            self._tasks = None
            await asyncio.gather(self._line.close(), self._connections.close())

    async def attend(self, socket: web.WebSocketResponse, *, resumed: bool) -> None:
        """Serve one signalling socket until it ends. A second one of the same user takes its place."""
        await self._line.use(socket)
        if self._departure is not None:
            self._departure.cancel()
        if resumed:
            back = rtc.ReconnectResponse(last_message_seq=self._last_sequence)
            self._line.send(rtc.SignalResponse(reconnect=back))
            self.announce([self.user.info(), *(member.person.info() for member in self._crew.present)])
        else:
            await self._welcome()
        if await self._line.serve(socket, self._take):
            self._departure = asyncio.get_running_loop().call_later(0 if self._leaving else DEPARTURE_S, self._over.set)

    def _timed_actions(self) -> Mapping[str, Callable[[], None]]:
        reasons = models.DisconnectReason
        return {
            "room-drop": self.drop,
            "room-delete": lambda: self.dismiss(reasons.ROOM_DELETED),
            "participant-remove": lambda: self.dismiss(reasons.PARTICIPANT_REMOVED),
            "room-freeze": self.freeze,
            "agent-leaves": self._crew.leave,
        }

    async def _until_over(self) -> None:
        await self._over.wait()
        raise _OverError

    def dismiss(self, reason: models.DisconnectReason) -> None:
        """Send the user away for good."""
        if self._line.open:
            self._leaving = True
            self._line.leave(rtc.LeaveRequest.DISCONNECT, reason)
        else:
            self._over.set()

    def drop(self) -> None:
        """Cut signalling and media without a word."""
        self.freeze()
        self.drop_socket()
        self._over.set()

    def drop_socket(self) -> None:
        """Cut the signalling connection only; the client may resume."""
        self._line.cut()

    def freeze(self) -> None:
        """Send and answer nothing from now on."""
        self._line.frozen = True
        self._connections.freeze()

    def send_packet(self, packet: bytes) -> bool:
        """Send a reliable data packet to the user. False: it could not be sent."""
        return self._connections.send(packet)

    def announce(self, infos: Sequence[models.ParticipantInfo]) -> None:
        """Tell the user of new or changed participants."""
        self._line.send(rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=infos)))

    def carry(self, outgoing: Outgoing) -> None:
        """Send an agent's track; before the first description, or later through `renegotiate`."""
        self._connections.carry(outgoing)

    def renegotiate(self) -> None:
        """Bring tracks that came later onto the wire: in v1 the client is asked to offer, in v0 we offer."""
        if self._join.single:
            self._line.send(rtc.SignalResponse(media_sections_requirement=rtc.MediaSectionsRequirement()))
        else:
            self._start(self._reply(self._connections.offer()))

    async def _welcome(self) -> None:
        join = join_response(
            room=self._room,
            user=self.user,
            others=[member.person.info() for member in self._crew.present],
            single=self._join.single,
        )
        self._line.send(rtc.SignalResponse(join=join))
        if self._refresh is not None:
            self._line.send(rtc.SignalResponse(refresh_token=self._refresh()))
        if self._join.offer is not None:
            await self._reply(self._connections.answer(self._join.offer, self._join.offer_id))
        if not self._join.single:
            await self._reply(self._connections.offer(first=True))

    async def _take(self, raw: bytes) -> None:
        try:
            request = rtc.SignalRequest.FromString(raw)
        except DecodeError:
            log.info("a signalling message of %d bytes cannot be read", len(raw))
            return
        match request.WhichOneof("message"):
            case "offer":
                await self._reply(self._connections.answer(request.offer.sdp, request.offer.id))
                if self.user.take_offer(request.offer.sdp):
                    self.announce([self.user.info()])
            case "answer":
                await self._connections.accept(request.answer.sdp)
            case "ping_req":
                self._pong(request.ping_req.timestamp)
            case "add_track":
                self._add_track(request.add_track)
            case "mute":
                self.user.mute(request.mute.sid, muted=request.mute.muted)
            case "subscription":
                self._crew.want(request.subscription.track_sids, wanted=request.subscription.subscribe)
            case "leave":
                self._over.set()
            case _:  # trickle: the pair is found without; the rest asks for nothing
                pass

    def _pong(self, timestamp_ms: int) -> None:
        if not self._faults.is_on("no-pong"):
            now_ms = int(time.time() * 1000)
            pong = rtc.Pong(last_ping_timestamp=timestamp_ms, timestamp=now_ms)
            self._line.send(rtc.SignalResponse(pong_resp=pong))

    def _add_track(self, request: rtc.AddTrackRequest) -> None:
        track = self.user.add_track(request)
        published = rtc.TrackPublishedResponse(cid=request.cid, track=track)
        self._line.send(rtc.SignalResponse(track_published=published))
        self.announce([self.user.info()])
        if track.type == models.TrackType.AUDIO:
            self._microphone_announced.set()

    async def _keep_token_fresh(self) -> None:
        while self._refresh is not None:
            await asyncio.sleep(REFRESH_S)
            self._line.send(rtc.SignalResponse(refresh_token=self._refresh()))

    async def _reply(self, work: Awaitable[rtc.SignalResponse | None]) -> None:
        if (response := await work) is not None:
            self._line.send(response)

    def _end_if_alone(self) -> None:
        """The media is lost: when the socket is too, nobody will come back."""
        if not self._line.open:
            self._over.set()

    def _take_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio":
            rate, hear = self._crew.ears()
            self._start(Microphone(track, rate=rate, hear=hear, floor=self._floor).run())
            for published in self.user.tracks.values():
                self._line.send(rtc.SignalResponse(track_subscribed=rtc.TrackSubscribed(track_sid=published.sid)))

    def _take_packet(self, raw: bytes) -> None:
        try:
            packet = models.DataPacket.FromString(raw)
        except DecodeError:
            log.info("a data packet of %d bytes cannot be read", len(raw))
            return
        self._last_sequence = max(self._last_sequence, packet.sequence)
        if packet.HasField("user") and not self._line.frozen:
            self._crew.take_data(packet.user.topic, packet.user.payload)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        if self._tasks is None:
            work.close()
        else:
            self._tasks.create_task(work)
