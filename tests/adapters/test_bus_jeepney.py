"""A bus that misbehaves: whatever it sends, the connection ends in words and leaves nothing open."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from jeepney import DBusAddress, HeaderFields, Message, MessageType, Parser, new_method_return, new_signal

from mka1_desktop.adapters.bus_jeepney import MESSAGE_LIMIT_B
from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.ports.watchers import WatcherUnavailable

THING = "org.example.Thing"
LIMIT_S = 10.0
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _bus_that(talk: Talk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Listen where the session bus should be, and talk like this once a connection has introduced itself.

    At the end of the block the connection must have been closed by the other side.
    """
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n")
            writer.write(b"OK 1234deadbeef\r\n")
            await reader.readuntil(b"\r\n")
            writer.write(b"AGREE_UNIX_FD\r\n")
            await reader.readuntil(b"BEGIN\r\n")
            await talk(reader, writer)
            await reader.read()  # until the other side has closed, which `left` proves
        finally:
            writer.close()
            left.set()

    path = folder / "bus"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={path}")
    async with await asyncio.start_unix_server(serve, path), asyncio.timeout(LIMIT_S):
        yield
        await left.wait()


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer Hello as a bus does."""
    parser = Parser()
    while (hello := parser.get_next_message()) is None:
        parser.add_data(await reader.read(4096))
    answer: Message = new_method_return(hello, "s", (":1.5",))
    answer.header.fields[HeaderFields.sender] = "org.freedesktop.DBus"
    writer.write(answer.serialise(1))


def _header(body_b: int, fields_b: int) -> bytes:
    return struct.pack("<cBBBIII", b"l", 4, 0, 1, body_b, 7, fields_b)


ODD = {
    "nothing more": b"",
    "zeros": bytes(64),
    "noise": bytes(range(256)) * 4,
    "a body of 100 MiB": _header(100 << 20, 16),
    "fields of 60 MiB": _header(0, 60 << 20),
    "a body just too long": _header(MESSAGE_LIMIT_B + 1, 16),
    "fields that lead nowhere": _header(0, 16) + b"\x08\x01v\x00" * 4,
}


@pytest.mark.parametrize("sent", ODD.values(), ids=ODD)
async def test_a_bus_that_sends_nonsense_is_left(sent: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _greet(reader, writer)
        writer.write(sent)
        if not sent:
            writer.close()

    async with _bus_that(talk, tmp_path, monkeypatch):
        with pytest.raises(WatcherUnavailable):
            await _listen_to_the_end([])


async def test_a_bus_that_refuses_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n")
        writer.write(b"REJECTED ANONYMOUS\r\n")
        writer.close()

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    async with await asyncio.start_unix_server(serve, tmp_path / "bus"):
        with pytest.raises(WatcherUnavailable, match="AuthenticationError"):
            async with open_bus("SESSION"):
                pass


async def test_only_the_named_service_is_heard_from_the_first_signal_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _greet(reader, writer)
        stray = new_signal(DBusAddress("/x", interface=THING), "Happened")
        writer.write(stray.serialise(2))
        parser = Parser()
        serial = 3
        while data := await reader.read(4096):
            parser.add_data(data)
            while (call := parser.get_next_message()) is not None:
                assert call.header.message_type is MessageType.method_call
                named = call.header.fields[HeaderFields.member] == "GetNameOwner"
                answer = new_method_return(call, "s" if named else None, (":1.9",) if named else ())
                writer.write(answer.serialise(serial))
                if named:
                    await writer.drain()
                    writer.write(_from(":1.9", "Happened").serialise(serial + 1))
                    writer.write(_from(":1.10", "Happened").serialise(serial + 2))
                    writer.write(_from(":1.9", "Else").serialise(serial + 3))
                    writer.close()
                serial += 4

    async with _bus_that(talk, tmp_path, monkeypatch):
        with pytest.raises(WatcherUnavailable):
            await _listen_to_the_end(heard)
    assert heard == ["/x Happened ()"]


def _from(sender: str, member: str) -> Message:
    message: Message = new_signal(DBusAddress("/x", interface=THING), member)
    message.header.fields[HeaderFields.sender] = sender
    return message


async def _listen_to_the_end(heard: list[str]) -> None:
    async with open_bus("SESSION") as bus:
        await bus.listen(
            THING, THING, frozenset({"Happened"}), lambda path, member, body: heard.append(f"{path} {member} {body}")
        )
        await bus.ended()
