"""Which words answer which input: the greeting and each input get one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import (
    AgentSoundStarted,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    Event,
    KeptSent,
    ResponseStarted,
)
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.state import Failed, Live, Phase, Session
from mka1_desktop.session.watch import Watcher


@dataclass(slots=True, eq=False)
class Answer:
    """What has come for one input so far."""

    index: int | None  # None: the greeting
    spoken: bool = False  # the input is sound
    entries: dict[str, Entry] = field(default_factory=dict)
    response_ids: list[str] = field(default_factory=list)
    trouble: Trouble | None = None  # an error packet ended it
    lost: bool = False  # the room went away
    sound: bool = False
    signs: int = 0  # response ids, captions, sounds
    sent: bool = False  # the input is completely out

    @property
    def answered(self) -> bool:
        """The contract: a response id or a caption came, even if the answer was cut."""
        return bool(self.response_ids or self.entries)

    @property
    def text(self) -> str:
        return " ".join(e.text for e in self.entries.values() if e.text)

    @property
    def heard_text(self) -> str:
        heard = (e.text if e.heard_text is None else e.heard_text for e in self.entries.values())
        return " ".join(t for t in heard if t)

    @property
    def complete(self) -> bool:
        last = list(self.entries.values())[-1:]
        cut = any(e.state == "interrupted" or not e.final for e in last)
        return bool(last) and not cut and self.trouble is None and not self.lost


PASSING = ("resuming", "silent", "sleep")  # the room may still come back, and its answer go on


class AnswerBook(Watcher):
    """Follows a session; `changed` is set at every sign of life.

    `greeting_may_come`: the first input did not wait for the greeting, so what speaks before the input is taken up
    is the greeting and not the answer.
    """

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.session = Session()
        self.greeting = Answer(None)
        self.current = self.greeting
        self.greeting_may_come = False
        self.last_response_id: str | None = None
        self._taken_up = False
        self._old: set[str] = set()

    def begin(self, index: int, *, spoken: bool = False) -> Answer:
        """From now on, what comes belongs to this input."""
        self._old.update(self.current.entries)
        self._taken_up = False
        self.current = Answer(index, spoken)
        return self.current

    @property
    def listening(self) -> bool:
        """The person's turn: quiet, or a voice goes on that was stopped here."""
        link = self.session.link
        if self.session.leaving is not None:  # the room before goes on speaking
            return False
        if not isinstance(link, Live) or link.phase not in (Phase.LISTENING, Phase.INTERRUPTED):
            return False
        return link.silenced or not link.sound

    @property
    def saying(self) -> bool:
        """What was said is not all out: a room went, and the next one gets it."""
        return self.session.speech.pending or self.session.speech.sending

    @property
    def failed(self) -> Trouble | None:
        link = self.session.link
        return link.trouble if isinstance(link, Failed) else None

    @property
    def _greeting_owed(self) -> bool:
        return self.greeting_may_come and self.current.index is not None and not self._taken_up

    def _sign(self, answer: Answer) -> None:
        answer.signs += 1
        self.changed.set()

    # --- Watcher -----------------------------------------------------------------------------------------------

    def on_session(self, session: Session) -> None:
        self.session = session
        self.changed.set()

    def on_event(self, event: Event, session: Session) -> None:
        match event:
            case ResponseStarted(response_id=str(response)):
                self._taken_up = True
                self.last_response_id = response
                if response not in self.current.response_ids:
                    self.current.response_ids.append(response)
                self._sign(self.current)
            case KeptSent() if self.current.spoken and not self.current.answered:  # the new room answers
                self.current.lost = False
                self._sign(self.current)
            case AgentSoundStarted():
                self.current.sound = True
                self._sign(self.current)
            case AgentStateChanged(state=AgentState.THINKING):
                self._taken_up = True
                self.changed.set()
            case CaptionReceived(speaker="user"):
                self._taken_up = True
                self.changed.set()
            case _:
                return

    def on_entries(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.role != "assistant":
                continue
            if (
                entry.key in self.greeting.entries
                or entry.greeting
                or (entry.key not in self.current.entries and self._greeting_owed)
            ):
                self.greeting.entries[entry.key] = entry
                self._sign(self.greeting)
            elif entry.key not in self._old:
                self.current.entries[entry.key] = entry
                self._sign(self.current)

    def on_told(self, told: Tell) -> None:
        if told.news == "lost" and told.cause not in PASSING:
            self.current.lost = True
            self.changed.set()

    def on_turn_failed(self, trouble: Trouble) -> None:
        self.current.trouble = trouble
        self.changed.set()
