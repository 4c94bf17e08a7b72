"""The room that was replaced and stays while its answer is spoken: played, and heard no more."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.events import (
    AgentLeft,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    Event,
    ResponseStarted,
    RoomLost,
    RoomResuming,
    RoomSilent,
    ServiceErrorReceived,
    Timer,
)
from mka1_desktop.session.build import cancel, start
from mka1_desktop.session.effects import AnswerCut, LeaveRoom, Step
from mka1_desktop.session.state import Leaving, Session

QUIET_S = 1.0  # an answer whose words are final is over after this long without sound
TIMERS = (Timer.OVERLAP_LATE, Timer.OVERLAP_END, Timer.LEAVING_QUIET)


def step(session: Session, leaving: Leaving, event: Event) -> Step:
    """Follow a fact of the room that is left."""
    match event:
        case AgentSoundStarted():
            return _put(cancel(session, Timer.LEAVING_QUIET), replace(leaving, sound=True, answer_due=False))
        case AgentSoundStopped():
            leaving = replace(leaving, sound=False)
            return _leave(session) if leaving.late else _wait(session, leaving)
        case CaptionReceived(speaker="agent", final=final):
            return _wait(session, replace(leaving, caption_open=not final, answer_due=False))
        case ResponseStarted():
            return _put(session, replace(leaving, answer_due=False, caption_open=True))
        case AgentStateChanged(state=AgentState.LISTENING | AgentState.IDLE):
            over = not leaving.sound and not leaving.answer_due
            return _leave(session) if over else _put(session, leaving)
        case ServiceErrorReceived() | RoomLost() | RoomResuming() | RoomSilent() | AgentLeft():
            return cut(session)
        case _:
            return session, ()


def fired(session: Session, leaving: Leaving, timer: Timer) -> Step:
    """Its time runs out: at the next pause, then at once."""
    if timer is Timer.OVERLAP_LATE and (leaving.sound or leaving.answer_due or leaving.caption_open):
        return replace(session, leaving=replace(leaving, late=True)), ()
    return cut(session)


def cut(session: Session) -> Step:
    """Leave it now: the person speaks or stops it, it is lost, or its time is over."""
    leaving = session.leaving
    if leaving is None:
        return session, ()
    session, left = _leave(session)
    return session, (AnswerCut(), *left) if leaving.sound or leaving.caption_open else left


def _wait(session: Session, leaving: Leaving) -> Step:
    if leaving.sound or leaving.caption_open or leaving.answer_due:
        return _put(session, leaving)
    session, started = start(replace(session, leaving=leaving), Timer.LEAVING_QUIET, QUIET_S)
    return session, (started,)


def _put(session: Session, leaving: Leaving) -> Step:
    return replace(session, leaving=leaving), ()


def _leave(session: Session) -> Step:
    if session.leaving is None:
        return session, ()
    left = LeaveRoom(ticket=session.leaving.ticket)
    return cancel(replace(session, leaving=None), *TIMERS), (left,)
