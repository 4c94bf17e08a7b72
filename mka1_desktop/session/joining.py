"""From a token to a joined room."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from mka1_desktop.domain.conversation import NOTHING
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.domain.events import GrantFailed, GrantReady, JoinFailed, RoomJoined, Timer
from mka1_desktop.session.build import again, connect, fail, start
from mka1_desktop.session.effects import HandOver, JoinRoom, Show, Step, Tell
from mka1_desktop.session.state import Connecting, Failed, Hush, Live, Session
from mka1_desktop.session.succession import AGENT_ABSENT_S
from mka1_desktop.session.tokens import token_timers

Joining: TypeAlias = GrantReady | GrantFailed | RoomJoined | JoinFailed


def joining(session: Session, event: Joining) -> Step:
    """Follow a fact of the attempt that runs."""
    link = session.link
    if not isinstance(link, Connecting):
        return session, ()
    match event:
        case GrantReady():
            return _granted(session, link, event)
        case RoomJoined(age_s=age_s):
            return _joined(session, link, age_s)
        case GrantFailed(trouble=trouble):
            return _not_joined(session, link, trouble, cause="token")
        case JoinFailed(trouble=trouble):
            return _not_joined(session, link, trouble, cause="room")


def _granted(session: Session, link: Connecting, event: GrantReady) -> Step:
    """A token; with it a new thread has become a conversation, or a chain."""
    going_on = session.continuation if event.continuation is None else event.continuation
    session = replace(
        session, continuation=going_on, lifetime_s=event.grant.lifetime_s, ends=session.ends or event.ends, fresh=False
    )
    told = Tell(news="token", ticket=session.ticket, cause=link.again, continues=going_on)
    return session, (told, JoinRoom(ticket=session.ticket, grant=event.grant, quiet=session.had_room))


def _joined(session: Session, link: Connecting, age_s: float) -> Step:
    live = Live(tries=link.tries, hush=Hush() if session.had_room else None)
    session, timer = start(replace(session, link=live), Timer.AGENT_ABSENT, AGENT_ABSENT_S)
    session, tokens = token_timers(session, age_s=age_s)
    news = Tell(news="joined" if link.again is None else "renewed", ticket=session.ticket, cause=link.again)
    return session, (news, HandOver(ticket=session.ticket), timer, *tokens)


def _not_joined(session: Session, link: Connecting, trouble: Trouble, *, cause: str) -> Step:
    """A refused continuation falls back once; the first session of all fails at once where the person can act."""
    if trouble.code is Code.CONTINUATION_REFUSED and link.fallback:
        session = replace(session, earlier=NOTHING)
        return connect(session, link.fallback, tries=link.tries, again=link.again, trouble=trouble)
    if link.again is None and trouble.advice.policy is Policy.STAY:
        return fail(session, trouble, cause=cause)
    session, effects = again(session, trouble, tries=link.tries, cause=link.again or cause, before=link.trouble)
    return session, (*shown(session, trouble), *effects)


def shown(session: Session, trouble: Trouble) -> tuple[Show, ...]:
    """Tell of a trouble that a new room may mend; a session that failed by it has told already."""
    return () if isinstance(session.link, Failed) else (Show(trouble=trouble),)
