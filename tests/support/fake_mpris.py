"""A music player on a private bus, as MPRIS has it, on the test's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

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

PREFIX = "org.mpris.MediaPlayer2."
PATH = "/org/mpris/MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
PROPERTIES = "org.freedesktop.DBus.Properties"
LIMIT_S = 20.0


@dataclass
class FakePlayer:
    """`calls` are the methods that were called, in order. `obeys` False: it answers, and goes on as before."""

    connection: DBusConnection
    status: str = "Playing"
    can_pause: bool = True
    obeys: bool = True
    answers: bool = True
    calls: list[str] = field(default_factory=list)
    serving: asyncio.Task[None] | None = None

    async def run(self) -> None:
        while True:
            message = await self.connection.receive()
            if message.header.message_type is MessageType.method_call and self.answers:
                await self._serve(message)

    async def become(self, status: str) -> None:
        """Change and tell so, as when the person uses the player itself."""
        self.status = status
        body: tuple[Any, ...] = (PLAYER, {"PlaybackStatus": ("s", status)}, [])
        emitter = DBusAddress(PATH, interface=PROPERTIES)
        await self.connection.send(new_signal(emitter, "PropertiesChanged", "sa{sv}as", body))

    def stop(self) -> None:
        if self.serving is not None:
            self.serving.cancel()

    async def _serve(self, call: Message) -> None:
        member = call.header.fields[HeaderFields.member]
        if member == "Get":
            values: dict[str, Any] = {"PlaybackStatus": ("s", self.status), "CanPause": ("b", self.can_pause)}
            await self.connection.send(new_method_return(call, "v", (values[call.body[1]],)))
            return
        self.calls.append(member)
        if not self.obeys:
            await self.connection.send(new_error(call, "org.freedesktop.DBus.Error.Failed"))
            return
        await self.become({"Pause": "Paused", "Play": "Playing"}[member])
        await self.connection.send(new_method_return(call))


@asynccontextmanager
async def fake_player(address: str, name: str, **about: Any) -> AsyncIterator[FakePlayer]:
    """Run a player until the block ends; `about` are the fields of FakePlayer."""
    async with await open_dbus_connection(address) as connection:
        await connection.send(message_bus.RequestName(PREFIX + name))
        acquired = ("NameAcquired", PREFIX + name)
        async with asyncio.timeout(LIMIT_S):
            while (message := await connection.receive()).header.message_type is not MessageType.signal or (
                message.header.fields[HeaderFields.member],
                message.body[0],
            ) != acquired:
                pass
        async with asyncio.TaskGroup() as tasks:
            player = FakePlayer(connection, **about)
            player.serving = tasks.create_task(player.run(), name=f"fake player {name}")
            yield player
            player.stop()
