"""What is closed here: captions in which nothing moves any more though no final flag came, turns whose room is gone."""

from __future__ import annotations

from typing import TypeAlias

from mka1_desktop.domain.captions import Record
from mka1_desktop.session.dialogue import Dialogue, Entry
from mka1_desktop.session.entry import unanswered_text
from mka1_desktop.session.state import Connecting, Live, Session

SETTLE_EVERY_S = 0.5
AGENT_SETTLE_S = 2.0  # open questions 24
USER_SETTLE_S = 5.0  # a recogniser may take its time before it says "final"
Changes: TypeAlias = tuple[tuple[Record, ...], tuple[Entry, ...]]


def settle(dialogue: Dialogue, session: Session, *, at_s: float, at: float) -> Changes:
    """Close what the service leaves open; an answer not before its voice is quiet."""
    live = session.link
    sounding = isinstance(live, Live) and live.sound and not live.silenced
    records: tuple[Record, ...] = ()
    entries: tuple[Entry, ...] = ()
    agent_since_s, user_since_s = dialogue.open_since("agent"), dialogue.open_since("user")
    if agent_since_s is not None and not sounding and at_s - agent_since_s >= AGENT_SETTLE_S:
        records, entries = dialogue.settle("agent", at_s=at_s, at=at)
    if user_since_s is not None and at_s - user_since_s >= USER_SETTLE_S:
        more, turns = dialogue.settle("user", at_s=at_s, at=at)
        records, entries = (*records, *more), (*entries, *turns)
    return records, entries


def unanswered(dialogue: Dialogue, session: Session) -> tuple[str, ...]:
    """Return the key of what was typed and had arrived in a room that was lost before it answered.

    Nobody sends that again but the person, who is told so; one who has hung up wants no answer.
    """
    key = unanswered_text(dialogue.entries) if isinstance(session.link, Connecting | Live) else None
    return () if key is None else (key,)


def room_gone(before: Session, now: Session) -> bool:
    """Whether a room that spoke is nobody's any more: hung up, lost, failed, or exchanged for another."""
    stays = now.leaving is not None and now.leaving.ticket == before.ticket
    left = before.leaving is not None and now.leaving != before.leaving and now.leaving is None
    return left or (isinstance(before.link, Live) and now.ticket != before.ticket and not stays)
