"""Final words, typed texts and response ids -> history, as soon as they happen and in order."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from mka1_desktop.domain.conversation import Identity, Item, Mode, Thread, title_from
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import Event, ResponseStarted
from mka1_desktop.ports.store import HistoryPort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Session
from mka1_desktop.session.watch import Watcher

UNTITLED = "New conversation"


class Recorder(Watcher):
    """Keeps one thread at a time. What cannot be saved is told once a kind, and goes on being tried by the store.

    A thread is made with its first words, so that none stays empty.
    """

    def __init__(
        self,
        *,
        history: HistoryPort,
        clock: ClockPort,
        identity: Identity | None,
        mode: Mode = "chain",
        on_trouble: Callable[[Trouble], None],
        on_saved: Callable[[Thread], None] = lambda _: None,
    ) -> None:
        self._history = history
        self._clock = clock
        self.identity = identity
        self._mode: Mode = mode
        self._on_trouble = on_trouble
        self._on_saved = on_saved
        self._queue: asyncio.Queue[tuple[Thread, Item | None]] = asyncio.Queue()
        self._writing: tuple[Thread, Item | None] | None = None  # a cancelled write is done again
        self._told: set[Code] = set()
        self._early: list[ResponseStarted] = []  # ids that came before the first words
        self._saved: dict[str, Item] = {}
        self.thread: Thread | None = None

    def begin(self, thread: Thread | None, items: Sequence[Item] = ()) -> None:
        """Go on with this thread, or with a new one."""
        self.thread = thread
        self._early.clear()
        self._saved = {item.key: replace(item, index=-1) for item in items}

    def rename(self, title: str) -> None:
        """The person renamed the open thread."""
        if self.thread is not None:
            self.thread = replace(self.thread, title=title)

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
        if not isinstance(event, ResponseStarted):
            return
        if self.thread is None:
            self._early = [*self._early[-1:], event]  # the newest and the one before it
            return
        thread = _with_ids(self.thread, event)
        if thread != self.thread:
            self.thread = thread
            self._queue.put_nowait((thread, None))

    def _touched(self, item: Item) -> Thread:
        """The thread of this item, made or given a title where it is time."""
        thread = self.thread or self._fresh()
        if item.role == "user" and thread.title == UNTITLED:
            thread = replace(thread, title=title_from(item.text))
        if thread != self.thread:
            self.thread = thread
            self._queue.put_nowait((thread, None))
        return thread

    def _fresh(self) -> Thread:
        now = self._clock.now()
        thread = Thread(
            id=uuid.uuid4().hex, title=UNTITLED, mode=self._mode, created_at=now, updated_at=now,
            identity=self.identity,
        )  # fmt: skip
        for event in self._early:
            thread = _with_ids(thread, event)
        self._early.clear()
        return thread


def _with_ids(thread: Thread, event: ResponseStarted) -> Thread:
    """Remember the newest answer and the one before it."""
    if event.conversation_id is not None:
        thread = replace(thread, conversation_id=event.conversation_id)
    if event.response_id is not None and event.response_id != thread.response_id:
        thread = replace(thread, earlier_response_id=thread.response_id, response_id=event.response_id)
    return thread
