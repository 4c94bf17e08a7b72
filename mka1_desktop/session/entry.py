"""One turn of one side, as the dialogue builds it up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mka1_desktop.domain.conversation import Item, ItemState, Role, Source
from mka1_desktop.domain.events import ResponseStarted


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
    final_text: str = ""  # what is final of `text`: the part that history may keep
    records: tuple[str, ...] = ()
    response_id: str | None = None
    response_ids: tuple[str, ...] = ()
    heard_chars: int | None = None
    sound_s: float = 0.0
    greeting: bool = False
    language: str | None = None
    ticket: int = 0  # of the room it was said in

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
