"""The microphone that stays open while nothing is sent, so that a word which begins with the press is heard whole.

It does so from the first thing that the person wants to say in a session until 30 s after the last turn. A session that
was begun by typing opens no microphone.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.events import Timer
from mka1_desktop.session.build import cancel, start
from mka1_desktop.session.effects import Effect, Step, WarmMicrophone
from mka1_desktop.session.state import Connecting, Live, Phase, Session

READY_S = 30.0
REST = (Phase.LISTENING, Phase.INTERRUPTED)


def settle(session: Session) -> Step:
    """Bring the microphone to what is wanted now."""
    if session.talk_open and not session.voiced and isinstance(session.link, Connecting | Live):
        session = replace(session, voiced=True)
    usable = _usable(session)
    resting = usable and not session.talk_open and isinstance(session.link, Live) and session.link.phase in REST
    effects: list[Effect] = []
    if not resting:
        session = replace(cancel(session, Timer.READY_END), rested=False)
    elif not session.rested and Timer.READY_END not in session.timers:
        session, timer = start(session, Timer.READY_END, READY_S)
        effects.append(timer)
    warm = usable and not session.rested
    if warm != session.warm:
        effects.append(WarmMicrophone(warm=warm))
    return replace(session, warm=warm), tuple(effects)


def _usable(session: Session) -> bool:
    """Somebody may speak soon, by a key: a microphone that is always open needs nothing of this."""
    if not session.keep_ready or not session.voiced or session.muted or session.open_mic:
        return False
    match session.link:
        case Live(agent=agent):
            return agent is not None or session.had_room
        case Connecting(again=again):
            return again is not None and session.had_room
        case _:
            return False
