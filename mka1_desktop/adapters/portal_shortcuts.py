"""One session of the desktop portal's global shortcuts (org.freedesktop.portal.GlobalShortcuts)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol

from jeepney import DBusAddress, message_bus

from mka1_desktop.adapters.bus_jeepney import Bus, BusRefused
from mka1_desktop.adapters.portal_request import (
    PATH,
    PATH_LIMIT,
    PORTAL,
    PortalRequests,
    Response,
    bare,
    farewell,
    new_token,
)
from mka1_desktop.ports.watchers import WatcherUnavailable

log = logging.getLogger(__name__)
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
SESSION = "org.freedesktop.portal.Session"
SESSIONS = f"{PATH}/session/"
REGISTRY = DBusAddress(PATH, bus_name=PORTAL, interface="org.freedesktop.host.portal.Registry")
BUS = DBusAddress(message_bus.object_path, bus_name=message_bus.bus_name, interface=message_bus.interface)
START_TRIES = 3  # each as long as a call may take
COUNT_LIMIT = 64
TEXT_LIMIT = 100  # characters of what the system calls a key


class KeyNews(Protocol):
    """Hears that a shortcut is pressed or released, on the loop's thread. One press may be told again and again."""

    def __call__(self, shortcut: str, *, down: bool, at_ms: int) -> None:
        """`at_ms` counts from anywhere, 0 is unknown."""


class ShortcutSession:
    """Lives on a connection of its own, since an app id is registered once for a connection.

    Methods in this order: `prepare`, `bind`, `closed`; `close` at any time. They raise as Bus.call does.
    """

    def __init__(self, bus: Bus, *, key: KeyNews, changed: Callable[[Mapping[str, str]], None]) -> None:
        """`changed` hears what the system calls a shortcut now, by shortcut, for those that have other keys."""
        self._bus = bus
        self._key = key
        self._changed = changed
        self._requests = PortalRequests(bus)
        self._handle = ""
        self._closed = asyncio.Event()

    async def prepare(self, app_id: str) -> None:
        """Say who we are, before anything else, and listen. Needs a portal that runs (`portal_owner`)."""
        try:
            await self._bus.call(REGISTRY, "Register", "sa{sv}", (app_id, {}))
        except BusRefused as e:  # a portal that is older than this, or an app that is not installed
            log.info("the portal does not register %s: %s", app_id, e)
        members = frozenset({"Activated", "Deactivated", "ShortcutsChanged"})
        await self._bus.listen(PORTAL, SHORTCUTS, members, self._heard)
        await self._bus.listen(PORTAL, SESSION, frozenset({"Closed"}), self._heard_closed)
        await self._requests.listen()

    async def bind(self, shortcuts: Mapping[str, tuple[str, str]]) -> Mapping[str, str] | None:
        """Ask for shortcuts: description and preferred trigger, by name of ours. The person may be asked, at leisure.

        Returns what the system calls those that are ours now; None when the person said no to all.
        """
        options = {"session_handle_token": ("s", new_token())}
        made = await self._requests.ask(SHORTCUTS, "CreateSession", "a{sv}", (), options)
        if _refused(made):
            return None
        match made.results.get("session_handle"):
            case str(handle) if handle.startswith(SESSIONS) and len(handle) <= PATH_LIMIT:
                self._handle = handle
            case _:
                raise BusRefused("no session")
        wanted = [
            (name, {"description": ("s", description), "preferred_trigger": ("s", trigger)})
            for name, (description, trigger) in shortcuts.items()
        ]
        body = (self._handle, wanted, "")
        bound = await self._requests.ask(SHORTCUTS, "BindShortcuts", "oa(sa{sv})sa{sv}", body, {})
        if _refused(bound):
            return None
        if "shortcuts" not in bound.results:  # bound, but not said what
            bound = await self._requests.ask(SHORTCUTS, "ListShortcuts", "oa{sv}", (self._handle,), {})
        return triggers_of(bound.results.get("shortcuts"))

    async def closed(self) -> None:
        """Wait until the portal closes the session."""
        await self._closed.wait()

    async def close(self) -> None:
        """Let go of the keys. Raises nothing."""
        if self._handle and not self._closed.is_set():
            self._closed.set()
            await farewell(self._bus, self._handle, SESSION)

    def _heard(self, path: str, member: str, body: Sequence[Any]) -> None:
        match member, body:
            case "ShortcutsChanged", [str(handle), shortcuts] if handle == self._handle:
                self._changed(triggers_of(shortcuts))
            case _, [str(handle), str(name), int(at_ms), *_] if handle == self._handle:
                self._key(name, down=member == "Activated", at_ms=at_ms)
            case _:
                pass

    def _heard_closed(self, path: str, member: str, body: Sequence[Any]) -> None:
        if path == self._handle:
            self._closed.set()


async def portal_owner(bus: Bus) -> str:
    """Return who is the portal on the bus; it is started where it can be. Raises as Bus.call does."""
    try:
        return await _owner(bus)
    except BusRefused as e:
        log.debug("the portal does not run: %s", e)
    for tries_left in reversed(range(START_TRIES)):
        try:
            await bus.call(BUS, "StartServiceByName", "su", (PORTAL, 0))
        except BusRefused as e:
            if not tries_left or not _too_slow(e):
                raise
        else:
            break
    return await _owner(bus)


async def watch_portal(bus: Bus, owner: str, wait: Callable[[], Awaitable[None]]) -> None:
    """Ask who the portal is, each time after `wait`, and raise WatcherUnavailable when it is not `owner` any more."""
    while True:
        await wait()
        try:
            same = await _owner(bus) == owner
        except BusRefused as e:
            same = _too_slow(e)
        if not same:
            raise WatcherUnavailable("the portal has left")


def triggers_of(shortcuts: object) -> dict[str, str]:
    """Read a list of shortcuts: what the system calls each; "" where it has no word for it."""
    found: dict[str, str] = {}
    if isinstance(shortcuts, list):
        for shortcut in islice(shortcuts, COUNT_LIMIT):
            match shortcut:
                case (str(name), dict(about)):
                    text = bare(about).get("trigger_description")
                    found[name] = "".join(filter(str.isprintable, text[:TEXT_LIMIT])) if isinstance(text, str) else ""
                case _:
                    pass
    return found


async def _owner(bus: Bus) -> str:
    return str(*await bus.call(BUS, "GetNameOwner", "s", (PORTAL,)))


def _too_slow(refusal: BusRefused) -> bool:
    """Whether the bus gave no answer in time, where an error would have a name with dots."""
    return "." not in str(refusal)


def _refused(response: Response) -> bool:
    """Whether the person said no. Raises BusRefused when it failed in another way."""
    if response.code not in (0, 1):
        raise BusRefused(f"response {response.code}")
    return response.code == 1
