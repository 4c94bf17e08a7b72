"""What "ask again" sends: the newest question that got no answer, as its text or as its recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from mka1_desktop.domain.audio import Kept
from mka1_desktop.session.dialogue import Entry

SPEECH: Final = "speech"
UNANSWERED: Final = ("failed", "unsure")
Repeat: TypeAlias = Entry | Literal["speech"] | None


def repeat_of(entries: Sequence[Entry], kept: Kept) -> Repeat:
    """Return the typed turn to send again, SPEECH for the recording of the spoken one, or None: nothing is left.

    A text that is on its way is neither: nobody knows yet that it gets no answer. A recording is forgotten once it is
    answered, so one that is there belongs to the newest spoken turn, whether or not words of it ever came.
    """
    newest = newest_of_person(entries)
    if newest is not None and newest.source == "text":
        if newest.state in UNANSWERED:
            return newest
        if newest.state in ("waiting", "sent"):
            return None
    return SPEECH if kept.recorded_s > 0 else None


def newest_of_person(entries: Sequence[Entry]) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.role == "user"), None)
