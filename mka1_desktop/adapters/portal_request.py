"""Calls of the desktop portal that answer later: a Request object sends its Response when the person has decided.

As org.freedesktop.portal.Request documents it: the caller gives a `handle_token`, which becomes the last part of the
object's path, and listens before it calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress

from mka1_desktop.adapters.bus_jeepney import Bus, BusRefused
from mka1_desktop.ports.watchers import WatcherUnavailable

PORTAL = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
REQUEST = "org.freedesktop.portal.Request"
REQUESTS = f"{PATH}/request/"
GOODBYE_S = 1.0  # for what is said to a portal that is left: it hears of our going from the bus as well
PATH_LIMIT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`code` is 0 for done, 1 for cancelled by the person, 2 for ended in another way. `results` are bare values."""

    code: int
    results: Mapping[str, object]


class PortalRequests:
    """The requests of one connection. All on the loop's thread."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: dict[str, asyncio.Future[Response]] = {}  # by handle token
        self._folder = ""  # where our requests are, made of our name on the bus; learnt from the first one

    async def listen(self) -> None:
        """Hear responses; before the first `ask`. Raises as Bus.call does."""
        await self._bus.listen(PORTAL, REQUEST, frozenset({"Response"}), self._heard)

    async def ask(
        self, interface: str, member: str, signature: str, body: tuple[Any, ...], options: Mapping[str, Any]
    ) -> Response:
        """Call a method whose last argument is `options`, and wait for the response without a limit.

        Cancelled while it waits, it takes the question back. Raises as Bus.call does.
        """
        token = new_token()
        answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting[token] = answer
        call = DBusAddress(PATH, bus_name=PORTAL, interface=interface)
        handle = self._folder + token if self._folder else ""
        try:
            handle = (
                _path(await self._bus.call(call, member, signature, (*body, _with_token(options, token)))) or handle
            )
            self._folder = handle.removesuffix(token) if handle.endswith(f"/{token}") else ""
            return await answer
        except asyncio.CancelledError:
            if handle:
                await farewell(self._bus, handle, REQUEST)
            raise
        finally:
            del self._waiting[token]

    def _heard(self, path: str, member: str, body: Sequence[Any]) -> None:
        """Take a response. The token is a secret of ours and the portal's, so it alone tells whose response it is."""
        if not path.startswith(REQUESTS):
            return
        answer = self._waiting.get(path.rpartition("/")[2])
        if answer is None or answer.done():
            return
        match body:
            case [int(code), dict(results)]:
                answer.set_result(Response(code=code, results=bare(results)))
            case _:  # it will say nothing else
                answer.set_result(Response(code=2, results={}))


def new_token() -> str:
    """Return a part of an object path that nobody guesses."""
    return f"mka1_{secrets.token_hex(16)}"


def bare(variants: object) -> dict[str, object]:
    """Return a D-Bus dictionary of variants without their types; what is not one is left out."""
    if not isinstance(variants, dict):
        return {}
    pairs = ((key, value) for key, value in variants.items() if isinstance(key, str) and isinstance(value, tuple))
    return {key: value[1] for key, value in pairs if len(value) == 2}


async def farewell(bus: Bus, path: str, interface: str) -> None:
    """Close an object of the portal; whether it hears that is its own business."""
    with contextlib.suppress(BusRefused, WatcherUnavailable, TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await bus.call(DBusAddress(path, bus_name=PORTAL, interface=interface), "Close")


def _with_token(options: Mapping[str, Any], token: str) -> dict[str, Any]:
    return {**options, "handle_token": ("s", token)}


def _path(answer: Sequence[Any]) -> str:
    """Return the path of the request, "" when the answer has none of the portal's."""
    match answer:
        case [str(path)] if path.startswith(REQUESTS) and len(path) <= PATH_LIMIT:
            return path
        case _:
            return ""
