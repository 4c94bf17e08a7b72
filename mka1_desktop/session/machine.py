"""Every decision of a session: `step(state, event) -> state, effects`. No clock, no I/O, no log."""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentStateChanged,
    CaptionReceived,
    ConnectRequested,
    DevicesChanged,
    Event,
    GrantFailed,
    GrantReady,
    HangUpRequested,
    JoinFailed,
    MicrophoneClosed,
    MicrophoneFailed,
    MicrophoneReady,
    MuteChanged,
    ResponseStarted,
    RetryRequested,
    RoomJoined,
    RoomLost,
    RoomResumed,
    RoomResuming,
    ServiceErrorReceived,
    StopRequested,
    TalkChanged,
    TextHandedOver,
    Timer,
    TimerFired,
)
from mka1_desktop.session import turns
from mka1_desktop.session.build import again, cancel, connect, fail, hang_up, start, with_microphone
from mka1_desktop.session.state import (
    ClearNotice,
    Connecting,
    Failed,
    FailTurn,
    Idle,
    JoinRoom,
    Live,
    Session,
    Show,
    Step,
    Tell,
)

AGENT_ABSENT_S = 10.0
AGENT_ABSENT_AGAIN_S = 10.0  # 20 s in all, then a new room (open question 9)
RESUME_LIMIT_S = 4.0  # what the SDK's own resume gets
AGENT_GONE_S = 10.0


def step(session: Session, event: Event) -> Step:
    """Decide what an event means now. What belongs to an older ticket means nothing."""
    if getattr(event, "ticket", session.ticket) != session.ticket:
        return session, ()
    match event:
        case ConnectRequested() | HangUpRequested() | RetryRequested() | MuteChanged() | TalkChanged():
            return _wish(session, event)
        case GrantReady() | GrantFailed() | RoomJoined() | JoinFailed():
            return _connecting(session, event)
        case RoomResuming() | RoomResumed() | RoomLost() | AgentJoined() | AgentLeft() | ServiceErrorReceived():
            return _room(session, event)
        case TimerFired(timer=timer, serial=serial):
            return _timer(session, timer) if session.timers.get(timer) == serial else (session, ())
        case MicrophoneFailed(trouble=trouble):
            return session, (Show(trouble=trouble),)
        case MicrophoneReady() | MicrophoneClosed() | DevicesChanged():
            return session, ()
        case (
            AgentStateChanged() | AgentSoundStarted() | AgentSoundStopped() | CaptionReceived() | ResponseStarted()
            | StopRequested() | TextHandedOver()
        ):  # fmt: skip
            return turns.step(_remember(session, event), event)


def _remember(session: Session, event: Event) -> Session:
    """Keep the newest answer's id, to go on from; a conversation needs none."""
    match event:
        case ResponseStarted(conversation_id=str(conversation)) if session.continuation.response_id is None:
            return replace(session, continuation=Continuation(conversation_id=conversation))
        case ResponseStarted(response_id=str(response)) if not session.continuation.conversation_id:
            if session.continuation.response_id == response:
                return session
            return replace(session, earlier=session.continuation, continuation=Continuation(response_id=response))
        case _:
            return session


Wished = ConnectRequested | HangUpRequested | RetryRequested | MuteChanged | TalkChanged


def _wish(session: Session, event: Wished) -> Step:
    match session.link, event:
        case ((Idle() | Failed()), ConnectRequested(continuation=continuation, fallback=fallback)):
            session, effects = connect(replace(session, earlier=fallback), continuation, fallback=fallback)
            return session, (ClearNotice(), *effects)
        case Failed(), RetryRequested():
            session, effects = connect(session, session.continuation, fallback=session.earlier)
            return session, (ClearNotice(), *effects)
        case Connecting(again=cause, trouble=trouble, fallback=fallback), RetryRequested():
            return connect(
                session, session.continuation, fallback=fallback, again=cause, trouble=trouble
            )  # try now, and count anew
        case Live(resuming=True), RetryRequested():
            return again(session, Trouble(Code.ROOM_LOST), tries=1, cause="asked")
        case ((Connecting() | Live()), HangUpRequested()):
            return hang_up(session)
        case Failed(), HangUpRequested():
            return replace(session, link=Idle()), (ClearNotice(),)
        case _, MuteChanged(muted=muted):
            return with_microphone(replace(session, muted=muted))
        case _, TalkChanged(open=open_) if open_ != session.talk_open:
            return _talk(replace(session, talk_open=open_), open_=open_)
        case _:
            return session, ()


def _talk(session: Session, *, open_: bool) -> Step:
    """The key stops a voice at once; its release, tail included, ends the person's turn."""
    session, effects = turns.talk(session, open_=open_)
    return with_microphone(session, *effects)


def _connecting(session: Session, event: GrantReady | GrantFailed | RoomJoined | JoinFailed) -> Step:
    link = session.link
    if not isinstance(link, Connecting):
        return session, ()
    match event:
        case GrantReady(grant=grant):
            told = Tell(news="token", ticket=session.ticket, cause=link.again, continues=session.continuation)
            return session, (told, JoinRoom(ticket=session.ticket, grant=grant))
        case RoomJoined():
            return _joined(session, link)
        case GrantFailed(trouble=trouble):
            return _not_joined(session, link, trouble, cause="token")
        case JoinFailed(trouble=trouble):
            return _not_joined(session, link, trouble, cause="room")


def _joined(session: Session, link: Connecting) -> Step:
    session, timer = start(replace(session, link=Live(tries=link.tries)), Timer.AGENT_ABSENT, AGENT_ABSENT_S)
    news = Tell(news="joined" if link.again is None else "renewed", ticket=session.ticket, cause=link.again)
    return with_microphone(session, news, timer)


def _not_joined(session: Session, link: Connecting, trouble: Trouble, *, cause: str) -> Step:
    """A refused continuation falls back once; the first session of all fails at once where the person can act."""
    if trouble.code is Code.CONTINUATION_REFUSED and link.fallback:
        session = replace(session, earlier=NOTHING)
        return connect(session, link.fallback, tries=link.tries, again=link.again, trouble=trouble)
    if link.again is None and trouble.advice.policy is Policy.STAY:
        return fail(session, trouble, cause=cause)
    session, effects = again(session, trouble, tries=link.tries, cause=link.again or cause)
    return session, (*_shown(session, trouble), *effects)


def _shown(session: Session, trouble: Trouble) -> tuple[Show, ...]:
    """Tell of a trouble that a new room may mend; a session that failed by it has told already."""
    return () if isinstance(session.link, Failed) else (Show(trouble=trouble),)


def _room(
    session: Session,
    event: RoomResuming | RoomResumed | RoomLost | AgentJoined | AgentLeft | ServiceErrorReceived,
) -> Step:
    live = session.link
    if not isinstance(live, Live):
        return session, ()
    match event:
        case RoomResuming() if live.resuming:
            return session, ()  # its time limit runs already
        case RoomResuming():
            session, timer = start(
                replace(session, link=replace(live, resuming=True)), Timer.RESUME_LIMIT, RESUME_LIMIT_S
            )
            return with_microphone(session, Tell(news="lost", ticket=session.ticket, cause="resuming"), timer)
        case RoomResumed():
            session = cancel(replace(session, link=replace(live, resuming=False)), Timer.RESUME_LIMIT)
            return with_microphone(session, Tell(news="renewed", ticket=session.ticket, cause="resumed"), ClearNotice())
        case RoomLost(reason=reason):
            return _lost(session, live, reason)
        case AgentJoined(identity=identity):
            return _agent_here(session, live, identity)
        case AgentLeft(identity=identity) if identity == live.agent:
            session, timer = start(replace(session, link=replace(live, agent=None)), Timer.AGENT_GONE, AGENT_GONE_S)
            return session, (Tell(news="lost", ticket=session.ticket, cause="agent left"), timer)
        case AgentLeft():
            return session, ()
        case ServiceErrorReceived(trouble=trouble):
            return _service_error(session, live, trouble)


def _lost(session: Session, live: Live, reason: str) -> Step:
    told = Tell(news="lost", ticket=session.ticket, cause=reason)
    session, effects = again(session, Trouble(Code.ROOM_LOST), tries=live.tries, cause=reason)
    return session, (told, *effects)


def _agent_here(session: Session, live: Live, identity: str) -> Step:
    if live.agent == identity:
        return session, ()
    session = cancel(session, Timer.AGENT_ABSENT, Timer.AGENT_GONE)
    if live.agent is not None:
        return replace(session, link=replace(live, agent=identity)), ()
    session, timer = start(replace(session, link=replace(live, agent=identity)), Timer.GREETING_QUIET, turns.QUIET_S)
    return session, (Tell(news="agent", ticket=session.ticket), timer, ClearNotice())


def _service_error(session: Session, live: Live, trouble: Trouble) -> Step:
    """Errors of a running session, by (code, service): stay, one new room, back off, or stop (reference 3.1)."""
    if trouble.code is Code.INVALID_REQUEST and session.earlier and not live.answering and not live.asked:
        session, earlier = replace(session, earlier=NOTHING), session.earlier
        return connect(session, earlier, tries=live.tries + 1, again="continuation refused", trouble=trouble)
    match trouble.advice.policy:
        case Policy.STOP:
            session, effects = fail(session, trouble, cause=trouble.code.value)
            return session, (FailTurn(trouble=trouble), *effects)
        case Policy.RENEW_ONCE | Policy.BACK_OFF:
            session, effects = again(session, trouble, tries=live.tries, cause=trouble.code.value)
            return session, (FailTurn(trouble=trouble), *_shown(session, trouble), *effects)
        case Policy.STAY:
            session, effects = turns.turn_failed(session, live)
            return session, (FailTurn(trouble=trouble), Show(trouble=trouble), *effects)


def _timer(session: Session, timer: Timer) -> Step:
    session = cancel(session, timer)
    live = session.link
    if not isinstance(live, Live):
        return session, ()
    match timer:
        case Timer.AGENT_ABSENT if live.agent is None:
            session, started = start(session, Timer.AGENT_GONE, AGENT_ABSENT_AGAIN_S)
            return session, (Show(trouble=Trouble(Code.AGENT_ABSENT)), started)
        case Timer.AGENT_GONE if live.agent is None:
            return again(session, Trouble(Code.AGENT_LEFT), tries=live.tries, cause="no agent")
        case Timer.RESUME_LIMIT if live.resuming:
            return again(session, Trouble(Code.ROOM_LOST), tries=live.tries, cause="resume failed")
        case Timer.IDLE_END:
            return hang_up(session)
        case _:
            return turns.timer(session, live, timer)
