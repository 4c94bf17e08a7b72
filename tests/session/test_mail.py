from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from mka1_desktop.domain.conversation import NOTHING, Continuation, ItemState
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.ports.room import RoomSession
from mka1_desktop.session.mail import Desk, Mail
from mka1_desktop.session.outbox import Stage
from tests.fakes.fake_clock import settle
from tests.fakes.fake_rooms import FakeRoom


@dataclass
class Service:
    """DeliveryPort that answers what the test says."""

    answers: list[bool | None] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def holds(self, going_on: Continuation, text: str, *, known: int) -> bool | None:
        self.asked.append((text, known))
        return self.answers.pop(0)


class Table:
    """The session that the mail works for."""

    def __init__(self, *answers: bool | None) -> None:
        self.room: FakeRoom | None = FakeRoom(ticket=1, emit=lambda _: None)
        self.there = True
        self.states: dict[str, ItemState] = {}
        self.handed: list[str] = []
        self.troubles: list[Code] = []
        self.service = Service(list(answers))
        self.mail = Mail(
            Desk(
                ready=lambda: self.there, room=self._room, going_on=lambda: NOTHING, known=lambda _: 1,
                state=self.states.__setitem__, handed=self.handed.append, trouble=self._trouble,
            ),
            delivery=self.service,
        )  # fmt: skip

    def _room(self) -> RoomSession | None:
        return self.room

    def _trouble(self, trouble: Trouble) -> None:
        self.troubles.append(trouble.code)

    def write(self, *keys: str) -> None:
        for key in keys:
            self.mail.outbox.add(key, f"text {key}")

    @property
    def texts(self) -> list[str]:
        assert self.room is not None
        return self.room.texts


async def test_texts_go_out_in_order_and_once() -> None:
    table = Table()
    table.write("a", "b")
    await table.mail.pump()
    await table.mail.pump()
    assert table.texts == ["text a", "text b"]
    assert table.handed == ["a", "b"]
    assert table.states == {"a": "sent", "b": "sent"}
    table.mail.answered()
    assert table.states == {"a": "final", "b": "final"}
    assert len(table.mail.outbox) == 0


async def test_a_text_is_saved_as_sent_before_it_is_sent() -> None:
    table, saving = Table(), asyncio.Event()
    table.mail.saved = saving.wait  # type: ignore[assignment] # its result means nothing
    table.write("a")
    pumping = asyncio.get_running_loop().create_task(table.mail.pump())
    await settle()
    assert table.states == {"a": "sent"}
    assert table.texts == []
    saving.set()
    await pumping
    assert table.texts == ["text a"]


async def test_nothing_goes_out_while_nobody_is_there() -> None:
    table = Table()
    table.there = False
    table.write("a")
    assert not table.mail.busy
    await table.mail.pump()
    assert table.texts == []
    assert table.mail.outbox.waiting == 1


async def test_a_room_that_goes_while_a_text_is_being_saved_has_not_had_it() -> None:
    table = Table()

    async def gone() -> None:
        table.there = False

    table.mail.saved = gone
    table.write("a")
    await table.mail.pump()
    assert table.states == {"a": "waiting"}
    assert table.service.asked == []


async def test_what_the_service_has_is_delivered_and_not_sent_again() -> None:
    table = Table(True)
    table.write("a", "b")
    table.mail.outbox.move("a", Stage.DOUBTED)
    await table.mail.pump()
    assert table.service.asked == [("text a", 1)]
    assert table.texts == ["text b"]
    assert table.states == {"a": "final", "b": "sent"}


async def test_what_the_service_does_not_have_is_sent_once_and_first() -> None:
    table = Table(False)
    table.write("a", "b")
    table.mail.outbox.move("a", Stage.DOUBTED)
    await table.mail.pump()
    assert table.texts == ["text a", "text b"]
    assert table.states == {"a": "sent", "b": "sent"}


async def test_what_nobody_can_tell_is_for_the_person() -> None:
    table = Table(None)
    table.write("a", "b")
    table.mail.outbox.move("a", Stage.DOUBTED)
    await table.mail.pump()
    assert table.texts == ["text b"]
    assert table.states == {"a": "unsure", "b": "sent"}


async def test_without_a_service_to_ask_a_doubt_is_for_the_person() -> None:
    table = Table()
    mail = Mail(table.mail._desk)
    mail.outbox.add("a", "text a")
    mail.outbox.move("a", Stage.DOUBTED)
    await mail.pump()
    assert table.states == {"a": "unsure"}


async def test_a_room_that_breaks_leaves_a_doubt() -> None:
    table = Table(False)
    assert table.room is not None
    table.room.send_failures.append(AppError(Code.TEXT_NOT_SENT))
    table.write("a")
    await table.mail.pump()
    assert table.service.asked == [("text a", 1)]
    assert table.texts == ["text a"]
    assert table.troubles == []


async def test_a_room_that_goes_on_refusing_gives_the_text_back() -> None:
    table = Table(False, False)
    assert table.room is not None
    table.room.send_failures.extend([AppError(Code.TEXT_NOT_SENT)] * 3)
    table.write("a", "b")
    await table.mail.pump()
    assert table.states == {"a": "failed", "b": "sent"}
    assert table.troubles == [Code.TEXT_NOT_SENT]
    assert table.texts == ["text b"]


async def test_a_failed_turn_gives_back_what_was_handed_over() -> None:
    table = Table()
    table.write("a", "b")
    await table.mail.pump()
    table.mail.turn_failed()
    assert table.states == {"a": "failed", "b": "failed"}
    assert len(table.mail.outbox) == 0
