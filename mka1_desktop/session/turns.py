"""Turn-taking inside a joined room: whose turn it is, told from captions, sound, agent state and the person's acts.

Detection of speech is the server's. What is decided here is only what to show, when an answer is over, and what a stop
does. Services differ in what they send (open questions 19 to 25), so each sign is optional.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    ResponseStarted,
    StopRequested,
    TextHandedOver,
    Timer,
)
from mka1_desktop.session.build import cancel, start
from mka1_desktop.session.effects import Effect, Show, SilenceAgent, Step
from mka1_desktop.session.state import Live, Phase, Session

QUIET_S = 1.0  # no sound for this long ends a greeting, and an answer whose words are final
OPEN_CAPTION_S = 2.5  # an open caption holds an answer up no longer than this once the sound is over
THINKING_LONG_S = 15.0
SPEAKING_SILENT_S = 2.0
INTERRUPTED_SHOWN_S = 4.0
NOTHING_SAID_S = 5.0
STEADY_S = 2.0  # a "listening" that may belong to the turn before ends the wait for an answer only after this long
QUIET_STATES = (AgentState.LISTENING, AgentState.IDLE)
WAITS = (
    Timer.SPEECH_OVER, Timer.SPEAKING_SILENT, Timer.GREETING_QUIET, Timer.INTERRUPTED_SHOWN, Timer.IDLE_END,
)  # fmt: skip
TURN_TIMERS = (*WAITS, Timer.THINKING_LONG)  # those of the room and of the agent's absence run on

TurnEvent = (
    AgentStateChanged | AgentSoundStarted | AgentSoundStopped | CaptionReceived | ResponseStarted | StopRequested
    | TextHandedOver
)  # fmt: skip


def step(session: Session, event: TurnEvent) -> Step:
    """Follow one sign of the conversation."""
    live = session.link
    if not isinstance(live, Live):
        return session, ()
    match event:
        case CaptionReceived(speaker="user", final=final):
            return _user_words(session, live, final=final)
        case CaptionReceived(segment_id=segment, final=final):
            return _agent_words(session, live, segment, final=final)
        case ResponseStarted(response_id=response):
            return _response(session, live, response)
        case AgentStateChanged(state=state):
            return _agent_state(session, replace(live, agent_state=state), before=live.agent_state)
        case AgentSoundStarted():
            return _sound(session, replace(live, sound=True))
        case AgentSoundStopped():
            return _quiet(session, replace(live, sound=False))
        case TextHandedOver():
            return _think(session, _input_given(live))
        case StopRequested():
            return _stop(session, live)


def talk(session: Session, *, open_: bool) -> Step:
    """The talk key (or open microphone) changed: opening stops a voice, closing ends the person's turn."""
    live = session.link
    if not isinstance(live, Live) or live.agent is None:
        return session, ()
    if open_:
        speaking = live.phase in (Phase.SPEAKING, Phase.GREETING) and (live.sound or live.caption_open)
        silence: tuple[Effect, ...] = (SilenceAgent(silent=True),) if speaking else ()
        if speaking and not live.silenced:
            live = replace(live, silenced=True, stopped_over=False)
        live = replace(live, phase=Phase.LISTENING, asked=True, heard_user=False, unanswered=False, thought=False)
        return cancel(replace(session, link=live), *TURN_TIMERS), silence
    if live.asked and live.phase is Phase.LISTENING and not session.muted:
        return _think(session, replace(live, heard_user=live.unanswered))
    return session, ()


def turn_failed(session: Session, live: Live) -> Step:
    """The service says that this question gets no answer: the person's turn again, unless words go on."""
    if live.phase is not Phase.THINKING:
        return session, ()
    return _listen(session, replace(live, unanswered=False))


def timer(session: Session, live: Live, fired: Timer) -> Step:
    """A wait is over."""
    match fired, live.phase:
        case Timer.GREETING_QUIET, Phase.GREETING if not live.sound:
            return _listen(session, live)
        case Timer.SPEECH_OVER, (Phase.SPEAKING | Phase.GREETING) if not live.sound:
            return _listen(session, replace(live, caption_open=False))
        case Timer.SPEECH_OVER, Phase.THINKING if live.agent_state in QUIET_STATES:
            return _listen(session, replace(live, unanswered=False))  # it meant what it said
        case Timer.THINKING_LONG, Phase.THINKING if not live.heard_user:
            return _listen(session, live)
        case Timer.THINKING_LONG, Phase.THINKING:
            session, started = start(session, Timer.IDLE_END, session.idle_s)
            return session, (Show(trouble=Trouble(Code.THINKING_LONG)), started)
        case Timer.SPEAKING_SILENT, Phase.SPEAKING if live.well and not live.sound and not live.silenced:
            return session, (Show(trouble=Trouble(Code.SILENT_VOICE)),)
        case Timer.INTERRUPTED_SHOWN, Phase.INTERRUPTED:
            return _listen(session, live)
        case _:
            return session, ()


def _input_given(live: Live) -> Live:
    """A question is complete: what comes from now on is its answer, what was said before is stale."""
    return replace(
        live, asked=True, heard_user=True, unanswered=True, thought=live.agent_state is AgentState.THINKING,
        answering=False, stale=live.segments or live.stale, segments=frozenset(),
    )  # fmt: skip


def _user_words(session: Session, live: Live, *, final: bool) -> Step:
    """The person speaks: a voice that goes on is being interrupted by the server, which cuts it."""
    if final:
        return _think(session, _input_given(live))
    waited_in_vain = live.phase is Phase.THINKING and not live.heard_user
    live = replace(live, asked=True, heard_user=True, unanswered=True)
    if waited_in_vain:
        return _think(session, live)  # there were words after all: the long wait begins
    if live.phase in (Phase.SPEAKING, Phase.GREETING, Phase.INTERRUPTED) and not live.sound:
        return _listen(session, live)
    return replace(session, link=live), ()


def _agent_words(session: Session, live: Live, segment: str, *, final: bool) -> Step:
    if segment in live.stale:
        return session, ()
    begins = segment not in live.segments
    live = replace(live, caption_open=not final, answering=True, segments=live.segments | {segment})
    if live.silenced and not (begins and live.phase is Phase.THINKING):
        return replace(session, link=live), ()  # the rest of an answer that was stopped
    if final and live.phase in (Phase.LISTENING, Phase.INTERRUPTED) and not begins:
        return replace(session, link=live), ()  # the late last word of an answer that is over
    live, unsilence = _unsilenced(live)
    session, effects = _speak(session, live)
    if final and isinstance(session.link, Live):
        session, more = _wait_for_end(session, session.link)
        effects = (*effects, *more)
    elif not live.sound and live.agent_state is not AgentState.SPEAKING:  # words that stop growing end by themselves
        session, started = start(session, Timer.SPEECH_OVER, OPEN_CAPTION_S)
        effects = (*effects, started)
    return session, (*unsilence, *effects)


def _response(session: Session, live: Live, response: str | None) -> Step:
    """Generation starts: what was stopped before is over, its voice may come back for the new answer.

    An answer that was stopped before it began stays silent, and so does one whose id is only repeated.
    """
    if response is not None and response == live.response_id:
        return session, ()
    another = _lifts(live) or (live.answering and live.agent_state is None)
    live = replace(live, answering=True, response_id=response or live.response_id)
    if live.silenced and not another:
        return replace(session, link=live), ()
    live, unsilence = _unsilenced(live)
    if live.phase in (Phase.LISTENING, Phase.INTERRUPTED) and live.asked and not session.talk_open:
        session, effects = _think(session, live)
        return session, (*unsilence, *effects)
    return replace(session, link=live), unsilence


def _agent_state(session: Session, live: Live, *, before: AgentState | None) -> Step:
    quiet = live.agent_state in QUIET_STATES
    thought = live.thought or live.agent_state is AgentState.THINKING
    live = replace(live, thought=thought, stopped_over=live.stopped_over or quiet)
    speaks = live.agent_state is AgentState.SPEAKING and before is not live.agent_state
    if (quiet and not session.talk_open) or (speaks and _lifts(live)):
        live, unsilence = _unsilenced(live)  # what was stopped is over; another answer may speak
    else:
        unsilence = ()
    session, effects = _follow(session, live)
    return session, (*unsilence, *effects)


def _follow(session: Session, live: Live) -> Step:
    match live.agent_state:
        case AgentState.THINKING if live.silenced and not _lifts(live):
            return replace(session, link=live), ()  # a tool of the answer that was stopped
        case AgentState.THINKING if live.phase is Phase.GREETING and not live.asked:
            return replace(session, link=live), ()  # it thinks of its greeting
        case AgentState.THINKING if not session.talk_open or live.heard_user:
            return _think(session, replace(live, asked=True))
        case AgentState.SPEAKING if not live.silenced:
            return _speak(session, live)
        case AgentState.LISTENING | AgentState.IDLE if live.phase is Phase.THINKING and live.answering:
            return _no_answer(session, live)
        case AgentState.LISTENING | AgentState.IDLE if live.phase is Phase.SPEAKING:
            return _wait_for_end(session, live)
        case AgentState.LISTENING | AgentState.IDLE if live.phase is Phase.GREETING and live.answering:
            return _wait_for_end(session, live)
        case _:
            return replace(session, link=live), ()


def _no_answer(session: Session, live: Live) -> Step:
    """The agent listens although an answer was begun: it has thought better of it, or the sign is late.

    Only after it said that it thinks about this question is it certain; else it must not take that back at once.
    """
    if live.thought:
        return _listen(session, replace(live, unanswered=False))
    if Timer.SPEECH_OVER in session.timers:
        return replace(session, link=live), ()
    session, started = start(replace(session, link=live), Timer.SPEECH_OVER, STEADY_S)
    return session, (started,)


def _sound(session: Session, live: Live) -> Step:
    session = cancel(session, Timer.SPEAKING_SILENT, Timer.SPEECH_OVER, Timer.GREETING_QUIET)
    if live.silenced and not (live.phase is Phase.THINKING and live.agent_state is None):
        return replace(session, link=live), ()
    live, unsilence = _unsilenced(live)  # a service that says nothing of its state begins an answer by its voice
    session, effects = _speak(session, replace(live, answering=True))
    return session, (*unsilence, *effects)


def _quiet(session: Session, live: Live) -> Step:
    if live.phase in (Phase.SPEAKING, Phase.GREETING):
        return _wait_for_end(session, live)
    return replace(session, link=live), ()


def _lifts(live: Live) -> bool:
    """Whether the next answer is another one than that which was silenced: it ended, or a new question came."""
    return live.stopped_over or live.phase is Phase.THINKING


def _unsilenced(live: Live) -> tuple[Live, tuple[Effect, ...]]:
    if not live.silenced:
        return live, ()
    return replace(live, silenced=False, stopped_over=False), (SilenceAgent(silent=False),)


def _wait_for_end(session: Session, live: Live) -> Step:
    """An answer is over when it is quiet, its words are final, and the agent, if it says so, listens."""
    if live.sound:
        return replace(session, link=live), ()
    if live.agent_state in QUIET_STATES and not live.caption_open:
        return _listen(session, live)
    wait = OPEN_CAPTION_S if live.caption_open or live.agent_state is AgentState.SPEAKING else QUIET_S
    session, started = start(replace(session, link=live), Timer.SPEECH_OVER, wait)
    return session, (started,)


def _think(session: Session, live: Live) -> Step:
    """An answer is on its way. After a key that brought no words, waiting is short and ends without a word."""
    session = cancel(session, *WAITS)
    if live.phase is Phase.THINKING and Timer.THINKING_LONG in session.timers and not live.heard_user:
        return replace(session, link=live), ()
    live = replace(live, phase=Phase.THINKING)
    wait = THINKING_LONG_S if live.heard_user else NOTHING_SAID_S
    session, started = start(replace(session, link=live), Timer.THINKING_LONG, wait)
    return session, (started,)


def _speak(session: Session, live: Live) -> Step:
    """Before the first question a voice is a greeting, afterwards an answer."""
    phase = Phase.SPEAKING if live.asked else Phase.GREETING
    session = cancel(session, Timer.THINKING_LONG, Timer.GREETING_QUIET, Timer.INTERRUPTED_SHOWN, Timer.IDLE_END)
    if live.phase is phase:
        return replace(session, link=live), ()
    session = cancel(replace(session, link=replace(live, phase=phase, unanswered=False)), Timer.SPEECH_OVER)
    if live.sound:
        return session, ()
    session, started = start(session, Timer.SPEAKING_SILENT, SPEAKING_SILENT_S)
    return session, (started,)


def _stop(session: Session, live: Live) -> Step:
    """Silence now; the session goes on and nothing listens unasked."""
    if live.phase not in (Phase.SPEAKING, Phase.GREETING, Phase.THINKING):
        return session, ()
    if live.phase is Phase.GREETING and live.agent is None:
        return session, ()  # nobody speaks yet
    live = replace(live, phase=Phase.INTERRUPTED, silenced=True, stopped_over=False, unanswered=False)
    session = cancel(session, *TURN_TIMERS)
    session, started = start(replace(session, link=live), Timer.INTERRUPTED_SHOWN, INTERRUPTED_SHOWN_S)
    return session, (SilenceAgent(silent=True), started)


def _listen(session: Session, live: Live) -> Step:
    """The person's turn. A room that got here has worked: failures count anew from now on."""
    session = cancel(session, Timer.THINKING_LONG, *WAITS)
    live = replace(live, phase=Phase.LISTENING, tries=1)
    session, started = start(replace(session, link=live), Timer.IDLE_END, session.idle_s)
    return session, (started,)
