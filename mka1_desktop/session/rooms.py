"""What happens to the room that counts: lost, silent, back again; its agent; errors that the service tells of."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    RoomHeard,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
    ServiceErrorReceived,
    Timer,
)
from mka1_desktop.session import tokens, turns
from mka1_desktop.session.build import again, cancel, start, unheard
from mka1_desktop.session.effects import ClearNotice, Effect, Step, Tell
from mka1_desktop.session.service_errors import service_error
from mka1_desktop.session.state import Live, Phase, Session
from mka1_desktop.session.succession import SETTLE_S, give_up, promote

RESUME_LIMIT_S = 4.0  # what the SDK's own resume gets
AGENT_GONE_S = 10.0
RoomFact: TypeAlias = (
    RoomResuming | RoomResumed | RoomSilent | RoomHeard | RoomLost | AgentJoined | AgentLeft | ServiceErrorReceived
)


def room(session: Session, event: RoomFact) -> Step:
    """Follow a fact of the joined room."""
    live = session.link
    if not isinstance(live, Live):
        return session, ()
    match event:
        case RoomResuming():
            return _unwell(session, replace(live, resuming=True), live, "resuming")
        case RoomSilent():
            return _unwell(session, replace(live, silent=True), live, "silent")
        case RoomResumed():
            return _well(session, replace(live, resuming=False, silent=False), live, "resumed")
        case RoomHeard():
            return _well(session, replace(live, silent=False), live, "heard again")
        case RoomLost(reason=reason):
            return _lost(session, live, reason)
        case AgentJoined(identity=identity):
            return _agent_here(session, live, identity)
        case AgentLeft(identity=identity) if identity == live.agent:
            session = replace(session, link=replace(live, agent=None), speech=unheard(session.speech))
            session, timer = start(session, Timer.AGENT_GONE, AGENT_GONE_S)
            return session, (Tell(news="lost", ticket=session.ticket, cause="agent left"), timer)
        case AgentLeft():
            return session, ()
        case ServiceErrorReceived(trouble=trouble):
            return service_error(session, live, trouble)


def _unwell(session: Session, live: Live, before: Live, cause: str) -> Step:
    """The SDK gets a moment to come back by itself; then a new room races against it."""
    session = replace(session, link=live)
    if not before.well:
        return session, ()  # its time limit runs already, or is over
    session, timer = start(session, Timer.RESUME_LIMIT, RESUME_LIMIT_S)
    return session, (Tell(news="lost", ticket=session.ticket, cause=cause), timer)


def _well(session: Session, live: Live, before: Live, cause: str) -> Step:
    """The old room listened first: the new one is not needed."""
    session = replace(session, link=live)
    if before.well or not live.well:
        return session, ()
    session, effects = give_up(cancel(session, Timer.RESUME_LIMIT, Timer.OVERLAP_LATE, Timer.OVERLAP_END))
    return session, (Tell(news="renewed", ticket=session.ticket, cause=cause), *effects, ClearNotice())


def _lost(session: Session, live: Live, reason: str) -> Step:
    told: Effect = Tell(news="lost", ticket=session.ticket, cause=reason)
    session, learnt = tokens.lost(session, live)
    if session.successor is not None:
        session, effects = promote(session, session.successor)
    else:
        session, effects = again(session, Trouble(Code.ROOM_LOST), tries=live.tries, cause=reason)
    return session, (told, *learnt, *effects)


def _agent_here(session: Session, live: Live, identity: str) -> Step:
    if live.agent == identity:
        return session, ()
    session = cancel(replace(session, had_room=True), Timer.AGENT_ABSENT, Timer.AGENT_GONE)
    if live.agent is not None:
        return replace(session, link=replace(live, agent=identity)), ()
    told = Tell(news="agent", ticket=session.ticket)
    if live.hush is None:
        session, timer = start(
            replace(session, link=replace(live, agent=identity)), Timer.GREETING_QUIET, turns.QUIET_S
        )
        return session, (told, timer, ClearNotice())
    phase = Phase.LISTENING if live.phase is Phase.GREETING else live.phase
    session, timer = start(replace(session, link=replace(live, agent=identity, phase=phase)), Timer.SETTLED, SETTLE_S)
    if Timer.IDLE_END in session.timers:
        return session, (told, timer, ClearNotice())
    session, idle = start(session, Timer.IDLE_END, session.idle_s)
    return session, (told, timer, idle, ClearNotice())
