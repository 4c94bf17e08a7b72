"""Services of a desktop that are played by python-dbusmock on a private bus, and an ear for what watchers emit."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any

from jeepney import DBusAddress, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

from mka1_desktop.domain.system_events import SystemEvent
from mka1_desktop.ports.watchers import WatcherPort

LIMIT_S = 20.0
NUDGE_S = 0.05
MOCK = "org.freedesktop.DBus.Mock"


class Mock:
    """One mocked object, and the connection that it is told by."""

    def __init__(self, connection: DBusConnection, service: str, path: str) -> None:
        self._connection = connection
        self._service = service
        self._path = path

    def emit(self, interface: str, member: str, signature: str, *values: tuple[str, Any], path: str = "") -> None:
        """Let the service send a signal; each value is a pair of D-Bus type and value."""
        self.call(MOCK, "EmitSignal", "sssav", (interface, member, signature, list(values)), path=path)

    def call(self, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = (), path: str = "") -> Any:
        address = DBusAddress(path or self._path, bus_name=self._service, interface=interface)
        message = new_method_call(address, member, signature or None, body)
        reply: Message = self._connection.send_and_get_reply(message, timeout=LIMIT_S)
        assert reply.header.message_type is MessageType.method_return, reply
        return reply.body


@contextmanager
def mocked(address: str, service: str, path: str, interface: str = "", *, template: str = "") -> Iterator[Mock]:
    """Run a service of this name until the block ends, from one of dbusmock's templates or with nothing in it."""
    what = ["--template", template] if template else ["--session", service, path, interface or service]
    command = ["/usr/bin/python3", "-m", "dbusmock", *what]
    environment = {
        "DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address, "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    rule = MatchRule(
        type="signal", sender=message_bus.bus_name, interface=message_bus.interface, member="NameOwnerChanged"
    )
    rule.add_arg_condition(0, service)
    with closing(open_dbus_connection(address)) as connection:
        Proxy(message_bus, connection).AddMatch(rule)
        with connection.filter(rule) as changes:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            try:
                connection.recv_until_filtered(changes, timeout=LIMIT_S)
                yield Mock(connection, service, path)
            finally:
                process.terminate()
                process.wait(LIMIT_S)


class Ear:
    """Hears a watcher. `events` is everything since it was heard for the first time."""

    def __init__(self) -> None:
        self.events: list[SystemEvent] = []
        self._heard = asyncio.Event()

    def __call__(self, event: SystemEvent) -> None:
        self.events.append(event)
        self._heard.set()

    async def until(self, wanted: Sequence[SystemEvent]) -> None:
        """Wait until these are the last events."""
        async with asyncio.timeout(LIMIT_S):
            while self.events[-len(wanted) :] != list(wanted):
                self._heard.clear()
                await self._heard.wait()

    async def nudged(self, nudge: Callable[[], None], expected: SystemEvent) -> None:
        """Let the world make the same news until the watcher hears it: from then on it hears all. Then forget it."""
        async with asyncio.timeout(LIMIT_S):
            while not self.events:
                nudge()
                try:
                    async with asyncio.timeout(NUDGE_S):
                        self._heard.clear()
                        await self._heard.wait()
                except TimeoutError:
                    continue
        assert set(self.events) == {expected}

    def after(self, nudge: SystemEvent) -> list[SystemEvent]:
        """Return the events behind those that `nudged` made."""
        events = list(self.events)
        while events and events[0] == nudge:
            del events[0]
        return events


@asynccontextmanager
async def running(watcher: WatcherPort) -> AsyncIterator[Ear]:
    """Run a watcher for the time of the block; its own end is an error of the test."""
    ear = Ear()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watcher.run(ear), name=watcher.name)
        yield ear
        task.cancel()
