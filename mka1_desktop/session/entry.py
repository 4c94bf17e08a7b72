"""One turn of one side, as the dialogue builds it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mka1_desktop.domain.conversation import Item, ItemState, Role, Source
from mka1_desktop.domain.events import ResponseStarted
from mka1_desktop.session.outbox import Letter, Stage

EARLIER_S = float("-inf")  # of a turn of an earlier session


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One side's turn. `heard_chars` is where an interruption cut `text`; None: nothing is cut."""

    key: str
    role: Role
    source: Source
    text: str
    final: bool
    state: ItemState
    at: float  # Unix seconds
    at_s: float  # monotonic
    final_text: str = ""  # what history may keep of `text`: what is final, or was cut
    records: tuple[str, ...] = ()
    response_id: str | None = None
    response_ids: tuple[str, ...] = ()
    heard_chars: int | None = None
    sound_s: float = 0.0
    greeting: bool = False
    language: str | None = None
    ticket: int = 0  # of the room it was said in

    @property
    def typed(self) -> bool:
        """Whether the person wrote it."""
        return self.role == "user" and self.source == "text"

    def with_ids(self, events: tuple[ResponseStarted, ...]) -> Entry:
        """Return the entry with these response ids; the newest one counts."""
        ids = tuple(e.response_id for e in events if e.response_id is not None)
        return replace(self, response_id=ids[-1], response_ids=(*self.response_ids, *ids)) if ids else self

    @property
    def heard_text(self) -> str | None:
        return None if self.heard_chars is None else self.text[: self.heard_chars].rstrip()

    def item(self) -> Item:
        """Return the entry as history keeps it: interim words stay out."""
        return Item(
            key=self.key,
            role=self.role,
            source=self.source,
            text=self.final_text,
            state=self.state,
            at=self.at,
            heard_text=self.heard_text,
            response_id=self.response_id,
            language=self.language,
        )


def restored(item: Item) -> Entry:
    """Return the entry of an earlier item. What waited then waits still."""
    return Entry(
        key=item.key, role=item.role, source=item.source, text=item.text, final_text=item.text, final=True,
        state=item.state, at=item.at, at_s=EARLIER_S, response_id=item.response_id,
        response_ids=(item.response_id,) if item.response_id else (),
        heard_chars=None if item.heard_text is None else len(item.heard_text),
    )  # fmt: skip


def letters(entries: Sequence[Entry]) -> tuple[Letter, ...]:
    """Return the typed texts that an earlier session, or run, left on their way."""
    stages: dict[ItemState, Stage] = {"waiting": Stage.WAITING, "sent": Stage.DOUBTED}
    return tuple(
        Letter(key=e.key, text=e.text, stage=stages[e.state]) for e in entries if e.typed and e.state in stages
    )


def unanswered_voice(entries: Sequence[Entry]) -> str | None:
    """Return the key of the newest turn of the person, if it was spoken and no answer came."""
    newest = next((e for e in reversed(entries) if e.role != "notice"), None)
    return newest.key if newest is not None and newest.role == "user" and newest.source == "voice" else None


def unanswered_text(entries: Sequence[Entry]) -> str | None:
    """Return the key of the newest turn of the person, if it was typed here, has arrived, and no answer came."""
    newest = next((e for e in reversed(entries) if e.role != "notice"), None)
    if newest is None or not newest.typed or newest.state != "final" or newest.at_s == EARLIER_S:
        return None
    return newest.key
