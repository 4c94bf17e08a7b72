"""Messages of Linux' rtnetlink: building questions and reading answers. Pure; whatever cannot be read is left out.

Source: rtnetlink(7), netlink(7), linux/rtnetlink.h, linux/if_addr.h. All numbers are in the machine's byte order.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
LINK = struct.Struct("=BxHiII")  # family, type, index, flags, change
ADDRESS = struct.Struct("=BBBBI")  # family, prefix length, flags, scope, index
ROUTE = struct.Struct("=BBBBBBBBI")  # family, dst length, src length, tos, table, protocol, scope, type, flags
ATTRIBUTE = struct.Struct("=HH")  # length, type

NLMSG_ERROR, NLMSG_DONE = 2, 3
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE = 24, 25, 26
RTM_NEWRULE, RTM_DELRULE = 32, 33
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
RTM_F_CLONED = 0x200
RTA_DST, RTA_OIF, RTA_GATEWAY, RTA_PREFSRC, RTA_VIA = 1, 4, 5, 7, 18
IFA_ADDRESS, IFA_LOCAL = 1, 2
RTN_UNICAST = 1
IFF_UP, IFF_LOOPBACK, IFF_RUNNING = 0x1, 0x8, 0x40
SCOPE_LINK = 253  # link-local addresses have this one or a narrower one
ATTRIBUTES_LIMIT = 256  # of one message; the kernel sends about 60


@dataclass(frozen=True, slots=True)
class Message:
    """One netlink message without its header."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Way:
    """How packets to one address would leave."""

    interface: int
    gateway: bytes  # empty: the interface leads there directly
    source: bytes  # the address that they would come from


@dataclass(frozen=True, slots=True)
class Address:
    """An address that is seen beyond its own link."""

    interface: int
    address: bytes


def messages(datagram: bytes) -> Iterator[Message]:
    """Yield the whole messages of one datagram; a broken length ends it."""
    at = 0
    while at + HEADER.size <= len(datagram):
        length, kind, *_ = HEADER.unpack_from(datagram, at)
        if length < HEADER.size or at + length > len(datagram):
            return
        yield Message(kind, datagram[at + HEADER.size : at + length])
        at += _aligned(length)


def is_news(datagram: bytes) -> bool:
    """Whether the way out may have changed; True for what cannot be read, as asking again costs little."""
    found = list(messages(datagram))
    return not found or any(_is_news(message) for message in found)


def _is_news(message: Message) -> bool:
    if message.kind in {RTM_NEWROUTE, RTM_DELROUTE}:
        if len(message.body) < ROUTE.size:
            return True
        _, prefix, *_, flags = ROUTE.unpack_from(message.body)
        # /1: VPNs cover the default route with two halves and leave it in place.
        return prefix <= 1 and not flags & RTM_F_CLONED
    return message.kind in {
        RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR, RTM_NEWRULE, RTM_DELRULE, NLMSG_ERROR,
    }  # fmt: skip


def ask_way(address: str) -> bytes:
    """Build the question how packets to `address` (IPv4 or IPv6) would leave; rules and all tables count."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    body = ROUTE.pack(family, len(packed) * 8, 0, 0, 0, 0, 0, 0, 0)
    body += ATTRIBUTE.pack(ATTRIBUTE.size + len(packed), RTA_DST) + packed
    return _request(RTM_GETROUTE, body)


def ask_link(interface: int) -> bytes:
    """Build the question for the flags of one interface."""
    return _request(RTM_GETLINK, LINK.pack(socket.AF_UNSPEC, 0, interface, 0, 0))


def ask_addresses() -> bytes:
    """Build the question for all addresses."""
    return _request(RTM_GETADDR, ADDRESS.pack(socket.AF_UNSPEC, 0, 0, 0, 0), NLM_F_DUMP)


def read_way(message: Message) -> Way | None:
    """Read the answer to `ask_way`; None: no way, or one that only leads back or says no."""
    if message.kind != RTM_NEWROUTE or len(message.body) < ROUTE.size:
        return None
    *_, route_type, _flags = ROUTE.unpack_from(message.body)
    found = _attributes(message.body[ROUTE.size :])
    interface = _number(found.get(RTA_OIF))
    if route_type != RTN_UNICAST or interface is None:
        return None
    gateway = found.get(RTA_GATEWAY, found.get(RTA_VIA, b""))
    return Way(interface, gateway, found.get(RTA_PREFSRC, b""))


def read_running(message: Message) -> bool | None:
    """Read the answer to `ask_link`: is it up, with a carrier, and not the loopback? None: it does not say."""
    if message.kind != RTM_NEWLINK or len(message.body) < LINK.size:
        return None
    _, _, _, flags, _ = LINK.unpack_from(message.body)
    wanted: int = flags & (IFF_UP | IFF_RUNNING | IFF_LOOPBACK)
    return wanted == IFF_UP | IFF_RUNNING


def read_address(message: Message) -> Address | None:
    """Read one of the answers to `ask_addresses`; None for narrow ones, such as loopback and link-local."""
    if message.kind != RTM_NEWADDR or len(message.body) < ADDRESS.size:
        return None
    _, _, _, scope, interface = ADDRESS.unpack_from(message.body)
    found = _attributes(message.body[ADDRESS.size :])
    address = found.get(IFA_LOCAL, found.get(IFA_ADDRESS))
    if scope >= SCOPE_LINK or address is None:
        return None
    return Address(interface, address)


def _request(kind: int, body: bytes, flags: int = 0) -> bytes:
    return HEADER.pack(HEADER.size + len(body), kind, NLM_F_REQUEST | flags, 0, 0) + body


def _attributes(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + ATTRIBUTE.size <= len(data) and len(found) < ATTRIBUTES_LIMIT:
        length, kind = ATTRIBUTE.unpack_from(data, at)
        if length < ATTRIBUTE.size or at + length > len(data):
            break
        found[kind & 0x3FFF] = data[at + ATTRIBUTE.size : at + length]  # without the flags "nested", "byte order"
        at += _aligned(length)
    return found


def _number(data: bytes | None) -> int | None:
    return int.from_bytes(data, sys.byteorder) if data else None


def _aligned(length: int) -> int:
    return (length + 3) & ~3
