"""A desktop portal with global shortcuts, as its documentation has it, on a private bus and on the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.asyncio import DBusConnection, open_dbus_connection

PORTAL = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
SESSION = "org.freedesktop.portal.Session"
REQUEST = "org.freedesktop.portal.Request"
REGISTRY = "org.freedesktop.host.portal.Registry"
UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"
LIMIT_S = 20.0
Wanted: TypeAlias = dict[str, dict[str, str]]
Answer: TypeAlias = tuple[int, dict[str, Any]]


def granted(triggers: Mapping[str, str]) -> Answer:
    """Return the response that these shortcuts are bound, by what the system calls their keys."""
    return 0, {"shortcuts": ("a(sa{sv})", shortcuts(triggers))}


def shortcuts(triggers: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, {"trigger_description": ("s", text), "description": ("s", "x")}) for name, text in triggers.items()]


def all_granted(wanted: Wanted) -> Answer:
    return granted({name: f"Press {about['preferred_trigger']}" for name, about in wanted.items()})


@dataclass
class FakePortal:
    """`calls` is what was called: member and what matters of it. `answer` decides for the person; None: not yet."""

    connection: DBusConnection
    registry: bool = True
    interfaces: frozenset[str] = frozenset({SHORTCUTS, SESSION, REQUEST, REGISTRY})
    answer: Callable[[Wanted], Answer | None] = all_granted
    create: Callable[[str], Answer | None] = lambda session: (0, {"session_handle": ("s", session)})
    calls: list[tuple[str, str]] = field(default_factory=list)
    wanted: list[Wanted] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    session: str = ""
    client: str = ""
    serving: asyncio.Task[None] | None = None
    _called: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        while True:
            message = await self.connection.receive()
            if message.header.message_type is MessageType.method_call:
                await self._serve(message)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a call has made this true."""
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                self._called.clear()
                await self._called.wait()

    def called(self, member: str) -> list[str]:
        return [what for name, what in self.calls if name == member]

    async def key(self, name: str, *, down: bool, at_ms: int = 0, session: str = "") -> None:
        member = "Activated" if down else "Deactivated"
        await self.signal(SHORTCUTS, member, "osta{sv}", (session or self.session, name, at_ms, {}))

    async def signal(
        self, interface: str, member: str, signature: str, body: tuple[Any, ...], *, path: str = PATH
    ) -> None:
        """Send a signal to the client alone, as the portal does."""
        await self.connection.send(signal_to(self.client, interface, member, signature, body, path=path))

    async def respond(self, answer: Answer) -> None:
        """Let the person decide, who has not yet."""
        await self.signal(REQUEST, "Response", "ua{sv}", answer, path=self.requests[-1])

    def stop(self) -> None:
        if self.serving is not None:
            self.serving.cancel()

    async def leave(self) -> None:
        await self.connection.send(message_bus.ReleaseName(PORTAL))

    async def _serve(self, call: Message) -> None:
        fields = call.header.fields
        self.client = fields[HeaderFields.sender]
        interface, member = fields.get(HeaderFields.interface), fields[HeaderFields.member]
        if interface not in self.interfaces or (interface == REGISTRY and not self.registry):
            await self.connection.send(new_error(call, UNKNOWN))
            return
        match member:
            case "Register":
                await self._say(call, member, call.body[0])
            case "Close":
                await self._say(call, member, fields[HeaderFields.path])
            case "CreateSession":
                self.session = f"{PATH}/session/{self._sender}/{call.body[0]['session_handle_token'][1]}"
                await self._ask(call, call.body[0], self.session, self.create(self.session))
            case "BindShortcuts":
                wanted = {name: {key: value[1] for key, value in about.items()} for name, about in call.body[1]}
                self.wanted.append(wanted)
                await self._ask(call, call.body[3], call.body[0], self.answer(wanted))
            case "ListShortcuts":
                await self._ask(call, call.body[1], call.body[0], all_granted(self.wanted[-1]))
            case _:
                await self.connection.send(new_error(call, UNKNOWN))
        self._called.set()

    @property
    def _sender(self) -> str:
        return self.client.removeprefix(":").replace(".", "_")

    async def _say(self, call: Message, member: str, what: str) -> None:
        self.calls.append((member, what))
        await self.connection.send(new_method_return(call))

    async def _ask(self, call: Message, options: dict[str, Any], what: str, answer: Answer | None) -> None:
        """Answer with a request; its response comes first where there is one, which the documentation allows."""
        self.calls.append((call.header.fields[HeaderFields.member], what))
        request = f"{PATH}/request/{self._sender}/{options['handle_token'][1]}"
        self.requests.append(request)
        if answer is not None:
            await self.signal(REQUEST, "Response", "ua{sv}", answer, path=request)
        await self.connection.send(new_method_return(call, "o", (request,)))


def signal_to(
    client: str, interface: str, member: str, signature: str, body: tuple[Any, ...], *, path: str = PATH
) -> Message:
    message = new_signal(DBusAddress(path, interface=interface), member, signature or None, body)
    message.header.fields[HeaderFields.destination] = client
    return message


@asynccontextmanager
async def fake_portal(address: str) -> AsyncIterator[FakePortal]:
    """Run a portal until the block ends."""
    async with await open_dbus_connection(address) as connection:
        await connection.send(message_bus.RequestName(PORTAL))
        acquired = ("NameAcquired", PORTAL)  # also when it is another's for a moment still
        async with asyncio.timeout(LIMIT_S):
            while (message := await connection.receive()).header.message_type is not MessageType.signal or (
                message.header.fields[HeaderFields.member],
                message.body[0],
            ) != acquired:
                pass
        async with asyncio.TaskGroup() as tasks:
            portal = FakePortal(connection)
            portal.serving = tasks.create_task(portal.run(), name="fake portal")
            yield portal
            portal.stop()
