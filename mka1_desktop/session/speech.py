"""What the person says while no room hears it: kept, and sent first in the next room that listens.

The engine records whenever the person talks (`KeepSpeech`), so that a turn that a lost room may not have taken can be
sent again, and one that failed can be repeated in place. Whatever is answered is forgotten.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.errors import Code
from mka1_desktop.domain.events import (
    AgentSoundStarted,
    CaptionReceived,
    Event,
    KeptNotSent,
    KeptSent,
    ResponseStarted,
    SpeechDropped,
    SpeechRepeated,
)
from mka1_desktop.session import turns
from mka1_desktop.session.effects import (
    Effect,
    ForgetSpeech,
    KeepSpeech,
    RecallSentence,
    SendKept,
    SetMicrophone,
    Show,
    Step,
)
from mka1_desktop.session.state import Connecting, Live, Phase, Session, Speech


def settle(session: Session) -> Step:
    """Bring microphone and recorder to what is wanted now, and give a room that listens what it has not heard."""
    wanted = session.talk_open and not session.muted and isinstance(session.link, Connecting | Live)
    sending = wanted and session.listens
    speech, effects = session.speech, list[Effect]()
    if wanted != speech.keeping:
        effects.append(KeepSpeech(keep=wanted))
        speech = replace(speech, keeping=wanted)
    if wanted and not sending and (session.had_room or not session.open_mic):
        speech = replace(speech, pending=True, again=speech.again or speech.sending, sending=False)
    if sending and (not session.open_mic or _words_came(session)):
        speech = replace(speech, open=True)
    session = replace(session, speech=speech)
    if speech.pending and session.listens and not speech.sending:  # before the microphone: the kept words come first
        session, more = _send(session, again=speech.again)
        effects += more
    if sending != session.sending:
        effects.append(SetMicrophone(sending=sending))
    return replace(session, sending=sending), tuple(effects)


def _words_came(session: Session) -> bool:
    live = session.link
    return isinstance(live, Live) and (live.user_open or live.unanswered)


def _send(session: Session, *, again: bool) -> Step:
    """Send what was kept. Somebody who held the key has spoken; an open microphone may have heard nothing.

    Of an open microphone nobody but its recorder knows whether a sentence was under way when a room went.
    """
    spoken = not session.open_mic
    recall = (RecallSentence(),) if session.open_mic and session.speech.gone and not again else ()
    speech = replace(
        session.speech, pending=False, again=False, gone=False, sending=True, open=session.speech.open or spoken
    )  # fmt: skip
    session = replace(session, speech=speech)
    session, effects = turns.talk(session, open_=True) if spoken else (session, ())
    return session, (*effects, *recall, SendKept(ticket=session.ticket, again=again))


def follow(session: Session, event: Event) -> Step:
    """News of the recording, and signs that a spoken turn was taken."""
    speech = session.speech
    match event:
        case KeptSent() if speech.sending:
            session = replace(session, speech=replace(speech, sending=False))
            return (session, ()) if session.talk_open else turns.talk(session, open_=False)
        case KeptNotSent(trouble=trouble) if speech.sending and trouble.code is not Code.ROOM_LOST:
            return replace(session, speech=replace(speech, sending=False)), (Show(trouble=trouble),)
        case SpeechDropped() if speech.pending or speech.sending:
            return replace(session, speech=Speech(keeping=speech.keeping)), (ForgetSpeech(taken=False),)
        case SpeechRepeated() if session.listens and not speech.sending:
            return _send(session, again=True)
        case SpeechRepeated() if not speech.sending and isinstance(session.link, Connecting | Live):
            return replace(session, speech=replace(speech, pending=True, again=True)), ()
        case ResponseStarted() | CaptionReceived(speaker="agent") | AgentSoundStarted() if _answered(session):
            return replace(session, speech=replace(speech, open=False)), (ForgetSpeech(taken=True),)
        case _:
            return session, ()


def _answered(session: Session) -> bool:
    """Whether a sign of an answer now is one to what was said, not to the turn before."""
    live, speech = session.link, session.speech
    if not isinstance(live, Live) or not speech.open or speech.sending:
        return False
    waits = not session.talk_open and live.phase is Phase.THINKING
    return waits or (live.unanswered and not live.user_open)
