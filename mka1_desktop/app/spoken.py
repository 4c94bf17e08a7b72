"""What `converse` shows to people: final words of both sides, plain, and what went wrong meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.plain import plain
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.watch import Watcher


class Spoken(Watcher):
    """Prints each final segment and each typed text once; `tell` gets a sentence about each trouble.

    The same trouble again and again, as while a network is away, is told once.
    """

    def __init__(self, out: TextIO, *, tell: Callable[[str], object] = lambda _: None) -> None:
        self._out = out
        self._tell = tell
        self._typed: set[str] = set()
        self.told: str | None = None

    def on_records(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.final:
                self._line("You" if record.speaker == "user" else "MKA1", record.text)

    def on_entries(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.source == "text" and entry.role == "user" and entry.key not in self._typed:
                self._typed.add(entry.key)
                self._line("You", entry.text)

    def on_notice(self, trouble: Trouble) -> None:
        if trouble.text != self.told:
            self.told = trouble.text
            self._tell(trouble.text)

    def _line(self, who: str, text: str) -> None:
        try:
            self._out.write(f"{who}: {plain(text)}\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            return
