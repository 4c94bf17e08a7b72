"""The one sender of typed messages: keeps the outbox moving while somebody is there to take them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mka1_desktop.domain.conversation import Continuation, ItemState
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.ports.room import RoomSession
from mka1_desktop.session.delivery import DeliveryPort
from mka1_desktop.session.outbox import Letter, Outbox, Stage

SAVE_LIMIT_S = 0.5  # what a message waits for the disk: after a crash it must be known that it may have gone out

REFUSALS = 2  # after so many a message is given back to the person


async def _nothing_to_save() -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the sender needs of the session it works for."""

    ready: Callable[[], bool]  # somebody is there to take a text
    room: Callable[[], RoomSession | None]
    going_on: Callable[[], Continuation]
    known: Callable[[str], int]  # how often a text has arrived in this thread
    state: Callable[[str, ItemState], None]  # of the entry with this key
    handed: Callable[[str], None]
    trouble: Callable[[Trouble], None]
    goes_out: Callable[[str], None] = lambda _: None  # told before `handed`, and before anything can come of it


class Mail:
    """One for a session. `pump` works until nothing can be done; the owner runs one at a time."""

    def __init__(self, desk: Desk, *, delivery: DeliveryPort | None = None) -> None:
        self._desk = desk
        self._delivery = delivery
        self.outbox = Outbox()
        self.saved: Callable[[], Awaitable[None]] = _nothing_to_save  # returns when all told so far is on disk

    @property
    def busy(self) -> bool:
        """Whether there is something to do now."""
        return self.outbox.next is not None and self._desk.ready()

    def answered(self) -> None:
        """A sign of an answer: what was handed over has arrived."""
        for key in self.outbox.signed():
            self._desk.state(key, "final")

    def turn_failed(self) -> None:
        """The service says that what it was handed gets no answer."""
        for key in self.outbox.signed():
            self._desk.state(key, "failed")

    async def pump(self) -> None:
        """See to one message after the other."""
        while self._desk.ready() and (letter := self.outbox.next) is not None:
            if letter.stage is Stage.DOUBTED:
                await self._ask(letter)
            else:
                await self._hand_over(letter)

    async def _ask(self, letter: Letter) -> None:
        """A message in doubt: there, not there, or nobody can tell."""
        arrived = None
        if self._delivery is not None:
            arrived = await self._delivery.holds(
                self._desk.going_on(), letter.text, known=self._desk.known(letter.text)
            )
        if arrived is False:
            self.outbox.move(letter.key, Stage.WAITING)
            self._desk.state(letter.key, "waiting")
        elif self.outbox.take(letter.key):
            self._desk.state(letter.key, "final" if arrived else "unsure")

    async def _hand_over(self, letter: Letter) -> None:
        """Saved as sent first, sent then: whatever happens in between is a doubt, and never a second time."""
        self.outbox.move(letter.key, Stage.SENDING)
        self._desk.state(letter.key, "sent")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SAVE_LIMIT_S):
                await self.saved()
        room = self._desk.room()
        if room is None or not self._desk.ready():
            self._back(letter)  # nobody has had it
            return
        self._desk.goes_out(letter.key)
        try:
            await room.send_text(letter.text)
        except AppError as error:
            self._refused(letter, error)
            return
        there = self._desk.room() is room  # else it went into a room that is gone by now
        self.outbox.move(letter.key, Stage.HANDED if there else Stage.DOUBTED)
        if there:
            self._desk.handed(letter.key)

    def _back(self, letter: Letter) -> None:
        self.outbox.move(letter.key, Stage.WAITING)
        self._desk.state(letter.key, "waiting")

    def _refused(self, letter: Letter, error: AppError) -> None:
        """A room that breaks may have taken it; one that goes on refusing is for the person."""
        again = self._delivery is not None and letter.refusals < REFUSALS
        if error.code is Code.TEXT_NOT_SENT and (again or not self._desk.ready()):
            self.outbox.refused(letter.key)
        elif self.outbox.take(letter.key):
            self._desk.state(letter.key, "failed")
            self._desk.trouble(error.trouble)
