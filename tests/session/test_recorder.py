from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest_asyncio

from mka1_desktop.adapters.history_buffered import BufferedHistory
from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.domain.conversation import Identity, Item, Thread
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import CaptionReceived, ResponseStarted, Speaker
from mka1_desktop.ports.store import HistoryPort
from mka1_desktop.session.dialogue import Dialogue
from mka1_desktop.session.recorder import UNTITLED, Recorder
from mka1_desktop.session.state import Session
from tests.fakes.fake_clock import FakeClock, settle

IDENTITY = Identity(origin="https://gw.example", fingerprint="0a1b2c3d")


class Disk(MemoryHistory):
    """A store that fails while `trouble` is set, waits while `gate` is cleared, and keeps the order of writes."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: Code | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.written: list[str] = []

    async def _ready(self) -> None:
        await self.gate.wait()
        if self.trouble is not None:
            raise AppError(self.trouble)

    async def put_thread(self, thread: Thread) -> None:
        await self._ready()
        await super().put_thread(thread)
        self.written.append(f"thread {thread.title}")

    async def put_item(self, thread_id: str, item: Item) -> None:
        await self._ready()
        await super().put_item(thread_id, item)
        self.written.append(f"item {item.text}")


class Room:
    """A dialogue whose entries a recorder keeps."""

    def __init__(self, history: HistoryPort | None = None) -> None:
        self.clock = FakeClock()
        self.disk = Disk()
        self.troubles: list[Trouble] = []
        self.saved: list[Thread] = []
        self.history: HistoryPort = history or self.disk
        self.recorder = Recorder(
            history=self.history, clock=self.clock, identity=IDENTITY, on_trouble=self.troubles.append,
            on_saved=self.saved.append,
        )  # fmt: skip
        self.dialogue = Dialogue(prefix="p")
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.get_running_loop().create_task(self.recorder.run(), name="recorder")

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def say(self, speaker: Speaker, text: str, segment: str, *, final: bool = True) -> None:
        event = CaptionReceived(
            ticket=1, segment_id=segment, speaker=speaker, text=text, final=final, channel="event",
            at_s=self.clock.monotonic(),
        )  # fmt: skip
        _, entries = self.dialogue.caption(event, asked=True, at=self.clock.now())
        self.recorder.on_entries(entries)
        await settle()

    async def response(self, response_id: str | None, conversation_id: str | None = None) -> None:
        event = ResponseStarted(ticket=1, response_id=response_id, conversation_id=conversation_id)
        self.recorder.on_entries(self.dialogue.response(event))
        self.recorder.on_event(event, Session())
        await settle()

    async def threads(self) -> tuple[Thread, ...]:
        return (await self.history.threads()).threads

    async def texts(self) -> list[str]:
        return [i.text for t in await self.threads() for i in await self.history.items(t.id)]


@pytest_asyncio.fixture
async def room() -> AsyncIterator[Room]:
    made = Room()
    made.start()
    yield made
    await made.stop()


async def test_final_words_are_saved_when_they_happen_and_interim_ones_never(room: Room) -> None:
    await room.say("user", "What ti", "u", final=False)
    assert await room.threads() == ()  # no empty thread
    await room.say("user", "What time is it?", "u")
    assert await room.texts() == ["What time is it?"]
    await room.say("agent", "It is", "a", final=False)
    assert await room.texts() == ["What time is it?"]
    await room.say("agent", "It is ten.", "a")
    assert await room.texts() == ["What time is it?", "It is ten."]
    await room.say("agent", "Anything el", "b", final=False)
    assert await room.texts() == ["What time is it?", "It is ten."]


async def test_an_item_that_grows_is_replaced_and_one_that_does_not_is_not_written_again(room: Room) -> None:
    await room.say("agent", "One.", "a")
    await room.say("agent", "Two.", "b")
    assert await room.texts() == ["One. Two."]
    written = list(room.disk.written)
    room.recorder.on_entries(room.dialogue.entries)
    await room.recorder.flush()
    assert room.disk.written == written


async def test_the_thread_gets_its_title_from_the_first_words_of_the_person(room: Room) -> None:
    await room.say("agent", "Hello.", "g")
    assert [t.title for t in await room.threads()] == [UNTITLED]
    await room.say("user", "What  time\nis it?", "u")
    await room.say("user", "And where?", "u2")
    (thread,) = await room.threads()
    assert (thread.title, thread.identity, thread.mode) == ("What time is it?", IDENTITY, "chain")


async def test_a_renamed_thread_keeps_its_name(room: Room) -> None:
    await room.say("user", "What time is it?", "u")
    room.recorder.rename("Clocks")
    await room.response("r1")
    assert [t.title for t in await room.threads()] == ["Clocks"]


async def test_the_newest_response_and_the_one_before_are_kept(room: Room) -> None:
    await room.say("user", "One", "u")
    for response_id in ("r1", "r2", "r2", "r3"):
        await room.response(response_id)
    await room.response(None, "c1")
    (thread,) = await room.threads()
    assert (thread.response_id, thread.earlier_response_id, thread.conversation_id) == ("r3", "r2", "c1")


async def test_ids_that_come_before_the_first_words_are_not_lost(room: Room) -> None:
    for response_id in ("r0", "r1", "r2"):
        await room.response(response_id)
    assert await room.threads() == ()
    await room.say("agent", "Hello.", "g")
    (thread,) = await room.threads()
    assert (thread.response_id, thread.earlier_response_id) == ("r2", "r1")


async def test_ids_of_a_thread_without_words_do_not_reach_the_next(room: Room) -> None:
    await room.response("r1")
    room.recorder.begin(None)
    await room.say("agent", "Hello.", "g")
    assert [t.response_id for t in await room.threads()] == [None]


async def test_an_answer_carries_its_response_id_and_what_was_heard(room: Room) -> None:
    await room.say("user", "A story", "u")
    await room.response("r1")
    await room.say("agent", "Once upon a time", "a", final=False)
    await room.say("agent", "Once upon", "a")
    (thread,) = await room.threads()
    item = (await room.disk.items(thread.id))[-1]
    assert (item.response_id, item.text, item.heard_text, item.state) == (
        "r1", "Once upon a time", "Once upon", "interrupted",
    )  # fmt: skip


async def test_a_thread_of_earlier_is_gone_on_with(room: Room) -> None:
    await room.say("user", "One", "u")
    (thread,) = await room.threads()
    items = await room.disk.items(thread.id)
    room.dialogue = Dialogue(prefix="q")
    room.recorder.begin(thread, items)
    room.dialogue.load(items)
    room.recorder.on_entries(room.dialogue.entries)
    await room.recorder.flush()
    assert len(room.disk.written) == 2  # what is known is not written again
    await room.say("agent", "Two", "a")
    assert await room.texts() == ["One", "Two"]
    assert len(await room.threads()) == 1


async def test_what_waits_for_the_disk_belongs_to_the_thread_it_was_said_in(room: Room) -> None:
    room.disk.gate.clear()
    await room.say("user", "One", "u")
    room.recorder.begin(None)
    room.dialogue = Dialogue(prefix="q")
    await room.say("user", "Two", "u")
    room.disk.gate.set()
    await room.recorder.flush()
    assert sorted(t.title for t in await room.threads()) == ["One", "Two"]


async def test_words_that_were_being_written_when_it_ended_are_written_by_the_next_run(room: Room) -> None:
    room.disk.gate.clear()
    await room.say("user", "One", "u")
    await room.say("agent", "Two", "a")
    await room.stop()
    room.disk.gate.set()
    room.start()
    await room.recorder.flush()
    assert await room.texts() == ["One", "Two"]


async def test_trouble_of_the_store_is_told_once_a_kind(room: Room) -> None:
    room.disk.trouble = Code.STORE_FULL
    await room.say("user", "One", "u")
    await room.say("agent", "Two", "a")
    assert [t.code for t in room.troubles] == [Code.STORE_FULL]
    room.disk.trouble = Code.STORE_READ_ONLY
    await room.say("user", "Three", "u3")
    assert [t.code for t in room.troubles] == [Code.STORE_FULL, Code.STORE_READ_ONLY]
    assert room.saved == []


async def test_a_full_disk_loses_nothing() -> None:
    problems: list[Code | None] = []
    disk = Disk()
    buffered = BufferedHistory(store=disk, on_problem=lambda e: problems.append(e.code if e else None))
    room = Room(buffered)
    room.start()
    await room.say("user", "One", "u")
    disk.trouble = Code.STORE_FULL
    await room.say("agent", "Two", "a")
    await room.response("r1")
    await room.say("user", "Three", "u2")
    assert await room.texts() == ["One", "Two", "Three"]
    assert problems == [Code.STORE_FULL]
    disk.trouble = None
    await room.say("agent", "Four", "a2")
    (thread,) = (await disk.threads()).threads
    assert [i.text for i in await disk.items(thread.id)] == ["One", "Two", "Three", "Four"]
    assert thread.response_id == "r1"
    assert problems == [Code.STORE_FULL, None]
    assert room.troubles == []
    await room.stop()


async def test_every_write_is_told(room: Room) -> None:
    await room.say("user", "One", "u")
    assert [t.title for t in room.saved] == ["One", "One"]
