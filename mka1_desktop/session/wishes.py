"""What the person wants of a session."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from mka1_desktop.domain.events import (
    ConnectRequested,
    HangUpRequested,
    MuteChanged,
    RetryRequested,
    TalkChanged,
)
from mka1_desktop.session import leaving, succession, turns
from mka1_desktop.session.build import connect, forget, hang_up
from mka1_desktop.session.effects import ClearNotice, Step
from mka1_desktop.session.state import Connecting, Failed, Idle, Live, Session

Wished: TypeAlias = ConnectRequested | HangUpRequested | RetryRequested | MuteChanged | TalkChanged


def wish(session: Session, event: Wished) -> Step:
    """Follow a wish; one that is fulfilled already changes nothing."""
    match session.link, event:
        case ((Idle() | Failed()), ConnectRequested(continuation=continuation, fallback=fallback)):
            session = replace(session, earlier=fallback, fresh=event.fresh, voiced=event.voiced, failures=0)
            session, effects = connect(session, continuation, fallback=fallback)
            return session, (ClearNotice(), *effects)
        case Failed(), RetryRequested():
            session, effects = connect(session, session.continuation, fallback=session.earlier)
            return session, (ClearNotice(), *effects)
        case Connecting(again=cause, trouble=trouble, fallback=fallback), RetryRequested():
            return connect(
                session, session.continuation, fallback=fallback, again=cause, trouble=trouble
            )  # try now, and count anew
        case Live(resuming=True) | Live(silent=True), RetryRequested():
            return succession.begin(session, why="race", cause="asked")
        case ((Connecting() | Live()), HangUpRequested()):
            return hang_up(session)
        case Failed(), HangUpRequested():
            session, forgotten = forget(session)
            return replace(session, link=Idle()), (ClearNotice(), *forgotten)
        case _, MuteChanged(muted=muted):
            return replace(session, muted=muted), ()
        case _, TalkChanged(open=open_) if open_ != session.talk_open:
            return _talk(replace(session, talk_open=open_, loud=True), open_=open_)
        case _:
            return session, ()


def _talk(session: Session, *, open_: bool) -> Step:
    """The key stops a voice at once; its release, tail included, ends the person's turn."""
    session, cut = leaving.cut(session) if open_ else (session, ())
    if session.speech.sending and not open_:
        return session, cut  # the turn ends when all of it has been sent
    session, effects = turns.talk(session, open_=open_)
    return session, (*cut, *effects)
