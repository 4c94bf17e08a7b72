"""What the operating system tells: network, sleep, proxy. Hints that cut a wait; none of them ends a session."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.events import Event
from mka1_desktop.domain.system_events import NetworkChanged, ProxyChanged, Resumed
from mka1_desktop.session.build import connect
from mka1_desktop.session.effects import Step, Tell
from mka1_desktop.session.state import Connecting, Live, Session
from mka1_desktop.session.succession import begin

DEAD_AFTER_S = 5.0  # of sleep: a room does not outlive that


def step(session: Session, event: Event) -> Step:
    """Try now what waits, where the reason to wait may be over."""
    match event:
        case NetworkChanged(up=up, route_changed=changed):
            session = replace(session, online=up is not False)
            return _try_now(session) if session.online and (changed or up) else (session, ())
        case ProxyChanged():
            return _try_now(session)
        case Resumed(slept_s=slept_s):
            return _awake(session, slept_s)
        case _:
            return session, ()


def _try_now(session: Session) -> Step:
    match session.link:
        case Connecting(trouble=trouble) as link if trouble is not None:
            return connect(
                session, session.continuation, fallback=link.fallback, tries=link.tries, again=link.again,
                trouble=trouble,
            )  # fmt: skip
        case Live(resuming=True) | Live(silent=True):
            joined = session.successor is not None and session.successor.joined
            return (session, ()) if joined else begin(session, why="race", cause="network")
        case _:
            return session, ()


def _awake(session: Session, slept_s: float) -> Step:
    """After a sleep the far side has given us up: do not wait until that shows."""
    live = session.link
    if not isinstance(live, Live) or slept_s < DEAD_AFTER_S:
        return _try_now(session)
    told = Tell(news="lost", ticket=session.ticket, cause="sleep")
    session, effects = begin(replace(session, link=replace(live, silent=True)), why="race", cause="sleep")
    return session, (told, *effects)
