"""The WebRTC connections under one session: one for both directions (v1), or one for each (v0)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiortc.mediastreams import MediaStreamTrack
from livekit.protocol import rtc

from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.network import Network
from mka1_desktop.demo.transport import OfferRefusedError, Outgoing, Peer

log = logging.getLogger(__name__)


class Connections:
    """Negotiates one thing at a time; descriptions that cannot be used are passed over."""

    def __init__(
        self,
        *,
        single: bool,
        faults: Faults,
        on_packet: Callable[[bytes], None],
        on_track: Callable[[MediaStreamTrack], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Collaborators.

        Args:
            single: v1.
            faults: for the network, and `join-no-answer`.
            on_packet: takes the data packets of the user.
            on_track: takes the tracks of the user.
            on_lost: called when the user's connection failed or was closed.
        """
        self._single = single
        self._faults = faults
        self._on_lost = on_lost
        self._network = Network(faults)
        self._negotiating = asyncio.Lock()
        self.ready = asyncio.Event()  # set when data and sound reach the user
        peers = [
            Peer(network=self._network, on_packet=on_packet, on_track=on_track, on_change=self._look)
            for _ in range(1 if single else 2)
        ]
        self._publisher, self._subscriber = peers[0], peers[-1]

    def freeze(self) -> None:
        """Let nothing through any more, in either direction."""
        self._network.frozen = True

    def send(self, packet: bytes) -> bool:
        """Send a reliable data packet. False: it could not be sent."""
        return self._subscriber.send(packet)

    def carry(self, outgoing: Outgoing) -> None:
        """Send a track to the user; on the wire with the next description."""
        self._subscriber.carry(outgoing)

    async def answer(self, sdp: str, offer_id: int) -> rtc.SignalResponse | None:
        """Answer the client's offer."""
        if self._faults.is_on("join-no-answer"):
            return None
        async with self._negotiating:
            try:
                answer, tracks = await self._publisher.answer(sdp)
            except OfferRefusedError as error:
                log.info("an offer was refused: %s", error)
                return None
        description = rtc.SessionDescription(type="answer", sdp=answer, id=offer_id, mid_to_track_id=tracks)
        return rtc.SignalResponse(answer=description)

    async def offer(self, *, first: bool = False) -> rtc.SignalResponse | None:
        """Make the service's own offer of a v0 room; the first brings the data channels."""
        if self._faults.is_on("join-no-answer"):
            return None
        async with self._negotiating:
            try:
                if first:
                    self._subscriber.open_channels()
                offer, tracks = await self._subscriber.offer()
            except OfferRefusedError as error:
                log.info("no offer could be made: %s", error)
                return None
        return rtc.SignalResponse(offer=rtc.SessionDescription(type="offer", sdp=offer, mid_to_track_id=tracks))

    async def accept(self, sdp: str) -> None:
        """Take the client's answer to our offer."""
        if self._single:
            return  # we never offered
        async with self._negotiating:
            try:
                await self._subscriber.accept(sdp)
            except OfferRefusedError as error:
                log.info("an answer was refused: %s", error)

    async def close(self) -> None:
        await asyncio.gather(self._publisher.close(), self._subscriber.close())

    def _look(self) -> None:
        """Called when a connection or a channel changes."""
        if self._subscriber.ready and self._subscriber.state == "connected":
            self.ready.set()
        if self._publisher.state in ("failed", "closed"):
            self._on_lost()
