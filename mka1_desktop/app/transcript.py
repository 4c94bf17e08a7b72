"""The machine-readable transcript of `converse`: one JSON object a line, flushed as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TextIO

from mka1_desktop.app.json_line import json_line
from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import Event, ResponseStarted
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.state import Session, Shown
from mka1_desktop.session.watch import Watcher

CAPTION_EVERY_S = 0.112  # nine lines in any second of one segment; the final one may be the tenth


class Transcript(Watcher):
    """Writes lines to `out`; `number` counts the sessions (tokens) so far.

    With `saved`, which returns when everything told so far is in the history, no final caption is written before it
    is kept: what a reader has seen as final survives a kill. Lines after it wait as well, in order.
    """

    def __init__(
        self,
        out: TextIO | None,
        *,
        now: Callable[[], float],
        clean: Callable[[str], str] = lambda text: text,
        saved: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._out = out
        self._now = now
        self._clean = clean  # masks secrets in what a service says about errors
        self._saved = saved
        self._pending: list[str] = []
        self._unsaved = False  # a final caption waits
        self._saving: asyncio.Task[None] | None = None
        self._began_s = now()
        self._shown: Shown | None = None
        self._said: dict[str, tuple[float, Record]] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._finals: set[str] = set()  # keys of records whose final line is written
        self._named: dict[tuple[int, str], str] = {}  # segment of a session -> the record that bears its name
        self._responses: set[str] = set()
        self.number = 0

    def line(self, kind: str, /, **fields: object) -> None:
        """Write one object; where that is no longer possible, the conversation goes on."""
        if self._out is None:
            return
        self._pending.append(json_line({"t": round(self._now() - self._began_s, 3), "type": kind, **fields}))
        self._unsaved = self._unsaved or bool(fields.get("final"))
        if self._saving is not None:
            return
        if self._saved is not None and self._unsaved:
            loop = asyncio.get_running_loop()
            self._saving = loop.create_task(self._write_when_saved(self._saved), name="transcript waits for history")
        else:
            self._write()

    async def _write_when_saved(self, saved: Callable[[], Awaitable[None]]) -> None:
        while self._unsaved:  # finals that come meanwhile are waited for too
            self._unsaved = False
            await saved()
        self._saving = None
        self._write()

    def _write(self) -> None:
        text, self._pending = "".join(self._pending), []
        if self._out is None:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):  # the reader went away, or the disk is full
            self._out = None

    def close(self) -> None:
        """Write what was held back; a segment that was cut by the end is final with what came of it.

        Everything has been saved by now, or never will be.
        """
        if self._saving is not None:
            self._saving.cancel()
        self._saving = self._saved = None
        self._write()
        for _, record in list(self._said.values()):
            if not record.final:
                self._caption(replace(record, final=True))

    def error(self, trouble: Trouble) -> None:
        self.line(
            "error", code=trouble.raw_code or trouble.code.value, service=trouble.service,
            message=self._clean(trouble.text), http_status=trouble.http_status,
            action=trouble.advice.action.value,
        )  # fmt: skip

    # --- Watcher -----------------------------------------------------------------------------------------------

    def on_session(self, session: Session) -> None:
        if session.shown is not self._shown:
            self._shown = session.shown
            self.line("state", state=session.shown.value)

    def on_told(self, told: Tell) -> None:
        if told.news == "token":
            self.number += 1
        self.line(
            "session",
            event=told.news,
            number=max(1, self.number),
            cause=told.cause,
            continues=_continues(told.continues),
        )

    def on_event(self, event: Event, session: Session) -> None:
        if isinstance(event, ResponseStarted):
            name = event.response_id or event.conversation_id or ""
            if name not in self._responses:
                self._responses.add(name)
                self.line("response", response_id=event.response_id, conversation_id=event.conversation_id)

    def on_records(self, records: Sequence[Record]) -> None:
        for record in records:
            at_s, _ = self._said.get(record.key, (float("-inf"), record))
            wait_s = at_s + CAPTION_EVERY_S - self._now()
            if record.final or wait_s <= 0:
                self._caption(record)
            else:
                self._said[record.key] = (at_s, record)
                if record.key not in self._waiting:
                    loop = asyncio.get_running_loop()
                    self._waiting[record.key] = loop.call_later(wait_s, self._late, record.key)

    def on_notice(self, trouble: Trouble) -> None:
        self.error(trouble)

    def _late(self, key: str) -> None:
        if self._waiting.pop(key, None) is not None:
            self._caption(self._said[key][1])

    def _caption(self, record: Record) -> None:
        handle = self._waiting.pop(record.key, None)
        if handle is not None:
            handle.cancel()
        self._said[record.key] = (self._now(), record)
        if record.key in self._finals:  # closed here, and now read otherwise: a segment has one final line
            return
        if record.final:
            self._finals.add(record.key)
        self.line(
            "caption", speaker=record.speaker, segment_id=self._segment(record), text=record.text,
            final=record.final, channel=record.channel,
        )  # fmt: skip

    def _segment(self, record: Record) -> str:
        """The service's name; what goes on after a segment was closed here has a name of its own."""
        name = record.ids[0][1] or record.id_of(record.channel) or record.key
        return name if self._named.setdefault((record.ticket, name), record.key) == record.key else record.key


def _continues(continuation: Continuation | None) -> dict[str, str] | None:
    if not continuation:
        return None
    if continuation.conversation_id:
        return {"conversation_id": continuation.conversation_id}
    return {"response_id": continuation.response_id or ""}
