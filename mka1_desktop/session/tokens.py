"""The end of a token: when a session is renewed ahead of it, and how the app learns that it must be.

Servers differ: some keep a joined session alive, some end it with its token (issue on continuity, 4).
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.events import Timer
from mka1_desktop.session.build import start
from mka1_desktop.session.effects import Effect, LearnExpiry, Step
from mka1_desktop.session.state import Live, Phase, Session

LATE, LAST, PAST = 0.8, 0.95, 1.2  # parts of the lifetime
SOONEST_S = 0.5
PAUSE_S = 0.4  # in which neither side speaks


def token_timers(session: Session, *, age_s: float) -> Step:
    """Start the clocks of a token that is `age_s` seconds old."""
    effects: list[Effect] = []
    for timer, part in ((Timer.EXPIRY_NEAR, LATE), (Timer.EXPIRY_CLOSE, LAST), (Timer.EXPIRY_PAST, PAST)):
        session, started = start(session, timer, max(SOONEST_S, part * session.lifetime_s - age_s))
        effects.append(started)
    return session, tuple(effects)


def fired(session: Session, live: Live, timer: Timer) -> Session:
    """The token has reached another part of its life."""
    match timer:
        case Timer.EXPIRY_NEAR:
            return replace(session, link=replace(live, token_old=True, renewal_due=_ahead(session)))
        case Timer.EXPIRY_CLOSE:
            return replace(session, link=replace(live, renewal_forced=live.renewal_due))
        case _:
            return replace(session, link=replace(live, token_old=False))


def lost(session: Session, live: Live) -> Step:
    """A room ended. Near the end of its token that is what this service does."""
    if not live.token_old or session.ends:
        return session, ()
    return replace(session, ends=True), (LearnExpiry(),)


def _ahead(session: Session) -> bool:
    return session.renewal == "ahead" or (session.renewal == "auto" and session.ends)


def person_speaks(session: Session, live: Live) -> bool:
    """Whether the person may be in the middle of a word; an open microphone that hears nothing is a pause."""
    return live.user_open or session.speech.sending or (session.talk_open and not session.muted and session.loud)


def pause(session: Session, live: Live) -> bool:
    """Whether neither side speaks, and nobody waits for an answer."""
    agent_speaks = live.sound or live.caption_open
    return live.phase in (Phase.LISTENING, Phase.INTERRUPTED) and not agent_speaks and not person_speaks(session, live)
