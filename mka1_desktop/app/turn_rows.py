"""Entries of the dialogue -> rows of the conversation view."""

from __future__ import annotations

from mka1_desktop.app.repeating import UNANSWERED
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Failed, Idle, Live, Phase, Session
from mka1_desktop.viewmodels.transcript import TurnView


def turn_row(
    entry: Entry, session: Session, *, newest: bool, spoken_chars: int | None, failed: bool = False,
    recorded: bool = False, can_hear: bool = False, playing: bool = False,
) -> TurnView:  # fmt: skip
    """Return the row of one entry. `spoken_chars`: how far a running answer is; None: as far as its words.

    `failed`: of a spoken turn, no answer came; `recorded`: what was said is still here; `can_hear`, `playing`: see
    TurnView.
    """
    live = newest and _is_live(entry, session)
    typed = entry.role == "user" and entry.source == "text"
    cut = entry.state == "interrupted"
    heard = entry.heard_chars if cut else spoken_chars if live and entry.role == "assistant" else None
    return TurnView(
        key=entry.key,
        role=entry.role,
        text=entry.text,
        source=entry.source,
        state="failed" if failed and entry.state == "final" else entry.state,
        can_send_again=recorded if failed else typed and entry.state in UNANSWERED,
        on_hold=typed and entry.state in ("waiting", "sent") and isinstance(session.link, Idle | Failed),
        at=entry.at,
        interim=not entry.final and entry.role == "user",
        settled_chars=len(entry.final_text),
        heard_chars=heard,
        interrupted=cut and heard is not None and heard < len(entry.text),
        live=live,
        can_branch=entry.role == "assistant" and entry.response_id is not None and entry.final and not live,
        stopped_at_s=entry.sound_s if cut and entry.sound_s else None,
        can_hear=can_hear and not live,
        playing=playing,
    )


def _is_live(entry: Entry, session: Session) -> bool:
    if not isinstance(session.link, Live):
        return False
    if entry.role == "user":
        return entry.source == "voice" and session.sending and not entry.final
    return session.link.phase in (Phase.SPEAKING, Phase.GREETING) and entry.state != "interrupted"
