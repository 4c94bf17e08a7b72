"""A connection to D-Bus on the event loop: calls with a time limit, and signals of named services.

jeepney brings the message format; its own asyncio connection is not used, as it passes no file descriptors (which
logind's sleep lock is made of), takes messages of any size and trusts every sender.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageFlag,
    MessageType,
    Parser,
    message_bus,
    new_method_call,
)
from jeepney.fds import FileDescriptor, fds_buf_size

from mka1_desktop.ports.watchers import WatcherUnavailable

Signal: TypeAlias = Callable[[str, str, Sequence[Any]], None]  # path, member, body
ANSWER_LIMIT_S = 5.0
MESSAGE_LIMIT_B = 1 << 18  # what is watched here has some hundred bytes; D-Bus itself allows 128 MiB
READ_B = 1 << 14
READS = 64


class BusRefused(Exception):  # noqa: N818 - an answer of the other side
    """A call was answered with an error; the text is the error's name."""


class Bus:
    """Use `open_bus` (bus_open.py). All methods run on the loop's thread."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._parser = Parser()
        self._serial = 0
        self._answers: dict[int, tuple[asyncio.Future[Message], Callable[[Message], None] | None]] = {}
        self._services: list[_Service] = []
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def call(
        self, address: DBusAddress, member: str, signature: str = "", body: tuple[Any, ...] = ()
    ) -> Sequence[Any]:
        """Call a method; starts no service. A file descriptor in the answer is the caller's to close.

        Raises BusRefused when it is answered with an error or not in time, WatcherUnavailable when the bus is gone.
        """
        return await self._ask(new_method_call(address, member, signature or None, body))

    async def listen(self, service: str, interface: str, members: frozenset[str], signal: Signal) -> None:
        """Let `signal` hear these signals of whoever owns the name `service`, and of nobody else.

        `signal` gets whatever the service sends: it checks the body. Raises as `call` does.
        """
        listener = _Service(service, interface, members, signal)
        self._services.append(listener)
        owner_changes = MatchRule(
            type="signal", sender=message_bus.bus_name, interface=message_bus.interface, member="NameOwnerChanged"
        )
        owner_changes.add_arg_condition(0, service)
        await self._ask(message_bus.AddMatch(owner_changes))
        await self._ask(message_bus.AddMatch(MatchRule(type="signal", sender=service, interface=interface)))
        with suppress(BusRefused):  # nobody has the name now
            await self._ask(message_bus.GetNameOwner(service), at_once=listener.owned_as_answered)

    async def ended(self) -> None:
        """Wait for the end of the connection, and raise WatcherUnavailable."""
        raise WatcherUnavailable(await asyncio.shield(self._ended))

    async def hello(self) -> None:
        """Get a name on the bus; the first thing to say there. Raises as `call` does."""
        await self._ask(message_bus.Hello())

    async def _ask(self, message: Message, at_once: Callable[[Message], None] | None = None) -> Sequence[Any]:
        """`at_once` gets a good answer before the next message is read; the caller wakes up some messages later."""
        if self._ended.done():
            raise WatcherUnavailable(self._ended.result())
        self._serial += 1
        serial = self._serial
        message.header.flags |= MessageFlag.no_auto_start
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[serial] = answer, at_once
        try:
            self._send(message.serialise(serial))
            async with asyncio.timeout(ANSWER_LIMIT_S):
                reply = await answer
        except TimeoutError:
            raise BusRefused("no answer") from None
        except asyncio.CancelledError:
            if answer.done() and not answer.cancelled() and answer.exception() is None:
                _close_files(answer.result())
            raise
        finally:
            del self._answers[serial]
        if reply.header.message_type is MessageType.error:
            raise BusRefused(str(reply.header.fields.get(HeaderFields.error_name, "")))
        return tuple(reply.body)

    def _send(self, data: bytes) -> None:
        """Send at once: what is asked here always fits into the buffer of a bus that is alive."""
        try:
            whole = self._link.send(data) == len(data)
        except OSError:
            whole = False
        if not whole:
            self.end("the bus takes nothing")

    def receive(self) -> None:
        """Take what has arrived; the loop calls it when there is something."""
        for _ in range(READS):
            try:
                self._read_some()
                message = self._parser.get_next_message()
            except BlockingIOError:
                return
            except OSError as e:
                self.end(f"the bus is gone: {type(e).__name__}")
                return
            except Exception as e:  # noqa: BLE001 - jeepney raises whatever a broken message makes Python raise
                self.end(f"a message could not be read: {type(e).__name__}")
                return
            if message is not None:
                self._dispatch(message)
            elif (self._parser.next_msg_size or 0) > MESSAGE_LIMIT_B:
                self.end("a message was too long")
                return

    def _read_some(self) -> None:
        wanted = min(READ_B, self._parser.bytes_desired())
        data, ancillary, _flags, _sender = self._link.recvmsg(wanted, fds_buf_size(), socket.MSG_CMSG_CLOEXEC)
        self._parser.add_data(data, FileDescriptor.from_ancdata(ancillary))
        if not data:
            raise ConnectionResetError

    def _dispatch(self, message: Message) -> None:
        fields = message.header.fields
        answer, at_once = self._answers.get(fields.get(HeaderFields.reply_serial, -1), (None, None))
        if answer is not None and not answer.done():
            if at_once is not None and message.header.message_type is MessageType.method_return:
                at_once(message)
            answer.set_result(message)
            return
        _close_files(message)  # nobody waits for them
        if message.header.message_type is not MessageType.signal:
            return
        self._heard(fields.get(HeaderFields.sender), fields.get(HeaderFields.interface), message)

    def _heard(self, sender: str, interface: str, message: Message) -> None:
        member, body = str(message.header.fields.get(HeaderFields.member)), tuple(message.body)
        if sender == message_bus.bus_name:
            if member == "NameOwnerChanged" and len(body) == 3:
                for service in self._services:
                    if service.name == body[0]:
                        service.owner = str(body[2])
            return
        for service in self._services:
            wanted = (service.owner, service.interface)
            if service.owner and wanted == (sender, interface) and member in service.members:
                service.signal(str(message.header.fields.get(HeaderFields.path)), member, body)

    def end(self, reason: str) -> None:
        """Give up: every waiting call and `ended` hear of it. Safe to call twice."""
        if self._ended.done():
            return
        self._ended.set_result(reason)
        asyncio.get_running_loop().remove_reader(self._link.fileno())
        for file in self._parser.fds:
            file.close()
        for answer, _ in self._answers.values():
            if not answer.done():
                answer.set_exception(WatcherUnavailable(reason))


class _Service:
    """Whom to hear, and who that is now on the bus (empty: nobody)."""

    def __init__(self, name: str, interface: str, members: frozenset[str], signal: Signal) -> None:
        self.name = name
        self.interface = interface
        self.members = members
        self.signal = signal
        self.owner = ""

    def owned_as_answered(self, answer: Message) -> None:
        """Read the answer to GetNameOwner."""
        self.owner = str(answer.body[0]) if answer.body else ""


def _close_files(message: Message) -> None:
    for part in message.body:
        if isinstance(part, FileDescriptor):
            part.close()
