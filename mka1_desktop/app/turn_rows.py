"""Entries of the dialogue -> rows of the conversation view."""

from __future__ import annotations

from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Live, Phase, Session
from mka1_desktop.viewmodels.transcript import TurnView


def turn_row(entry: Entry, session: Session, *, newest: bool, spoken_chars: int | None) -> TurnView:
    """Return the row of one entry. `spoken_chars`: how far a running answer is; None: as far as its words."""
    live = newest and _is_live(entry, session)
    cut = entry.state == "interrupted"
    heard = entry.heard_chars if cut else spoken_chars if live and entry.role == "assistant" else None
    return TurnView(
        key=entry.key,
        role=entry.role,
        text=entry.text,
        source=entry.source,
        state=entry.state,
        at=entry.at,
        interim=not entry.final and entry.role == "user",
        settled_chars=len(entry.final_text),
        heard_chars=heard,
        interrupted=cut and heard is not None and heard < len(entry.text),
        live=live,
        stopped_at_s=entry.sound_s if cut and entry.sound_s else None,
    )


def _is_live(entry: Entry, session: Session) -> bool:
    if not isinstance(session.link, Live):
        return False
    if entry.role == "user":
        return entry.source == "voice" and session.sending and not entry.final
    return session.link.phase in (Phase.SPEAKING, Phase.GREETING) and entry.state != "interrupted"
