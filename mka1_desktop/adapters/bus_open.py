"""Opens a connection to the session's or the system's D-Bus."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias

from jeepney.auth import BEGIN, AuthenticationError, Authenticator
from jeepney.bus import get_bus

from mka1_desktop.adapters.bus_jeepney import ANSWER_LIMIT_S, Bus, BusRefused
from mka1_desktop.ports.watchers import WatcherUnavailable

Which: TypeAlias = Literal["SESSION", "SYSTEM"]
LINE_B = 1024


@asynccontextmanager
async def open_bus(which: Which) -> AsyncIterator[Bus]:
    """Connect to the bus that the environment names, or to the usual place. Raises WatcherUnavailable."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as link:
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await loop.sock_connect(link, _address(which))
                await _authenticate(link)
        except (OSError, AuthenticationError) as e:  # TimeoutError is an OSError
            raise WatcherUnavailable(f"{which.lower()} bus: {type(e).__name__}") from None
        bus = Bus(link)
        loop.add_reader(link.fileno(), bus.receive)
        try:
            await bus.hello()
            yield bus
        except BusRefused as e:
            raise WatcherUnavailable(f"{which.lower()} bus: {e}") from None
        finally:
            bus.end("closed")


def _address(which: Which) -> str:
    """Return the path of the bus (abstract ones begin with a zero byte)."""
    if which == "SESSION" and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        folder = os.environ.get("XDG_RUNTIME_DIR")
        if not folder:
            raise WatcherUnavailable("no session bus")
        return f"{folder}/bus"
    try:
        return str(get_bus(which))
    except (RuntimeError, ValueError, StopIteration):  # an address that jeepney cannot read or connect to
        raise WatcherUnavailable(f"{which.lower()} bus: unknown kind of address") from None


async def _authenticate(link: socket.socket) -> None:
    """Say who we are, and that we take file descriptors."""
    loop = asyncio.get_running_loop()
    talk = Authenticator(enable_fds=True)
    for line in talk:
        await loop.sock_sendall(link, line)
        answer = await loop.sock_recv(link, LINE_B)
        if not answer:
            raise ConnectionResetError
        talk.feed(answer)
    await loop.sock_sendall(link, BEGIN)
