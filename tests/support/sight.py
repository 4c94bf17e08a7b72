"""Reads windows as a screen reader does, over AT-SPI: what is shown, what it is called, and where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

LIMIT_S = 10.0
ROOT = "/org/a11y/atspi/accessible/root"
REGISTRY = "org.a11y.atspi.Registry"
ACCESSIBLE = "org.a11y.atspi.Accessible"
COMPONENT = "org.a11y.atspi.Component"
TEXT = "org.a11y.atspi.Text"
ON_SCREEN = 0  # coordinates of the whole screen


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the screen."""

    x: int
    y: int
    width: int
    height: int

    @property
    def seen(self) -> bool:
        return self.width > 0 and self.height > 0

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a window shows."""

    role: str
    name: str
    box: Box
    bus_name: str
    path: str

    def __str__(self) -> str:
        return f"{self.role} {self.name!r}"


class Sight:
    """One pair of eyes on the bus at `address`. Things may go while they are looked at: they are left out then."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: DBusConnection | None = None

    def __enter__(self) -> Self:
        self._connection = open_dbus_connection(self._address)
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()

    def everything(self) -> list[Thing]:
        """All that can be seen now, in every window, from the top down."""
        found = self._call(REGISTRY, ROOT, f"{ACCESSIBLE}.GetChildren")
        apps: list[tuple[str, str]] = found[0] if found else []
        return [thing for bus_name, path in apps for thing in self._below(bus_name, path)]

    def find(self, name: str, *, role: str = "") -> Thing | None:
        """Return the first thing of this name, in which * stands for anything."""
        return next((thing for thing in self.everything() if matches(thing, name, role)), None)

    def text_of(self, thing: Thing) -> str:
        """Return what is written in a field."""
        found = self._call(thing.bus_name, thing.path, f"{TEXT}.GetText", "ii", (0, -1))
        return str(found[0]) if found else ""

    def _below(self, bus_name: str, path: str) -> Iterator[Thing]:
        thing = self._thing(bus_name, path)
        if thing is not None and (thing.box.seen or thing.role == "application"):
            if thing.box.seen:
                yield thing
            children = self._call(bus_name, path, f"{ACCESSIBLE}.GetChildren")
            for child_bus, child in children[0] if children else ():
                yield from self._below(child_bus, child)

    def _thing(self, bus_name: str, path: str) -> Thing | None:
        name = self._call(bus_name, path, "org.freedesktop.DBus.Properties.Get", "ss", (ACCESSIBLE, "Name"))
        role = self._call(bus_name, path, f"{ACCESSIBLE}.GetRoleName")
        if name is None or role is None:
            return None
        box = self._call(bus_name, path, f"{COMPONENT}.GetExtents", "u", (ON_SCREEN,))
        place = Box(*box[0]) if box else Box(0, 0, 0, 0)
        return Thing(str(role[0]), str(name[0][1]), place, bus_name, path)

    def _call(
        self, bus_name: str, path: str, method: str, signature: str = "", body: tuple[Any, ...] = ()
    ) -> tuple[Any, ...] | None:
        """Return the answer, None for an error. `method` is its interface's name, a dot, and its own."""
        assert self._connection is not None, "use it as a context manager"
        interface, _, member = method.rpartition(".")
        address = DBusAddress(path, bus_name=bus_name, interface=interface)
        message = new_method_call(address, member, signature or None, body)
        reply = self._connection.send_and_get_reply(message, timeout=LIMIT_S)
        if reply.header.message_type is not MessageType.method_return:
            return None
        found: tuple[Any, ...] = reply.body
        return found


def matches(thing: Thing, name: str, role: str = "") -> bool:
    if role and thing.role != role:
        return False
    return fnmatchcase(thing.name, name)
