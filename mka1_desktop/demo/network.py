"""The network under a room: loopback only, and as bad as the faults say.

All changes to aiortc and aioice that hold for the whole process are here, see `prepare`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import partial

import aioice.ice
import aiortc.rtcrtpreceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

from mka1_desktop.demo.faults import Faults

LONGEST_DELAY_MS = 10_000


class PassThroughBuffer:
    """An audio jitter buffer that keeps nothing back.

    aiortc's own holds four frames: 80 ms on every word, for a disorder that loopback does not have.
    """

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        data: bytes = packet._data  # type: ignore[attr-defined]  # noqa: SLF001 - aiortc leaves it there
        return False, JitterFrame(data=data, timestamp=packet.timestamp) if data else None


def _buffer(capacity: int, prefetch: int = 0, is_video: bool = False) -> JitterBuffer | PassThroughBuffer:
    return JitterBuffer(capacity, prefetch, is_video) if is_video else PassThroughBuffer()


def _loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    return ["127.0.0.1"] if use_ipv4 else []


def prepare() -> None:
    """Make aiortc of this process speak on loopback and without an audio delay of its own.

    Raises:
        RuntimeError: the installed aiortc or aioice is built differently.
    """
    if not hasattr(aiortc.rtcrtpreceiver, "JitterBuffer") or not hasattr(aioice.ice, "get_host_addresses"):
        raise RuntimeError("this version of aiortc is not supported by the demo service")
    vars(aiortc.rtcrtpreceiver)["JitterBuffer"] = _buffer
    vars(aioice.ice)["get_host_addresses"] = _loopback


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


def _number(value: str | None) -> float:
    try:
        return float(value) if value else 0.0
    except ValueError:
        return 0.0
