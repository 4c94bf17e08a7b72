"""When a session is renewed ahead of its token's end, and when the new room takes over."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.events import Timer
from mka1_desktop.session.build import cancel, start
from mka1_desktop.session.effects import Step, WatchLevel
from mka1_desktop.session.state import Live, Phase, Session, Successor
from mka1_desktop.session.succession import begin, take_over
from mka1_desktop.session.tokens import PAUSE_S, pause, person_speaks


def check(session: Session) -> Step:
    """Look whether it is time; called after every event."""
    session, effects = _decide(session)
    live = session.link
    waits = isinstance(live, Live) and live.renewal_due and live.well
    watch = waits and session.talk_open and not session.muted
    if watch == session.watching:
        return session, effects
    return replace(session, watching=watch), (*effects, WatchLevel(watch=watch))


def _decide(session: Session) -> Step:
    live, successor = session.link, session.successor
    if not isinstance(live, Live):
        return session, ()
    if successor is not None:
        if successor.agent is None or not _may_take_over(session, live, successor):
            return session, ()
        if _outdated(session, successor):  # an answer came meanwhile that the new room does not know
            return begin(session, why=successor.why, cause=successor.cause, tries=successor.tries)
        return take_over(session, live, successor)
    wanted = live.renewal_due and live.well and live.agent is not None and session.leaving is None
    if wanted and live.renewal_forced:
        return begin(cancel(session, Timer.PAUSE), why="renewal", cause="renewal")
    if not wanted or not pause(session, live):
        return cancel(session, Timer.PAUSE), ()
    if Timer.PAUSE in session.timers:
        return session, ()
    session, started = start(session, Timer.PAUSE, PAUSE_S)
    return session, (started,)


def _may_take_over(session: Session, live: Live, successor: Successor) -> bool:
    """Not in the middle of the person's words, nor while an answer is due, unless time runs out."""
    late = live.renewal_forced or Timer.OVERLAP_LATE not in session.timers
    busy = live.phase is Phase.THINKING or person_speaks(session, live)
    return successor.why == "race" or late or not busy


def _outdated(session: Session, successor: Successor) -> bool:
    chained = session.continuation.response_id is not None
    return chained and successor.continuation != session.continuation and not successor.fell_back
