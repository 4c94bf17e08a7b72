"""One WebRTC connection of a participant: offers and answers, the agent's tracks, data channels.

The single place that touches private parts of aiortc, together with `network.py`. Facts about aiortc and
the SDK: demo-room-facts.md sections 2 and 3.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.rtcdatachannel import RTCDataChannel
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from mka1_desktop.demo.network import Network

log = logging.getLogger(__name__)

CLOSE_S = 1.5  # aiortc waits for its threads and sockets; a closing room does not wait longer
RELIABLE, LOSSY = "_reliable", "_lossy"
MAX_PACKET_B = 262_144  # aiortc's own limit for one message


class OfferRefusedError(Exception):
    """The other side's session description cannot be used."""


class Outgoing:
    """An agent's track as it appears in a session description."""

    def __init__(self, track: MediaStreamTrack, *, participant_sid: str, track_sid: str) -> None:
        self.track = track
        self.participant_sid = participant_sid
        self.track_sid = track_sid


class Peer:
    """One connection. In a v1 room it is the only one; in a v0 room there is one for each direction."""

    def __init__(
        self,
        *,
        network: Network,
        on_packet: Callable[[bytes], None],
        on_track: Callable[[MediaStreamTrack], None],
        on_change: Callable[[], None],
    ) -> None:
        self._network = network
        self._on_packet = on_packet
        self._on_change = on_change
        self._channels: dict[str, RTCDataChannel] = {}
        self._outgoing: list[tuple[RTCRtpTransceiver, Outgoing]] = []
        self._waiting: list[Outgoing] = []  # joined after the first offer, on the wire with the next
        self._negotiated = False
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._pc.on("connectionstatechange", on_change)
        self._pc.on("datachannel", self._take_channel)
        self._pc.on("track", on_track)

    @property
    def state(self) -> str:
        """new, connecting, connected, failed or closed."""
        return str(self._pc.connectionState)

    @property
    def ready(self) -> bool:
        """True when reliable data can be sent."""
        channel = self._channels.get(RELIABLE)
        return channel is not None and channel.readyState == "open"

    def carry(self, outgoing: Outgoing) -> None:
        """Send this track: from the first description on, or from the next when one was made already."""
        if self._negotiated:
            self._waiting.append(outgoing)
        else:
            self._bind(self._pc.addTransceiver(outgoing.track, "sendonly"), outgoing)

    def open_channels(self) -> None:
        """Make the data channels on this side, as the service does in v0 rooms."""
        for channel in (
            self._pc.createDataChannel(RELIABLE, ordered=True),
            self._pc.createDataChannel(LOSSY, ordered=False, maxRetransmits=0),
        ):
            self._take_channel(channel)
            channel.on("open", self._on_change)

    async def answer(self, sdp: str) -> tuple[str, dict[str, str]]:
        """Answer an offer. Returns the description, and track ids by media id.

        Raises:
            OfferRefusedError: `sdp` is not an offer that aiortc takes.
        """
        with _refusing():
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
            for outgoing in self._waiting:
                self._reuse(outgoing)
            self._waiting.clear()
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        self._shape()
        return self._described()

    async def offer(self) -> tuple[str, dict[str, str]]:
        """Make an offer. Returns the description, and track ids by media id.

        Raises:
            OfferRefusedError: not now; the connection is closed, or an earlier offer was not answered.
        """
        with _refusing():
            for outgoing in self._waiting:
                self._bind(self._pc.addTransceiver(outgoing.track, "sendonly"), outgoing)
            self._waiting.clear()
            await self._pc.setLocalDescription(await self._pc.createOffer())
        self._shape()
        return self._described()

    async def accept(self, sdp: str) -> None:
        """Take the answer to our offer; raises OfferRefusedError."""
        with _refusing():
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="answer"))

    def send(self, packet: bytes, *, reliable: bool = True) -> bool:
        """Hand a packet to its channel. False: the channel is not open, or the packet too large."""
        channel = self._channels.get(RELIABLE if reliable else LOSSY)
        if channel is None or channel.readyState != "open" or len(packet) > MAX_PACKET_B:
            return False
        channel.send(packet)
        return True

    async def close(self) -> None:
        """End the connection; safe to call twice."""
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CLOSE_S):
                await self._pc.close()

    def _reuse(self, outgoing: Outgoing) -> None:
        """Send on the first audio line that the client keeps open for us and that nobody uses."""
        used = [transceiver for transceiver, _ in self._outgoing]
        for transceiver in self._pc.getTransceivers():
            offered = transceiver._offerDirection  # noqa: SLF001 - aiortc offers no other way to read it
            if transceiver.kind == "audio" and transceiver not in used and offered == "sendonly":
                transceiver.sender.replaceTrack(outgoing.track)
                transceiver.direction = "sendonly"
                self._bind(transceiver, outgoing)
                return
        log.warning("the client's offer has no free audio line for an agent")

    def _bind(self, transceiver: RTCRtpTransceiver, outgoing: Outgoing) -> None:
        # The SDK finds track and participant by these two names in the description.
        transceiver.sender._stream_id = f"{outgoing.participant_sid}|{outgoing.track_sid}"  # noqa: SLF001
        transceiver.sender._track_id = outgoing.track_sid  # noqa: SLF001
        self._outgoing.append((transceiver, outgoing))

    def _described(self) -> tuple[str, dict[str, str]]:
        self._negotiated = True
        tracks = {str(t.mid): outgoing.track_sid for t, outgoing in self._outgoing if t.mid is not None}
        return str(self._pc.localDescription.sdp), tracks

    def _shape(self) -> None:
        transports = [t.receiver.transport for t in self._pc.getTransceivers()]
        if self._pc.sctp is not None:
            transports.append(self._pc.sctp.transport)
        for transport in transports:
            self._network.shape(transport.transport._connection)  # noqa: SLF001 - no hook in aiortc

    def _take_channel(self, channel: RTCDataChannel) -> None:
        self._channels[channel.label] = channel
        channel.on("message", self._take_message)
        self._on_change()

    def _take_message(self, message: bytes | str) -> None:
        if isinstance(message, bytes):  # LiveKit's protocol has no text frames
            self._on_packet(message)


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever aiortc makes of a strange description into OfferRefusedError."""
    try:
        yield
    # aiortc reports a description that it cannot use by whatever broke: ValueError, KeyError, IndexError,
    # AttributeError, its own InvalidStateError. It comes from outside, so all of them count.
    except Exception as error:
        raise OfferRefusedError(type(error).__name__) from error
