"""Which source addresses this machine would use, on systems whose routing table is not read."""

from __future__ import annotations

import socket
from typing import TypeAlias

from mka1_desktop.domain.system_events import NetworkChanged

# No packet is sent there. WebRTC asks its routing table for the same two addresses to find its default address.
PUBLIC = ((socket.AF_INET, "8.8.8.8"), (socket.AF_INET6, "2001:4860:4860::8888"))
ANY_PORT = 53
Sources: TypeAlias = tuple[str | None, ...]


def read_sources() -> Sources:
    """Return the source address for each of PUBLIC, None without a way there. Takes some microseconds, sends nothing.

    Connecting a datagram socket only looks up the route (connect(2)).
    """
    return tuple(_source(family, address) for family, address in PUBLIC)


def _source(family: socket.AddressFamily, address: str) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, ANY_PORT))
            return str(probe.getsockname()[0])
    except OSError:  # no way there, or no such family here
        return None


def compare(before: Sources, after: Sources) -> NetworkChanged | None:
    """Decide whether this is news. A network without a way to the internet counts as none here."""
    if before == after:
        return None
    return NetworkChanged(up=any(after), route_changed=True)
