"""Asks Linux' kernel which way packets leave this machine, and decides what changed. Needs no rights."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from mka1_desktop.adapters.netlink_messages import (
    NLMSG_DONE,
    NLMSG_ERROR,
    Address,
    Message,
    Way,
    ask_addresses,
    ask_link,
    ask_way,
    messages,
    read_address,
    read_running,
    read_way,
)
from mka1_desktop.domain.system_events import NetworkChanged

# No packet is sent there. WebRTC asks its routing table for the same two addresses to find its default address.
PUBLIC = ("8.8.8.8", "2001:4860:4860::8888")
ANSWER_LIMIT_S = 1.0  # the kernel answers in microseconds; a lock of it may be held
DATAGRAM_B = 1 << 16  # the kernel sends at most 32 KiB
DATAGRAMS = 64  # of one answer: about 20,000 addresses
INTERFACES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What leads out of this machine now."""

    ways: tuple[Way | None, ...]  # one for each of PUBLIC, on running links only
    addresses: frozenset[Address]
    linked: bool  # some running link has an address

    @property
    def up(self) -> bool | None:
        """See NetworkChanged: a link without a way out may still lead to the service."""
        if any(self.ways):
            return True
        return None if self.linked else False


def compare(before: Network, after: Network) -> NetworkChanged | None:
    """Decide whether this is news; None for what changes nothing for running connections."""
    changed = any(_is_other(old, new, after.addresses) for old, new in zip(before.ways, after.ways, strict=True))
    if changed or before.up != after.up:
        return NetworkChanged(up=after.up, route_changed=changed)
    return None


def _is_other(old: Way | None, new: Way | None, addresses: frozenset[Address]) -> bool:
    if old is None or new is None:
        return old != new
    if (old.interface, old.gateway) != (new.interface, new.gateway):
        return True
    # IPv6 takes a new temporary address every day; connections from the old one live on as long as it is there.
    return old.source != new.source and Address(old.interface, old.source) not in addresses


def read_network() -> Network:
    """Ask the kernel; blocks for less than a millisecond as a rule, at most a few seconds. Raises OSError."""
    running: dict[int, bool] = {}

    def runs(interface: int) -> bool:
        if interface not in running and len(running) < INTERFACES:
            running[interface] = any(read_running(message) for message in _ask(ask_link(interface)))
        return running.get(interface, False)

    found = (_first_way(address) for address in PUBLIC)
    ways = tuple(way if way is not None and runs(way.interface) else None for way in found)
    answers = _ask(ask_addresses(), dump=True)
    addresses = frozenset(a for message in answers if (a := read_address(message)) is not None)
    linked = any(ways) or any(runs(interface) for interface in sorted({a.interface for a in addresses}))
    return Network(ways=ways, addresses=addresses, linked=linked)


def _first_way(address: str) -> Way | None:
    return next((way for message in _ask(ask_way(address)) if (way := read_way(message)) is not None), None)


def _ask(question: bytes, *, dump: bool = False) -> list[Message]:
    """Return the messages of the answer; among them a refusal ("network is unreachable", no such link).

    Every question has a socket of its own: nothing of an earlier answer is left in it.
    """
    answer: list[Message] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.settimeout(ANSWER_LIMIT_S)
        kernel.bind((0, 0))
        kernel.send(question)
        for _ in range(DATAGRAMS):
            datagram, (port, _groups) = kernel.recvfrom(DATAGRAM_B)
            if port != 0:  # another program, not the kernel
                continue
            answer += messages(datagram)
            if not dump or any(message.kind in {NLMSG_DONE, NLMSG_ERROR} for message in answer):
                break
    return answer
