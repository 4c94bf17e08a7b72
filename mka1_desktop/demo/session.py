"""One joined user: signalling, the connections underneath, and the agents in the room.

Message order and timing: demo-room-facts.md sections 2 and 4.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aiohttp import web
from aiortc.mediastreams import MediaStreamTrack
from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from mka1_desktop.demo.audio import Floor, Microphone
from mka1_desktop.demo.crew import Crew
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.join_request import JoinRequest
from mka1_desktop.demo.line import Line
from mka1_desktop.demo.network import Network
from mka1_desktop.demo.people import Person, new_sid
from mka1_desktop.demo.room_faults import TimedFaults
from mka1_desktop.demo.transport import OfferRefusedError, Outgoing, Peer
from mka1_desktop.demo.welcome import join_response

log = logging.getLogger(__name__)

DEPARTURE_S = 20.0  # how long a user without signalling socket may come back
REFRESH_S = 300.0  # LiveKit's server renews tokens at joining and then every five minutes
MAX_TRACKS = 16


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
        self._single = join.single
        self._join = join
        self._crew = crew
        self._faults = faults
        self._refresh = refresh
        self._expires_in_s = expires_in_s
        self._line = Line()
        self._over = asyncio.Event()
        self._ready = asyncio.Event()
        self._microphone_announced = asyncio.Event()
        self._last_sequence = 0
        self._floor = Floor()
        self._leaving = False
        self._departure: asyncio.TimerHandle | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._negotiating = asyncio.Lock()
        self._network = Network(faults)
        self._publisher = self._peer()
        self._subscriber = self._publisher if join.single else self._peer()
        self._timed = TimedFaults(
            faults,
            {
                "room-drop": self.drop,
                "room-delete": lambda: self.dismiss(models.DisconnectReason.ROOM_DELETED),
                "participant-remove": lambda: self.dismiss(models.DisconnectReason.PARTICIPANT_REMOVED),
                "room-freeze": self.freeze,
                "agent-leaves": self._crew.leave,
            },
        )
        crew.enter(self)

    # -- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Live until the user is gone; closes everything. Cancel to end earlier."""
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []
        if self._expires_in_s is not None:
            removed = models.DisconnectReason.PARTICIPANT_REMOVED
            timers.append(loop.call_later(self._expires_in_s, self.dismiss, removed))
        self._timed.start()
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self._until_over())
                self._tasks.create_task(self._crew.run(self._ready, self._microphone_announced))
                self._tasks.create_task(self._keep_token_fresh())
        except* _OverError:
            pass
        finally:
            self._timed.stop()
            for timer in (*timers, *((self._departure,) if self._departure else ())):
                timer.cancel()
            self._tasks = None
            await asyncio.gather(self._line.close(), self._publisher.close(), self._subscriber.close())

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

    async def _until_over(self) -> None:
        await self._over.wait()
        raise _OverError

    # -- what can be done to it ------------------------------------------------------------------

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
        self._line.frozen = self._network.frozen = True

    def send_packet(self, packet: bytes) -> bool:
        """Send a reliable data packet to the user. False: it could not be sent."""
        return self._subscriber.send(packet)

    def announce(self, infos: Sequence[models.ParticipantInfo]) -> None:
        """Tell the user of new or changed participants."""
        self._line.send(rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=infos)))

    def carry(self, outgoing: Outgoing) -> None:
        """Send an agent's track; before the first description, or later through `renegotiate`."""
        self._subscriber.carry(outgoing)

    def renegotiate(self) -> None:
        """Bring tracks that came later onto the wire: in v1 the client is asked to offer, in v0 we offer."""
        if self._single:
            self._line.send(rtc.SignalResponse(media_sections_requirement=rtc.MediaSectionsRequirement()))
        else:
            self._start(self._offer())

    # -- signalling ------------------------------------------------------------------------------

    async def _welcome(self) -> None:
        join = join_response(
            room=self._room,
            user=self.user,
            others=[member.person.info() for member in self._crew.present],
            single=self._single,
        )
        self._line.send(rtc.SignalResponse(join=join))
        if self._refresh is not None:
            self._line.send(rtc.SignalResponse(refresh_token=self._refresh()))
        if self._join.offer is not None:
            await self._answer(self._join.offer, self._join.offer_id)
        if not self._single:
            self._subscriber.open_channels()
            await self._offer()

    async def _take(self, raw: bytes) -> None:
        try:
            request = rtc.SignalRequest.FromString(raw)
        except DecodeError:
            log.info("a signalling message of %d bytes cannot be read", len(raw))
            return
        match request.WhichOneof("message"):
            case "offer":
                await self._answer(request.offer.sdp, request.offer.id)
            case "answer":
                await self._accept(request.answer.sdp)
            case "ping_req":
                self._pong(request.ping_req.timestamp)
            case "add_track":
                self._add_track(request.add_track)
            case "mute":
                self._mute(request.mute)
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
        track = models.TrackInfo(
            sid=new_sid("TR"),
            type=request.type,
            name=request.name,
            muted=request.muted,
            source=request.source,
            stream=request.stream,
            disable_red=request.disable_red,
        )
        if len(self.user.tracks) >= MAX_TRACKS:
            self.user.tracks.pop(next(iter(self.user.tracks)))
        self.user.tracks[track.sid] = track
        self.user.version += 1
        published = rtc.TrackPublishedResponse(cid=request.cid, track=track)
        self._line.send(rtc.SignalResponse(track_published=published))
        self.announce([self.user.info()])
        if track.type == models.TrackType.AUDIO:
            self._microphone_announced.set()

    def _mute(self, request: rtc.MuteTrackRequest) -> None:
        if (track := self.user.tracks.get(request.sid)) is not None:
            track.muted = request.muted
            self.user.version += 1

    async def _keep_token_fresh(self) -> None:
        while self._refresh is not None:
            await asyncio.sleep(REFRESH_S)
            self._line.send(rtc.SignalResponse(refresh_token=self._refresh()))

    # -- media -----------------------------------------------------------------------------------

    def _peer(self) -> Peer:
        return Peer(network=self._network, on_packet=self._take_packet, on_track=self._take_track, on_change=self._look)

    async def _answer(self, sdp: str, offer_id: int) -> None:
        if self._faults.is_on("join-no-answer"):
            return
        async with self._negotiating:
            try:
                answer, tracks = await self._publisher.answer(sdp)
            except OfferRefusedError as error:
                log.info("an offer was refused: %s", error)
                return
        description = rtc.SessionDescription(type="answer", sdp=answer, id=offer_id, mid_to_track_id=tracks)
        self._line.send(rtc.SignalResponse(answer=description))

    async def _offer(self) -> None:
        if self._faults.is_on("join-no-answer"):
            return
        async with self._negotiating:
            offer, tracks = await self._subscriber.offer()
        description = rtc.SessionDescription(type="offer", sdp=offer, mid_to_track_id=tracks)
        self._line.send(rtc.SignalResponse(offer=description))

    async def _accept(self, sdp: str) -> None:
        if self._single:
            return
        async with self._negotiating:
            try:
                await self._subscriber.accept(sdp)
            except OfferRefusedError as error:
                log.info("an answer was refused: %s", error)

    def _look(self) -> None:
        """Called when a connection or a channel changes."""
        if self._subscriber.ready and self._subscriber.state == "connected":
            self._ready.set()
        if not self._line.open and self._publisher.state in ("failed", "closed"):
            self._over.set()  # crashed client: nobody is left on either way

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
