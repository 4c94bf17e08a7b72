"""A wait that is over."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import Timer
from mka1_desktop.session import hush, leaving, succession, tokens, turns
from mka1_desktop.session.build import again, cancel, hang_up, start
from mka1_desktop.session.effects import Show, Step
from mka1_desktop.session.state import Live, Session

AGENT_ABSENT_AGAIN_S = 10.0  # 20 s in all, then a new room (open question 9)


def fired(session: Session, timer: Timer) -> Step:
    """Decide what the end of a wait means."""
    session = cancel(session, timer)
    live = session.link
    if timer is Timer.READY_END:
        return replace(session, rested=True), ()
    if timer is Timer.IDLE_END:
        return hang_up(session)
    if not isinstance(live, Live):
        return session, ()
    match timer:
        case Timer.AGENT_ABSENT if live.agent is None:
            session, started = start(session, Timer.AGENT_GONE, AGENT_ABSENT_AGAIN_S)
            return session, (Show(trouble=Trouble(Code.AGENT_ABSENT)), started)
        case Timer.AGENT_GONE if live.agent is None:
            return again(session, Trouble(Code.AGENT_LEFT), tries=live.tries, cause="no agent")
        case Timer.RESUME_LIMIT if not live.well:
            return _race(session)
        case Timer.SETTLED:
            return replace(session, link=replace(hush.settled(live), tries=1)), ()
        case Timer.EXPIRY_NEAR | Timer.EXPIRY_CLOSE | Timer.EXPIRY_PAST:
            return tokens.fired(session, live, timer), ()
        case Timer.PAUSE:
            return succession.begin(session, why="renewal", cause="renewal")
        case Timer.OVERLAP_LATE | Timer.OVERLAP_END | Timer.LEAVING_QUIET:
            return _overlap(session, live, timer)
        case _:
            return turns.timer(session, live, timer)


def _race(session: Session) -> Step:
    """The SDK had its time: a new room is made while it goes on trying."""
    if session.successor is not None:
        return replace(session, successor=replace(session.successor, why="race")), ()
    return succession.begin(session, why="race", cause="resume failed")


def _overlap(session: Session, live: Live, timer: Timer) -> Step:
    """Two rooms are joined no longer than this."""
    successor = session.successor
    if session.leaving is not None:
        return leaving.fired(session, session.leaving, timer)
    if successor is None or timer is not Timer.OVERLAP_END:
        return session, ()
    if successor.agent is not None:
        return succession.take_over(session, live, successor)
    return succession.too_long(session, successor)
