"""What can be seen of a running session: one base class with a method for each kind of news."""

from __future__ import annotations

from collections.abc import Sequence

from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import Event
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.state import Session


class Watcher:
    """Overrides what it wants to know. Called on the loop's thread, in order; must return at once."""

    def on_session(self, session: Session) -> None: ...

    def on_event(self, event: Event, session: Session) -> None:
        """Every event, after the state has followed it."""

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """Turns began or changed."""

    def on_records(self, records: Sequence[Record]) -> None:
        """Caption segments began or changed."""

    def on_told(self, told: Tell) -> None: ...

    def on_notice(self, trouble: Trouble) -> None: ...

    def on_notice_cleared(self) -> None: ...

    def on_turn_failed(self, trouble: Trouble) -> None: ...
