"""What `converse` shows to people: final words of both sides, plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.plain import plain
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.watch import Watcher


class Spoken(Watcher):
    """Prints each final segment and each typed text once."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._typed: set[str] = set()

    def on_records(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.final:
                self._line("You" if record.speaker == "user" else "MKA1", record.text)

    def on_entries(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.source == "text" and entry.role == "user" and entry.key not in self._typed:
                self._typed.add(entry.key)
                self._line("You", entry.text)

    def _line(self, who: str, text: str) -> None:
        try:
            self._out.write(f"{who}: {plain(text)}\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            return
