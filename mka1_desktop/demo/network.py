"""The network under a room: loopback only, and as bad as the faults say.

All changes to aiortc and aioice that hold for the whole process are here, see `prepare`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

import aioice.ice
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
from aiortc import clock
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtcpSenderInfo, RtpPacket

from mka1_desktop.demo.faults import Faults

LONGEST_DELAY_MS = 10_000
CHECKED_AGAIN = 3  # a check of the connection is given up after 7.5 s


class PassThroughBuffer:
    """An audio jitter buffer that keeps nothing back.

    aiortc's own holds four frames: 80 ms on every word, for a disorder that loopback does not have.
    """

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        data: bytes = packet._data  # type: ignore[attr-defined]  # noqa: SLF001 - aiortc leaves it there
        return False, JitterFrame(data=data, timestamp=packet.timestamp) if data else None


def _buffer(capacity: int, prefetch: int = 0, is_video: bool = False) -> JitterBuffer | PassThroughBuffer:
    return JitterBuffer(capacity, prefetch, is_video) if is_video else PassThroughBuffer()


def _dated(*, ntp_timestamp: int, **more: int) -> RtcpSenderInfo:
    """A sender report says when it was made. aiortc says 0 until it has sent something.

    The LiveKit SDK (1.2.1) then aborts its whole process when its statistics are asked for.
    """
    return RtcpSenderInfo(ntp_timestamp=ntp_timestamp or clock.current_ntp_time(), **more)


def _loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return ["127.0.0.1"] if use_ipv4 else []


def prepare() -> None:
    """Make aiortc of this process speak on loopback and without an audio delay of its own.

    Raises:
        RuntimeError: the installed aiortc or aioice is built differently.
    """
    names = (
        (aiortc.rtcrtpreceiver, "JitterBuffer"), (aiortc.rtcrtpsender, "RtcpSenderInfo"),
        (aioice.ice, "get_host_addresses"),
    )  # fmt: skip
    if not all(hasattr(module, name) for module, name in names):
        raise RuntimeError("this version of aiortc is not supported by the demo service")
    vars(aiortc.rtcrtpreceiver)["JitterBuffer"] = _buffer
    vars(aioice.ice)["get_host_addresses"] = _loopback
    vars(aiortc.rtcrtpsender)["RtcpSenderInfo"] = _dated


class _ShapedSocket:
    """A datagram socket that sends through the room's network; only what aioice uses of it."""

    def __init__(self, socket: asyncio.DatagramTransport, carry: Callable[..., None]) -> None:
        self._socket = socket
        self._carry = carry

    def sendto(self, data: bytes, address: tuple[str, int]) -> None:
        self._carry(self._socket, self._socket.sendto, data, address)

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._socket.get_extra_info(name, default)


class Network:
    """Loses, delays or stops the datagrams of one room, both ways, as the faults say at that moment."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._random = random.Random(7)  # noqa: S311 - not for secrets; the same losses in each run
        self._shaped: set[int] = set()
        self.frozen = False

    def shape(self, connection: aioice.Connection) -> None:
        """Put itself between `connection` and its sockets. Call after gathering; more than once is fine."""
        for protocol in connection._protocols:  # noqa: SLF001 - aioice has no hook for this
            if protocol.id not in self._shaped:
                self._shaped.add(protocol.id)
                arrive = partial(self._carry, protocol.transport, protocol.datagram_received)
                vars(protocol)["datagram_received"] = arrive
                vars(protocol)["transport"] = _ShapedSocket(protocol.transport, self._carry)
                vars(protocol)["request"] = _patient(protocol.request)

    def _carry(self, socket: asyncio.DatagramTransport, deliver: Callable[..., None], *what: object) -> None:
        if self.frozen or self._lost():
            return
        delay_s = min(_number(self._faults.value("delay-ms")), LONGEST_DELAY_MS) / 1000
        if delay_s > 0:
            asyncio.get_running_loop().call_later(delay_s, self._deliver_late, socket, deliver, what)
        else:
            deliver(*what)

    @staticmethod
    def _deliver_late(
        socket: asyncio.DatagramTransport, deliver: Callable[..., None], what: tuple[object, ...]
    ) -> None:
        if not socket.is_closing():
            deliver(*what)

    def _lost(self) -> bool:
        percent = _number(self._faults.value("packet-loss"))
        return percent > 0 and self._random.uniform(0, 100) < percent


def _patient(request: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
    """Wait longer for the answer to a check of the connection.

    aioice asks once and waits half a second, so it ends every connection with a longer round trip after 30 s.
    """

    def ask(message: object, address: object, **options: object) -> Awaitable[object]:
        if options.get("retransmissions") == 0:
            options["retransmissions"] = CHECKED_AGAIN
        return request(message, address, **options)

    return ask


def _number(value: str | None) -> float:
    try:
        return float(value) if value else 0.0
    except ValueError:
        return 0.0
