"""Every decision of a session: `step(state, event) -> state, effects`. No clock, no I/O, no log.

One room counts (`Session.ticket`). For a moment there may be another: the successor that is being made, or the room
that is left. Facts of any other room mean nothing.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentStateChanged,
    CaptionReceived,
    ConnectRequested,
    DevicesChanged,
    Event,
    GrantFailed,
    GrantReady,
    HangUpRequested,
    JoinFailed,
    KeptNotSent,
    KeptSent,
    MicrophoneClosed,
    MicrophoneFailed,
    MicrophoneLoud,
    MicrophoneReady,
    MuteChanged,
    ResponseStarted,
    RetryRequested,
    RoomHeard,
    RoomJoined,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
    ServiceErrorReceived,
    SpeechDropped,
    SpeechRepeated,
    StopRequested,
    TalkChanged,
    TextGoesOut,
    TextHandedOver,
    TimerFired,
)
from mka1_desktop.session import hush, leaving, ready, renewal, speech, succession, surroundings, turns
from mka1_desktop.session.effects import Effect, HearRoom, Show, Step
from mka1_desktop.session.joining import joining
from mka1_desktop.session.rooms import room
from mka1_desktop.session.state import Live, Session
from mka1_desktop.session.timers import fired
from mka1_desktop.session.wishes import wish


def step(session: Session, event: Event) -> Step:
    """Decide what an event means now."""
    ticket = getattr(event, "ticket", session.ticket)
    if ticket == session.ticket:
        now, effects = _main(session, event)
    elif session.successor is not None and ticket == session.successor.ticket:
        now, effects = succession.step(session, session.successor, event)
    elif session.leaving is not None and ticket == session.leaving.ticket:
        now, effects = leaving.step(_remember(session, event), session.leaving, event)
    else:
        return session, ()
    now, renewed = renewal.check(now)
    now, spoken = speech.settle(now)
    now, warmed = ready.settle(now)
    return now, (*effects, *renewed, *warmed, *spoken)


def concerns(session: Session, event: Event) -> bool:
    """Whether an event is part of the conversation: of a room that is heard, and no second greeting."""
    ticket = getattr(event, "ticket", session.ticket)
    if ticket == session.ticket:
        return not (isinstance(session.link, Live) and hush.swallows(session.link, event))
    if session.successor is not None and ticket == session.successor.ticket:
        return isinstance(event, GrantReady | GrantFailed | RoomJoined)
    return session.leaving is not None and ticket == session.leaving.ticket


def _main(session: Session, event: Event) -> Step:
    match event:
        case ConnectRequested() | HangUpRequested() | RetryRequested() | MuteChanged() | TalkChanged():
            return wish(session, event)
        case GrantReady() | GrantFailed() | RoomJoined() | JoinFailed():
            return joining(session, event)
        case (
            RoomResuming() | RoomResumed() | RoomSilent() | RoomHeard() | RoomLost() | AgentJoined() | AgentLeft()
            | ServiceErrorReceived()
        ):  # fmt: skip
            return room(session, event)
        case TimerFired(timer=timer, serial=serial):
            return fired(session, timer) if session.timers.get(timer) == serial else (session, ())
        case KeptSent() | KeptNotSent() | SpeechDropped() | SpeechRepeated():
            return speech.follow(session, event)
        case MicrophoneFailed(trouble=trouble):
            return session, (Show(trouble=trouble),)
        case MicrophoneLoud(loud=loud):
            return replace(session, loud=loud), ()
        case TextGoesOut() if isinstance(session.link, Live):
            return replace(session, link=hush.follow(session.link, event)), ()
        case MicrophoneReady() | MicrophoneClosed() | DevicesChanged():
            return session, ()
        case (
            AgentStateChanged() | AgentSoundStarted() | AgentSoundStopped() | CaptionReceived() | ResponseStarted()
            | StopRequested() | TextHandedOver()
        ):  # fmt: skip
            return _turn(session, event)
        case _:
            return surroundings.step(session, event)


def _turn(session: Session, event: turns.TurnEvent) -> Step:
    """A sign of the conversation; a second greeting is none, and the first answer ends the wait for it."""
    live = session.link
    if not isinstance(live, Live):
        return session, ()
    if hush.swallows(live, event):
        return replace(session, link=hush.follow(live, event)), ()
    lifts, effects = hush.lifts(live, event), list[Effect]()
    live = hush.follow(live, event)
    if isinstance(event, CaptionReceived) and event.speaker == "user":
        live = replace(live, user_open=not event.final)
    if lifts or isinstance(event, StopRequested | TextHandedOver):  # a text interrupts, as it does in one room
        session, left = leaving.cut(session)
        effects += left
    if lifts:
        live = hush.lifted(live)
        effects.append(HearRoom(ticket=session.ticket))
    if isinstance(event, ResponseStarted):  # it works: failures count anew from now on
        session, live = replace(session, failures=0), replace(live, tries=1)
    session, forgotten = speech.follow(replace(session, link=live), event)
    session, more = turns.step(_remember(session, event), event)
    return session, (*effects, *forgotten, *more)


def _remember(session: Session, event: Event) -> Session:
    """Keep the newest answer's id, to go on from; a conversation needs none."""
    match event:
        case ResponseStarted(conversation_id=str(conversation)) if session.continuation.response_id is None:
            return replace(session, continuation=Continuation(conversation_id=conversation))
        case ResponseStarted(response_id=str(response)) if not session.continuation.conversation_id:
            if session.continuation.response_id == response:
                return session
            return replace(session, earlier=session.continuation, continuation=Continuation(response_id=response))
        case _:
            return session
