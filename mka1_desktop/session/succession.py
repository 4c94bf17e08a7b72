"""Two rooms for a moment: one that is made while the other is still joined, and the other until its answer is over.

A race: the SDK tries to return to a room that is lost, and a new one is made meanwhile; whichever listens first stays.
A renewal: a new room is ready before the old one ends with its token. Never more than two, and not for longer than
`OVERLAP_END_S`.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    Event,
    GrantFailed,
    GrantReady,
    JoinFailed,
    RoomJoined,
    RoomLost,
    RoomSilent,
    ServiceErrorReceived,
    Timer,
)
from mka1_desktop.session.build import delay, fail, fallback_of, gives_up, start, unheard
from mka1_desktop.session.effects import (
    ClearNotice,
    Effect,
    FetchGrant,
    HandOver,
    JoinRoom,
    LeaveRoom,
    SilenceAgent,
    Step,
    Tell,
)
from mka1_desktop.session.state import Connecting, Hush, Leaving, Live, Phase, Session, Successor, Why
from mka1_desktop.session.tokens import token_timers

OVERLAP_LATE_S = 7.0  # from now on the old room is left at the next pause
OVERLAP_END_S = 10.0
OVERLAP = (Timer.OVERLAP_LATE, Timer.OVERLAP_END)
AGENT_ABSENT_S = 10.0
SETTLE_S = 1.0  # a second greeting begins within this time, or not at all


def begin(
    session: Session, *, why: Why, cause: str, tries: int = 1, delay_s: float = 0.0, jitter: float = 0.0,
    continuation: Continuation | None = None,
) -> Step:  # fmt: skip
    """Ask for a room beside the one that is joined; one that was being made is given up."""
    given_up = give_up(session)[1]
    ticket = session.issued + 1
    going_on = session.continuation if continuation is None else continuation
    fallback = fallback_of(session) if continuation is None else Continuation()
    successor = Successor(
        ticket=ticket, why=why, cause=cause, tries=tries, continuation=going_on, fallback=fallback,
        fell_back=continuation is not None,
    )  # fmt: skip
    fetch = FetchGrant(ticket=ticket, continuation=going_on, delay_s=delay_s, jitter=jitter)
    return replace(session, successor=successor, issued=ticket), (*given_up, fetch)


def give_up(session: Session) -> Step:
    """Leave the room that was being made: it is not needed."""
    if session.successor is None:
        return session, ()
    return replace(session, successor=None), (LeaveRoom(ticket=session.successor.ticket),)


def step(session: Session, successor: Successor, event: Event) -> Step:
    """Follow a fact of the room that is being made."""
    match event:
        case GrantReady(grant=grant, ends=ends):
            successor = replace(successor, lifetime_s=grant.lifetime_s, ends=ends)
            told = Tell(news="token", ticket=successor.ticket, cause=successor.cause, continues=successor.continuation)
            join = JoinRoom(ticket=successor.ticket, grant=grant, quiet=True)
            return replace(session, successor=successor), (told, join)
        case RoomJoined(age_s=age_s):
            session = replace(session, successor=replace(successor, joined=True, age_s=age_s))
            session, late = start(session, Timer.OVERLAP_LATE, OVERLAP_LATE_S)
            session, end = start(session, Timer.OVERLAP_END, OVERLAP_END_S)
            return session, (late, end)
        case AgentJoined(identity=identity) if successor.joined:
            return replace(session, successor=replace(successor, agent=identity)), ()
        case GrantFailed(trouble=trouble) | JoinFailed(trouble=trouble):
            return _failed(session, successor, trouble)
        case ServiceErrorReceived(trouble=trouble) if trouble.advice.policy is not Policy.STAY:
            return _failed(session, successor, trouble)
        case ServiceErrorReceived(trouble=trouble) if trouble.code is Code.INVALID_REQUEST:
            return _failed(session, successor, replace(trouble, code=Code.CONTINUATION_REFUSED))
        case RoomLost() | RoomSilent():
            return _failed(session, successor, Trouble(Code.ROOM_LOST))
        case AgentLeft():
            return _failed(session, successor, Trouble(Code.AGENT_LEFT))
        case _:
            return session, ()


def _failed(session: Session, successor: Successor, trouble: Trouble) -> Step:
    """Try again, later and later. What ends a session ends a race at once, and stops a renewal."""
    if trouble.code is Code.CONTINUATION_REFUSED and successor.fallback:
        session, effects = begin(
            session, why=successor.why, cause=successor.cause, tries=successor.tries, continuation=successor.fallback
        )
        return session, effects
    if gives_up(trouble, successor.tries):
        session, effects = give_up(session)
        if successor.why == "renewal":  # the room that is joined still works: its end will tell
            live = session.link
            if isinstance(live, Live):
                session = replace(session, link=replace(live, renewal_due=False, renewal_forced=False))
            return session, effects
        session, more = fail(session, trouble, cause=trouble.code.value)
        return session, (*effects, *more)
    delay_s, jitter = delay(trouble, successor.tries)
    return begin(
        session, why=successor.why, cause=successor.cause, tries=successor.tries + 1, delay_s=delay_s, jitter=jitter
    )


def too_long(session: Session, successor: Successor) -> Step:
    """Its agent does not come: of a race only this room is left; a renewal is tried once more."""
    if successor.why == "race":
        return promote(session, successor)
    return _failed(session, successor, Trouble(Code.AGENT_LEFT))


def take_over(session: Session, live: Live, successor: Successor) -> Step:
    """The new room listens: microphone and turn go to it; the old one stays only while its answer is spoken."""
    answer_due = live.phase is Phase.THINKING
    speaks = live.phase in (Phase.SPEAKING, Phase.GREETING) and not live.silenced
    stays = successor.why == "renewal" and live.well and (answer_due or speaks)
    leaving = Leaving(
        ticket=session.ticket, answer_due=answer_due, sound=live.sound, caption_open=live.caption_open
    ) if stays else None  # fmt: skip
    effects: list[Effect] = [HandOver(ticket=successor.ticket, before=session.ticket)]
    if session.leaving is not None:
        effects.append(LeaveRoom(ticket=session.leaving.ticket))
    if not stays:
        effects.append(LeaveRoom(ticket=session.ticket))
    if live.silenced:
        effects.append(SilenceAgent(silent=False))
    keep = {Timer.IDLE_END, *(OVERLAP if stays else ())}
    session = replace(
        session, ticket=successor.ticket, successor=None, leaving=leaving, continuation=successor.continuation,
        timers={t: s for t, s in session.timers.items() if t in keep},
    )  # fmt: skip
    speech = session.speech if successor.why != "race" else replace(session.speech, gone=True)
    session = replace(session, speech=speech)
    if speech.sending or (speech.gone and speech.open):  # the old room may not have had all of it
        session = replace(session, speech=replace(speech, pending=True, again=True, sending=False))
    session, more = settle_in(session, successor)
    told = Tell(news="renewed", ticket=session.ticket, cause=successor.cause)
    return session, (told, *effects, *more, ClearNotice())


def settle_in(session: Session, successor: Successor) -> Step:
    """The person's turn at once: nobody is greeted twice."""
    live = Live(phase=Phase.LISTENING, agent=successor.agent, tries=successor.tries, hush=Hush())
    session = replace(session, link=live, lifetime_s=successor.lifetime_s, ends=session.ends or successor.ends)
    session, settle = start(session, Timer.SETTLED, SETTLE_S)
    session, tokens = token_timers(session, age_s=successor.age_s)
    effects = [settle, *tokens]
    if Timer.IDLE_END not in session.timers:
        session, idle = start(session, Timer.IDLE_END, session.idle_s)
        effects.append(idle)
    return session, tuple(effects)


def promote(session: Session, successor: Successor) -> Step:
    """The old room is gone: the one that is being made is the only one."""
    silenced = isinstance(session.link, Live) and session.link.silenced
    left: tuple[Effect, ...] = (LeaveRoom(ticket=session.ticket),)
    left = (*left, SilenceAgent(silent=False)) if silenced else left
    session = replace(
        session, ticket=successor.ticket, successor=None, timers={}, continuation=successor.continuation,
        speech=unheard(session.speech),
    )  # fmt: skip
    if not successor.joined:
        link = Connecting(tries=successor.tries, again=successor.cause, fallback=successor.fallback)
        return replace(session, link=link), left
    told = Tell(news="renewed", ticket=session.ticket, cause=successor.cause)
    if successor.agent is not None:
        session, effects = settle_in(session, successor)
        return session, (*left, HandOver(ticket=session.ticket), told, *effects, ClearNotice())
    live = Live(tries=successor.tries, hush=Hush())
    session = replace(session, link=live, lifetime_s=successor.lifetime_s, ends=session.ends or successor.ends)
    session, absent = start(session, Timer.AGENT_ABSENT, AGENT_ABSENT_S)
    session, tokens = token_timers(session, age_s=successor.age_s)
    return session, (*left, HandOver(ticket=session.ticket), told, absent, *tokens)
