"""Small moves that several decisions share: timers, the microphone, the way back."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.domain.events import Timer
from mka1_desktop.session.effects import (
    Effect,
    FetchGrant,
    ForgetSpeech,
    LeaveRoom,
    Show,
    SilenceAgent,
    StartTimer,
    Step,
    Tell,
)
from mka1_desktop.session.state import Connecting, Failed, Idle, Link, Live, Session, Speech

DELAYS_S = (0.0, 1.0, 3.0, 8.0)  # new rooms after a loss (issue on continuity)
LATER_S, LATER_JITTER = 15.0, 0.2
TRIES_FOR_OTHERS = 3  # in a row, for what is neither the network nor an overloaded service
RETRY_AFTER_LIMIT_S = 60.0
ENDLESS = frozenset(
    {
        Code.OFFLINE, Code.DNS, Code.TIMED_OUT, Code.CUT, Code.NO_NETWORK, Code.RATE_LIMITED, Code.SERVICE_DOWN,
        Code.ROOM_UNREACHABLE, Code.ROOM_LOST,
    }
)  # fmt: skip


def start(session: Session, timer: Timer, seconds: float) -> tuple[Session, StartTimer]:
    """Start or restart a timer."""
    serial = session.serial + 1
    timers = {**session.timers, timer: serial}
    return replace(session, timers=timers, serial=serial), StartTimer(timer=timer, serial=serial, seconds=seconds)


def cancel(session: Session, *timers: Timer) -> Session:
    """Forget timers; one that fires all the same means nothing."""
    if not any(t in session.timers for t in timers):
        return session
    return replace(session, timers={t: s for t, s in session.timers.items() if t not in timers})


def gives_up(trouble: Trouble, tries: int, *, before: Trouble | None = None) -> bool:
    """Whether trying once more does not help: the person must act, or it failed often enough.

    `before`: why the try before failed, if it was another one.
    """
    if trouble.advice.policy is Policy.STOP:
        return True
    if before is not None and trouble.advice.policy is Policy.RENEW_ONCE:
        return before.advice.policy is Policy.RENEW_ONCE
    endless = trouble.code in ENDLESS or (trouble.http_status or 0) >= 500
    return not endless and tries > (1 if trouble.advice.policy is Policy.RENEW_ONCE else TRIES_FOR_OTHERS)


def delay(trouble: Trouble, tries: int) -> tuple[float, float]:
    """Return how long to wait before the next try, in seconds, and the part of it that varies."""
    delay_s, jitter = (DELAYS_S[tries - 1], 0.0) if tries <= len(DELAYS_S) else (LATER_S, LATER_JITTER)
    if trouble.code is Code.RATE_LIMITED:
        delay_s = max(delay_s, 1.0)
    if trouble.retry_after_s is not None:
        delay_s, jitter = max(delay_s, min(trouble.retry_after_s, RETRY_AFTER_LIMIT_S)), 0.0
    return delay_s, jitter


def fallback_of(session: Session) -> Continuation:
    """What to go on from when the newest is refused."""
    return session.earlier if session.earlier != session.continuation else NOTHING


def leave_all(session: Session) -> tuple[Effect, ...]:
    """Leave every room, and stop asking for one."""
    tickets = [session.ticket] if isinstance(session.link, Connecting | Live) else []
    tickets += [other.ticket for other in (session.successor, session.leaving) if other is not None]
    return tuple(LeaveRoom(ticket=ticket) for ticket in tickets)


def unheard(speech: Speech) -> Speech:
    """Room or agent are gone: what they may have lost goes to the next one."""
    lost = speech.open or speech.sending
    return replace(
        speech, open=False, sending=False, pending=speech.pending or lost, again=speech.again or lost, gone=True
    )  # fmt: skip


def connect(
    session: Session, continuation: Continuation, *, fallback: Continuation = NOTHING, delay_s: float = 0.0,
    jitter: float = 0.0, tries: int = 1, again: str | None = None, trouble: Trouble | None = None,
) -> Step:  # fmt: skip
    """Ask for a new room; whatever there was is left."""
    ticket = session.issued + 1
    left = leave_all(session)
    speech = unheard(session.speech) if isinstance(session.link, Live) else session.speech
    link = Connecting(tries=tries, again=again, fallback=fallback, trouble=trouble)
    idle: dict[Timer, int] = {t: s for t, s in session.timers.items() if t == Timer.IDLE_END}  # nobody has spoken since
    session = replace(
        session, link=link, ticket=ticket, issued=ticket, successor=None, leaving=None, continuation=continuation,
        timers=idle, speech=speech,
    )  # fmt: skip
    fetch = FetchGrant(
        ticket=ticket, continuation=continuation, delay_s=delay_s, jitter=jitter,
        fresh=session.fresh and not continuation,
    )  # fmt: skip
    return session, (*left, SilenceAgent(silent=False), fetch)


def again(session: Session, trouble: Trouble, *, tries: int, cause: str, before: Trouble | None = None) -> Step:
    """Try a new room after a failure, later and later, or give up where trying does not help."""
    if gives_up(trouble, tries, before=before):
        return fail(session, trouble, cause=cause)
    delay_s, jitter = delay(trouble, tries)
    return connect(
        session, session.continuation, fallback=fallback_of(session), delay_s=delay_s, jitter=jitter, tries=tries + 1,
        again=cause, trouble=trouble,
    )  # fmt: skip


def fail(session: Session, trouble: Trouble, *, cause: str) -> Step:
    """End the session by a failure; the person decides what comes next. What was said stays, to be sent then."""
    return _end(replace(session, speech=unheard(session.speech)), Failed(trouble=trouble), cause, Show(trouble=trouble))


def hang_up(session: Session) -> Step:
    """End the session because the person wants it."""
    session, forgotten = forget(session)
    return _end(session, Idle(), "hung up", *forgotten)


def forget(session: Session) -> Step:
    """What was said and has not been taken goes nowhere."""
    speech = session.speech
    kept = speech.pending or speech.sending or speech.open
    session = replace(session, speech=Speech(keeping=speech.keeping))
    return session, (ForgetSpeech(taken=False),) if kept else ()


def _end(session: Session, link: Link, cause: str, *more: Effect) -> Step:
    told = Tell(news="ended", ticket=session.ticket, cause=cause)
    left = leave_all(session)
    issued = session.issued + 1
    session = replace(
        session, link=link, ticket=issued, issued=issued, successor=None, leaving=None, timers={}, had_room=False
    )
    return session, (*left, SilenceAgent(silent=False), told, *more)
