from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest_asyncio

from mka1_desktop.adapters.history_buffered import BufferedHistory
from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.domain.conversation import SET_TO_CHAINS, Continuation, Identity, Item, Thread
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import CaptionReceived, GrantReady, ResponseStarted, Speaker
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.ports.store import HistoryPort
from mka1_desktop.session.dialogue import Dialogue
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.opener import ConversationOpener
from mka1_desktop.session.recorder import UNTITLED, Recorder
from mka1_desktop.session.state import Session
from tests.fakes.fake_clock import FakeClock, settle
from tests.fakes.fake_conversations import OWNER, FakeService

IDENTITY = OWNER


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

    def __init__(self, history: HistoryPort | None = None, opener: ConversationOpener | None = None) -> None:
        self.clock = FakeClock()
        self.disk = Disk()
        self.troubles: list[Trouble] = []
        self.saved: list[Thread] = []
        self.history: HistoryPort = history or self.disk
        self.recorder = Recorder(
            history=self.history, clock=self.clock, identity=IDENTITY, on_trouble=self.troubles.append,
            opener=opener, on_saved=self.saved.append,
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

    async def granted(self, continuation: Continuation | None = None, refused: Trouble | None = None) -> None:
        grant = RoomGrant(url="ws://127.0.0.1:1", token="t")
        self.recorder.on_event(GrantReady(ticket=1, grant=grant, continuation=continuation, refused=refused), Session())
        await settle()

    async def thread(self) -> Thread:
        (thread,) = await self.threads()
        return thread

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


async def test_an_answer_that_was_refused_is_not_the_one_to_fall_back_to(room: Room) -> None:
    await room.say("user", "One", "u")
    await room.response("r1")
    await room.response("r2")
    room.recorder.on_told(Tell(news="token", ticket=2, continues=Continuation(response_id="r1")))  # r2 was refused
    await room.response("r3")
    thread = await room.thread()
    assert (thread.response_id, thread.earlier_response_id) == ("r3", "r1")
    await room.response("r4")
    thread = await room.thread()
    assert (thread.response_id, thread.earlier_response_id) == ("r4", "r3")


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


async def test_words_that_were_typed_before_the_account_was_found_become_its_own(room: Room) -> None:
    room.recorder.identity = None
    await room.say("user", "One", "u")
    assert (await room.thread()).identity is None
    room.recorder.belong_to(IDENTITY)
    room.recorder.belong_to(Identity(origin="https://other.example", fingerprint="ffffffff"))
    await settle()
    assert (await room.thread()).identity == IDENTITY


# --- conversations -------------------------------------------------------------------------------------------------

OPENED = Continuation(conversation_id="conv_1")


class Kept:
    """A room whose threads become conversations."""

    def __init__(self) -> None:
        self.service = FakeService()
        self.chains = False
        self.opener = ConversationOpener(
            service=self.service, clock=FakeClock(), wanted=lambda: not self.chains, on_defect=self._defect
        )
        self.room = Room(opener=self.opener)

    def _defect(self, error: BaseException) -> None:
        raise error

    async def open(self) -> None:
        """A fresh thread is opened and gets its token."""
        opened = await self.opener.open()
        await self.room.granted(opened.continuation, opened.refused)


@pytest_asyncio.fixture
async def kept() -> AsyncIterator[Kept]:
    made = Kept()
    made.room.start()
    yield made
    await made.room.stop()
    await made.opener.close()


async def test_a_conversation_becomes_the_threads_own_with_the_persons_first_words(kept: Kept) -> None:
    await kept.open()
    await kept.room.response("r0", "conv_1")
    await kept.room.say("agent", "Hello.", "g")
    thread = await kept.room.thread()
    assert (thread.mode, thread.conversation_id, thread.note) == ("conversation", None, None)
    await kept.room.response("r1", "conv_1")
    await kept.room.say("user", "Plan a trip", "u")
    thread = await kept.room.thread()
    assert (thread.mode, thread.conversation_id, thread.response_id) == ("conversation", "conv_1", "r1")
    assert kept.service.port.metadata["conv_1"]["title"] == "Plan a trip"


async def test_a_conversation_without_words_of_the_person_is_left_for_the_next_thread(kept: Kept) -> None:
    await kept.open()
    await kept.room.say("agent", "Hello.", "g")
    kept.room.recorder.begin(None)
    kept.room.dialogue = Dialogue(prefix="q")
    await kept.open()
    await kept.room.say("user", "Plan a trip", "u")
    assert {t.title: t.conversation_id for t in await kept.room.threads()} == {
        UNTITLED: None, "Plan a trip": "conv_1",
    }  # fmt: skip
    assert kept.service.port.count == 1
    kept.room.recorder.begin(None)
    await kept.open()
    assert kept.service.port.count == 2


async def test_words_that_were_typed_before_the_token_came_belong_to_the_conversation(kept: Kept) -> None:
    kept.room.recorder.on_entries((kept.room.dialogue.add_text("Plan a trip", at=1.0, at_s=1.0),))
    await settle()
    assert (await kept.room.thread()).conversation_id is None
    await kept.open()
    thread = await kept.room.thread()
    assert (thread.mode, thread.conversation_id, thread.title) == ("conversation", "conv_1", "Plan a trip")
    assert kept.service.port.metadata["conv_1"]["title"] == "Plan a trip"


async def test_why_a_thread_is_a_chain_is_kept_with_it(kept: Kept) -> None:
    kept.service.port.failures.append(AppError(Code.NOT_AVAILABLE, http_status=404))
    await kept.open()
    await kept.room.say("user", "Plan a trip", "u")
    await kept.room.response("r1")
    thread = await kept.room.thread()
    assert (thread.mode, thread.conversation_id, thread.response_id) == ("chain", None, "r1")
    assert thread.note == "No conversation could be used: this service has none. So this is a chain of answers."


async def test_a_chain_that_the_settings_want_says_so(kept: Kept) -> None:
    kept.chains = True
    await kept.open()
    await kept.room.say("user", "Plan a trip", "u")
    thread = await kept.room.thread()
    assert (thread.mode, thread.note) == ("chain", SET_TO_CHAINS)


async def test_a_token_of_a_thread_that_goes_on_changes_nothing(kept: Kept) -> None:
    await kept.open()
    await kept.room.say("user", "Plan a trip", "u")
    before = await kept.room.thread()
    await kept.room.granted()
    assert await kept.room.thread() == before


async def test_an_old_thread_that_begins_anew_forgets_what_it_went_on_from(kept: Kept) -> None:
    """A thread of a demo service that is gone."""
    gone = Identity(origin="http://127.0.0.1:1", fingerprint="00000000", demo=True)
    old = Thread(
        id="t", title="Old", mode="conversation", created_at=1.0, updated_at=1.0, identity=gone,
        conversation_id="conv_old", response_id="r9", earlier_response_id="r8",
    )  # fmt: skip
    item = Item(key="k", role="user", source="text", text="Hi", state="final", at=1.0)
    await kept.room.disk.put_thread(old)
    await kept.room.disk.put_item("t", item)
    kept.room.recorder.begin(old, (item,))
    await kept.open()
    thread = await kept.room.thread()
    assert (thread.conversation_id, thread.response_id, thread.identity) == ("conv_1", None, IDENTITY)
    assert thread.title == "Old"
