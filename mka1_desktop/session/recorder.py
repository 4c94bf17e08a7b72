"""Final words, typed texts and response ids -> history, as soon as they happen and in order."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from mka1_desktop.domain.conversation import (
    SET_TO_CHAINS,
    UNTITLED,
    Identity,
    Item,
    Mode,
    Opened,
    Thread,
    title_from,
    why_chain,
)
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import Event, GrantReady, ResponseStarted
from mka1_desktop.ports.store import HistoryPort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.opener import ConversationOpener
from mka1_desktop.session.state import Session
from mka1_desktop.session.watch import Watcher

__all__ = ["UNTITLED", "Recorder"]


class Recorder(Watcher):
    """Keeps one thread at a time. What cannot be saved is told once a kind, and goes on being tried by the store.

    A thread is made with its first words, so that none stays empty. A conversation becomes its own with the first
    words of the person, and not before: until then the next thread may need it.
    """

    def __init__(
        self,
        *,
        history: HistoryPort,
        clock: ClockPort,
        identity: Identity | None,
        mode: Mode = "chain",
        opener: ConversationOpener | None = None,
        on_trouble: Callable[[Trouble], None],
        on_saved: Callable[[Thread], None] = lambda _: None,
    ) -> None:
        self._history = history
        self._clock = clock
        self.identity = identity
        self._mode: Mode = mode
        self._opener = opener
        self._on_trouble = on_trouble
        self._on_saved = on_saved
        self._queue: asyncio.Queue[tuple[Thread, Item | None]] = asyncio.Queue()
        self._writing: tuple[Thread, Item | None] | None = None  # a cancelled write is done again
        self._told: set[Code] = set()
        self._early: list[ResponseStarted] = []  # ids that came before the first words
        self._saved: dict[str, Item] = {}
        self._going_on: str | None = None  # the answer that the newest room goes on from
        self._asked = False  # the person has said something in this thread
        self._opened: Opened | None = None  # what the fresh thread began with
        self.thread: Thread | None = None

    def begin(self, thread: Thread | None, items: Sequence[Item] = ()) -> None:
        """Go on with this thread, or with a new one."""
        self.thread = thread
        self._early.clear()
        self._opened = self._going_on = None
        self._asked = any(item.role == "user" for item in items)
        self._saved = {item.key: replace(item, index=-1) for item in items}

    def belong_to(self, identity: Identity) -> None:
        """What is said from now on is said as this one; a thread that was nobody's yet becomes theirs."""
        self.identity = identity
        if self.thread is not None and self.thread.identity is None:
            self._keep(replace(self.thread, identity=identity))

    def rename(self, title: str) -> None:
        """The person renamed the open thread."""
        if self.thread is not None:
            self.thread = replace(self.thread, title=title)

    def began_with(self, opened: Opened) -> None:
        """The thread that is open goes on from nothing of its own but this: a new conversation, or a chain."""
        self._opened = opened
        self._early.clear()
        if self.thread is not None:
            owner = self.identity or self.thread.identity
            thread = replace(
                self.thread, conversation_id=None, response_id=None, earlier_response_id=None, identity=owner
            )
            self._keep(self._begun(thread))

    async def run(self) -> None:
        """Write what comes, until cancelled; a later `run` begins with what the cancellation cut."""
        while True:
            if self._writing is None:
                self._writing = await self._queue.get()
            await self._write(*self._writing)
            self._writing = None
            self._queue.task_done()

    async def flush(self) -> None:
        """Return when everything told so far has been written (or refused by the store)."""
        await self._queue.join()

    async def _write(self, thread: Thread, item: Item | None) -> None:
        try:
            if item is None:
                await self._history.put_thread(thread)
            else:
                await self._history.put_item(thread.id, item)
        except AppError as error:
            if error.code not in self._told:
                self._told.add(error.code)
                self._on_trouble(error.trouble)
        else:
            self._told.clear()
            self._on_saved(thread)

    # --- Watcher -----------------------------------------------------------------------------------------------

    def on_entries(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            item = entry.item()
            if item.text and self._saved.get(item.key) != item:
                self._saved[item.key] = item
                self._queue.put_nowait((self._touched(item), item))

    def on_event(self, event: Event, session: Session) -> None:
        if isinstance(event, GrantReady) and event.continuation is not None:
            self.began_with(Opened(continuation=event.continuation, refused=event.refused))
        if not isinstance(event, ResponseStarted):
            return
        if self.thread is None:
            self._early = [*self._early[-1:], event]  # the newest and the one before it
        else:
            self._keep(self._with_ids(self.thread, event))

    def on_told(self, told: Tell) -> None:
        if told.news == "token":
            self._going_on = told.continues.response_id if told.continues is not None else None

    def _touched(self, item: Item) -> Thread:
        """The thread of this item, made or given a title and a conversation where it is time."""
        thread = self.thread or self._fresh()
        if item.role == "user" and not self._asked:
            self._asked = True
            thread = self._begun(thread)
        if item.role == "user" and thread.title == UNTITLED:
            thread = replace(thread, title=title_from(item.text))
        self._keep(thread)
        return thread

    def _keep(self, thread: Thread) -> None:
        """Save the thread's own fields, if they changed; its conversation gets its title."""
        before, self.thread = self.thread, thread
        if thread == before:
            return
        self._queue.put_nowait((thread, None))
        named = before is not None and (before.conversation_id, before.title) == (thread.conversation_id, thread.title)
        if self._opener is not None and thread.conversation_id and thread.title != UNTITLED and not named:
            self._opener.titled(thread.identity, thread.conversation_id, thread.title)

    def _fresh(self) -> Thread:
        now = self._clock.now()
        chains = self._opener is not None and not self._opener.wanted and self._mode == "chain"
        thread = Thread(
            id=uuid.uuid4().hex, title=UNTITLED, mode=self._mode, created_at=now, updated_at=now,
            identity=self.identity, note=SET_TO_CHAINS if chains else None,
        )  # fmt: skip
        thread = self._begun(thread)
        for event in self._early:
            thread = self._with_ids(thread, event)
        self._early.clear()
        return thread

    def _begun(self, thread: Thread) -> Thread:
        """The thread with what was opened for it: a conversation, once the person has said something, or a chain."""
        if self._opened is None or thread.mode == "private":
            return thread
        opened = self._opened.continuation.conversation_id
        if opened is None:
            return replace(thread, mode="chain", note=why_chain(self._opened.refused))
        thread = replace(thread, mode="conversation", note=None)
        if not self._asked or thread.conversation_id == opened:
            return thread
        if self._opener is not None:
            self._opener.used(opened)
        return replace(thread, conversation_id=opened)

    def _with_ids(self, thread: Thread, event: ResponseStarted) -> Thread:
        """Remember the newest answer and the one before it: that which it goes on from, if the newest was refused."""
        if event.conversation_id is not None and (self._asked or self._opened is None) and thread.mode != "private":
            thread = replace(thread, mode="conversation", conversation_id=event.conversation_id, note=None)
        if event.response_id is not None and event.response_id != thread.response_id:
            before, self._going_on = self._going_on or thread.response_id, None
            thread = replace(thread, earlier_response_id=before, response_id=event.response_id)
        return thread
