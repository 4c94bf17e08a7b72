"""What every short command gets: where things lie, what was asked for, and where to write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from mka1_desktop.app.exit_codes import Exit, exit_for
from mka1_desktop.app.json_line import json_line
from mka1_desktop.app.paths import Paths
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.plain import plain
from mka1_desktop.domain.redact import redact
from mka1_desktop.ports.store import SettingsPort

# In our own history an unknown id is wrong usage; elsewhere these codes come from the service.
_USAGE = frozenset({Code.NOT_FOUND, Code.BAD_MESSAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """One run of one command. Data goes to `out` and nothing else does; the last line on `err` is for people."""

    paths: Paths
    settings: SettingsPort
    account: str
    base_url: str  # in its one form, see domain/urls.py
    on_behalf_of: str | None
    json: bool
    out: TextIO
    err: TextIO
    stdin: TextIO

    def data(self, value: object) -> None:
        """Write one JSON value on one line; characters that move a cursor are escaped in it."""
        self.out.write(json_line(value, compact=True))
        self.out.flush()

    def line(self, text: str) -> None:
        """Write one line for people; control characters in it are shown."""
        self.out.write(plain(text) + "\n")
        self.out.flush()

    def say(self, sentence: str, code: Exit = Exit.DONE) -> int:
        """Write the sentence for people and return the exit code."""
        self.err.write(plain(redact(sentence)) + "\n")
        self.err.flush()
        return int(code)

    def fail(self, error: AppError) -> int:
        """Say what happened and what helps."""
        trouble = error.trouble
        code = Exit.USAGE if error.code in _USAGE else exit_for(error.code)
        return self.say(trouble.text, code)


def iso(at: float) -> str | None:
    """Return Unix seconds as `2026-11-23T21:00:00.000Z`; None for what is no time."""
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
