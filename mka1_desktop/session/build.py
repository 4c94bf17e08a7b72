"""Small moves that several decisions share: timers, the microphone, the way back."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.domain.events import Timer
from mka1_desktop.session.state import (
    Connecting,
    Effect,
    Failed,
    FetchGrant,
    Idle,
    LeaveRoom,
    Link,
    Live,
    Session,
    SetMicrophone,
    Show,
    SilenceAgent,
    StartTimer,
    Step,
    Tell,
)

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


def with_microphone(session: Session, *effects: Effect) -> Step:
    """Add what the microphone must do now: send only while a healthy room is there, wanted and not muted."""
    live = isinstance(session.link, Live) and not session.link.resuming
    sending = live and session.talk_open and not session.muted
    if sending == session.sending:
        return session, effects
    return replace(session, sending=sending), (*effects, SetMicrophone(sending=sending))


def connect(
    session: Session, continuation: Continuation, *, fallback: Continuation = NOTHING, delay_s: float = 0.0,
    jitter: float = 0.0, tries: int = 1, again: str | None = None, trouble: Trouble | None = None,
) -> Step:  # fmt: skip
    """Ask for a new room; whatever there was is left."""
    ticket = session.ticket + 1
    link = Connecting(tries=tries, again=again, fallback=fallback, trouble=trouble)
    session = replace(session, link=link, ticket=ticket, continuation=continuation, timers={})
    fetch = FetchGrant(ticket=ticket, continuation=continuation, delay_s=delay_s, jitter=jitter)
    return with_microphone(session, LeaveRoom(ticket=ticket - 1), SilenceAgent(silent=False), fetch)


def again(session: Session, trouble: Trouble, *, tries: int, cause: str) -> Step:
    """Try a new room after a failure, later and later, or give up where trying does not help."""
    endless = trouble.code in ENDLESS or (trouble.http_status or 0) >= 500
    if trouble.advice.policy is Policy.STOP:
        return fail(session, trouble, cause=cause)
    if not endless and tries > (1 if trouble.advice.policy is Policy.RENEW_ONCE else TRIES_FOR_OTHERS):
        return fail(session, trouble, cause=cause)
    delay_s, jitter = (DELAYS_S[tries - 1], 0.0) if tries <= len(DELAYS_S) else (LATER_S, LATER_JITTER)
    if trouble.code is Code.RATE_LIMITED:
        delay_s = max(delay_s, 1.0)
    if trouble.retry_after_s is not None:
        delay_s, jitter = max(delay_s, min(trouble.retry_after_s, RETRY_AFTER_LIMIT_S)), 0.0
    fallback = session.earlier if session.earlier != session.continuation else NOTHING
    return connect(
        session, session.continuation, fallback=fallback, delay_s=delay_s, jitter=jitter, tries=tries + 1,
        again=cause, trouble=trouble,
    )  # fmt: skip


def fail(session: Session, trouble: Trouble, *, cause: str) -> Step:
    """End the session by a failure; the person decides what comes next."""
    return _end(session, Failed(trouble=trouble), cause, Show(trouble=trouble))


def hang_up(session: Session) -> Step:
    """End the session because the person wants it."""
    return _end(session, Idle(), "hung up")


def _end(session: Session, link: Link, cause: str, *more: Effect) -> Step:
    told = Tell(news="ended", ticket=session.ticket, cause=cause)
    leave = LeaveRoom(ticket=session.ticket)
    session = replace(session, link=link, ticket=session.ticket + 1, timers={})
    return with_microphone(session, leave, SilenceAgent(silent=False), told, *more)
