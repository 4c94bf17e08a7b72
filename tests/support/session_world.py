"""The session machine in a world with a clock and rooms, which checks after every event what must always hold."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    ConnectRequested,
    Event,
    GrantFailed,
    GrantReady,
    HangUpRequested,
    JoinFailed,
    KeptNotSent,
    KeptSent,
    ResponseStarted,
    RoomJoined,
    RoomLost,
    TalkChanged,
    TextHandedOver,
    Timer,
    TimerFired,
)
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.session.effects import (
    Effect,
    FetchGrant,
    ForgetSpeech,
    HandOver,
    HearRoom,
    JoinRoom,
    KeepSpeech,
    LearnExpiry,
    LeaveRoom,
    SendKept,
    SetMicrophone,
    Show,
    SilenceAgent,
    StartTimer,
    WarmMicrophone,
)
from mka1_desktop.session.machine import step
from mka1_desktop.session.state import Connecting, Failed, Idle, Leaving, Live, Phase, Session, Shown, Successor

E = TypeVar("E", bound=Effect)
AGENT = "agent-1"
LIFETIME_S = 300.0
TOGETHER_S = 10.0  # two rooms are joined no longer
TOKEN = {Timer.EXPIRY_NEAR, Timer.EXPIRY_CLOSE, Timer.EXPIRY_PAST}


class World:
    """`effects` holds what came of the last call; `wanted`, `joined`, `hears` and `plays` hold tickets of rooms."""

    def __init__(self, session: Session | None = None) -> None:
        self.session = session or Session()
        self.now_s = 0.0
        self.effects: list[Effect] = []
        self.wanted: set[int] = set()
        self.fetching: dict[int, FetchGrant] = {}
        self.joining: dict[int, bool] = {}  # ticket -> quiet
        self.joined: set[int] = set()
        self.hears: set[int] = set()
        self.plays: set[int] = set()
        self.sending = self.keeping = self.silent = self.warm = False
        self.kept_to: int | None = None
        self.learnt = 0
        self._due: dict[Timer, tuple[float, int]] = {}
        self._together_s: float | None = None
        self._asked: set[int] = set()  # rooms in which the person has said or typed something, or held the key

    # --- acting ------------------------------------------------------------------------------------------------

    def do(self, *events: Event) -> World:
        self.effects = []
        for event in events:
            self._feed(event)
        return self

    def advance(self, seconds: float) -> World:
        """Let time pass; timers fire in the order of their time."""
        self.effects = []
        end_s = self.now_s + seconds
        while self._due and min(self._due.values())[0] <= end_s + 1e-9:
            timer = min(self._due, key=lambda t: self._due[t])
            due_s, serial = self._due.pop(timer)
            self.now_s = max(self.now_s, due_s)
            self._feed(TimerFired(timer=timer, serial=serial))
        self.now_s = end_s
        self._check_rooms()
        return self

    def _feed(self, event: Event) -> None:
        before = self.session
        self._note(event, before)
        self.session, effects = step(before, event)
        self.effects += effects
        for effect in effects:
            self._follow(effect, before)
        self._after(event, before, effects)

    def _note(self, event: Event, before: Session) -> None:
        """What the world has done when the machine hears of it."""
        ticket = getattr(event, "ticket", before.ticket)
        match event:
            case GrantReady() | GrantFailed():
                self.fetching.pop(ticket, None)
            case RoomJoined() if ticket in self.joining and ticket in self.wanted:
                self.joined.add(ticket)
                if not self.joining.pop(ticket):
                    self.plays.add(ticket)
            case JoinFailed():
                self.joining.pop(ticket, None)
            case CaptionReceived(speaker="user") | TextHandedOver() | TalkChanged():
                self._asked.add(ticket)
            case _:
                return

    # --- following effects -------------------------------------------------------------------------------------

    def _follow(self, effect: Effect, before: Session) -> None:
        match effect:
            case FetchGrant() | JoinRoom() | LeaveRoom() | HandOver() | HearRoom():
                self._seat(effect, before)
            case SetMicrophone(sending=sending):
                assert sending != self.sending
                self.sending = sending
            case WarmMicrophone(warm=warm):
                assert warm != self.warm
                self.warm = warm
            case KeepSpeech(keep=keep):
                assert keep != self.keeping
                self.keeping = keep
            case SendKept(ticket=ticket):
                assert ticket == self.session.ticket
                self.kept_to = ticket
            case SilenceAgent(silent=silent):
                self.silent = silent
            case StartTimer(timer=timer, serial=serial, seconds=seconds):
                assert serial > before.serial
                assert seconds > 0
                self._due[timer] = (self.now_s + seconds, serial)
            case LearnExpiry():
                self.learnt += 1
                assert self.learnt == 1
            case _:
                return

    def _seat(self, effect: FetchGrant | JoinRoom | LeaveRoom | HandOver | HearRoom, before: Session) -> None:
        ticket = effect.ticket
        match effect:
            case FetchGrant(continuation=continuation, delay_s=delay_s, jitter=jitter):
                assert before.issued < ticket <= self.session.issued
                assert not (continuation.conversation_id and continuation.response_id)
                assert 0 <= delay_s <= 60
                assert 0 <= jitter < 1
                self.wanted.add(ticket)
                self.fetching[ticket] = effect
            case JoinRoom(quiet=quiet):
                assert ticket in self.wanted
                self.joining[ticket] = quiet
            case LeaveRoom():
                for tickets in (self.wanted, self.joined, self.hears, self.plays):
                    tickets.discard(ticket)
                self.fetching.pop(ticket, None)
                self.joining.pop(ticket, None)
            case HandOver(before=old):
                assert ticket in self.joined
                self.hears = {*self.hears, ticket} - {old}
            case HearRoom():
                assert ticket in self.joined
                self.plays.add(ticket)
        assert len(self.plays) <= 1, "two rooms play"

    # --- what must hold ----------------------------------------------------------------------------------------

    def _after(self, event: Event, before: Session, effects: tuple[Effect, ...]) -> None:
        assert before.issued <= self.session.issued
        assert before.ticket <= self.session.ticket <= self.session.issued
        self._check_failure(before, effects)
        self._check_speech(event, before, effects)
        self._check_greeting(event, before)
        self._check_rooms()
        self._check_microphone()
        self._check_waits()

    def _check_failure(self, before: Session, effects: tuple[Effect, ...]) -> None:
        link = self.session.link
        if isinstance(link, Failed) and link is not before.link:
            assert [e.trouble for e in effects if isinstance(e, Show)] == [link.trouble]
        if isinstance(link, Idle | Failed):
            assert not [e for e in effects if isinstance(e, FetchGrant)]

    def _check_speech(self, event: Event, before: Session, effects: tuple[Effect, ...]) -> None:
        """What was said is sent, dropped or still waits."""
        was, now = before.speech, self.session.speech
        sent = any(isinstance(e, SendKept) for e in effects)
        forgotten = any(isinstance(e, ForgetSpeech) for e in effects)
        assert not was.pending or now.pending or sent or forgotten
        assert not was.open or now.open or now.pending or sent or forgotten
        over = isinstance(event, KeptSent | KeptNotSent)
        assert not was.sending or now.sending or now.pending or sent or forgotten or over
        assert not now.sending or self.kept_to == self.session.ticket
        assert not (self.session.listens and now.pending and not now.sending)
        assert not (isinstance(self.session.link, Idle) and (now.pending or now.open or now.sending))

    def _check_greeting(self, event: Event, before: Session) -> None:
        """A second greeting leads nowhere."""
        ticket, link = getattr(event, "ticket", None), before.link
        fresh = isinstance(link, Live) and link.hush is not None and ticket not in self._asked
        if fresh and ticket == before.ticket and isinstance(event, ResponseStarted):
            assert self.session.continuation == before.continuation
            assert self.session.earlier == before.earlier

    def _check_rooms(self) -> None:
        session = self.session
        mine = {session.ticket} if isinstance(session.link, Connecting | Live) else set()
        mine |= {other.ticket for other in (session.successor, session.leaving) if other is not None}
        assert self.wanted == mine, "a room is left behind, or nobody's"
        assert self.hears == ({session.ticket} if isinstance(session.link, Live) else set())
        assert self.plays <= self.joined
        assert len(self.joined) <= 2
        if len(self.joined) < 2:
            self._together_s = None
            return
        assert session.successor is not None or session.leaving is not None
        assert Timer.OVERLAP_END in session.timers
        if self._together_s is None:
            self._together_s = self.now_s
        assert self.now_s - self._together_s <= TOGETHER_S + 1e-6

    def _check_microphone(self) -> None:
        session, link = self.session, self.session.link
        wanted = session.talk_open and not session.muted
        heard = isinstance(link, Live) and link.agent is not None and not link.resuming and not link.silent
        assert self.sending == session.sending == (wanted and heard)
        assert self.keeping == session.speech.keeping == (wanted and isinstance(link, Connecting | Live))
        assert self.silent == (isinstance(link, Live) and link.silenced)
        assert self.warm == session.warm
        in_session = isinstance(link, Connecting | Live)
        assert not session.warm or (session.keep_ready and session.voiced and in_session and not session.muted)

    def _check_waits(self) -> None:
        """Where the session waits for the far side, a timer or an attempt leads on."""
        session, link, timers = self.session, self.session.link, self.session.timers
        assert all(timer in self._due and self._due[timer][1] == serial for timer, serial in timers.items())
        if session.successor is not None:
            assert isinstance(link, Live)
            self._check_attempt(session.successor.ticket)
        if session.leaving is not None:
            assert Timer.OVERLAP_END in timers
        if isinstance(link, Connecting):
            assert session.ticket in {*self.fetching, *self.joining}
            assert timers.keys() <= {Timer.IDLE_END}
        if not isinstance(link, Live):
            assert isinstance(link, Connecting) or not timers
            return
        if not link.well:
            assert Timer.RESUME_LIMIT in timers or session.successor is not None
        if link.agent is None:
            assert timers.keys() & {Timer.AGENT_ABSENT, Timer.AGENT_GONE}
        if link.phase is Phase.THINKING:
            assert timers.keys() & {Timer.THINKING_LONG, Timer.IDLE_END}
        if link.phase is Phase.INTERRUPTED:
            assert Timer.INTERRUPTED_SHOWN in timers

    def _check_attempt(self, ticket: int) -> None:
        assert ticket in {*self.fetching, *self.joining} or (
            ticket in self.joined and Timer.OVERLAP_END in self.session.timers
        )

    # --- looking -----------------------------------------------------------------------------------------------

    def shown(self) -> Shown:
        return self.session.shown

    @property
    def ticket(self) -> int:
        return self.session.ticket

    @property
    def live(self) -> Live:
        assert isinstance(self.session.link, Live), self.session.link
        return self.session.link

    @property
    def successor(self) -> Successor:
        assert self.session.successor is not None
        return self.session.successor

    @property
    def leaving(self) -> Leaving:
        assert self.session.leaving is not None
        return self.session.leaving

    def those(self, kind: type[E]) -> list[E]:
        return [e for e in self.effects if isinstance(e, kind)]

    @property
    def fetch(self) -> FetchGrant:
        """The one token that the last call asked for."""
        (fetch,) = self.those(FetchGrant)
        return fetch

    @property
    def notices(self) -> list[Code]:
        return [e.trouble.code for e in self.those(Show)]

    # --- the way of a room -------------------------------------------------------------------------------------

    def connect(self, continuation: Continuation = NOTHING, fallback: Continuation = NOTHING) -> World:
        return self.do(ConnectRequested(continuation=continuation, fallback=fallback))

    def grant(self, ticket: int | None = None, *, lifetime_s: float = LIFETIME_S, ends: bool = False) -> World:
        grant = RoomGrant(url="ws://127.0.0.1:1", token="t", lifetime_s=lifetime_s)
        return self.do(GrantReady(ticket=self._or_newest(ticket), grant=grant, ends=ends))

    def refuse(self, code: Code, ticket: int | None = None, *, retry_after_s: float | None = None) -> World:
        trouble = Trouble(code, retry_after_s=retry_after_s)
        return self.do(GrantFailed(ticket=self._or_newest(ticket), trouble=trouble))

    def join(self, ticket: int | None = None) -> World:
        return self.do(RoomJoined(ticket=self._or_newest(ticket)))

    def agent(self, ticket: int | None = None) -> World:
        return self.do(AgentJoined(ticket=self._or_newest(ticket), identity=AGENT))

    def arrive(self, ticket: int | None = None, *, lifetime_s: float = LIFETIME_S, ends: bool = False) -> World:
        """Token, room and agent; `effects` are those of the agent's coming."""
        ticket = self._or_newest(ticket)
        return self.grant(ticket, lifetime_s=lifetime_s, ends=ends).join(ticket).agent(ticket)

    def listening(
        self, continuation: Continuation = NOTHING, *, lifetime_s: float = LIFETIME_S, ends: bool = False
    ) -> World:
        self.connect(continuation).arrive(lifetime_s=lifetime_s, ends=ends).advance(1.0)
        assert self.shown() is Shown.LISTENING
        return self

    def lose(self, ticket: int | None = None, reason: str = "gone") -> World:
        return self.do(RoomLost(ticket=self.ticket if ticket is None else ticket, reason=reason))

    def hang_up(self) -> World:
        return self.do(HangUpRequested())

    def _or_newest(self, ticket: int | None) -> int:
        return self.session.issued if ticket is None else ticket

    # --- signs of a room ---------------------------------------------------------------------------------------

    def key(self, down: bool) -> World:
        return self.do(TalkChanged(open=down))

    def text(self) -> World:
        return self.do(TextHandedOver(key="k"))

    def user(self, text: str = "What?", *, final: bool = True, ticket: int | None = None) -> World:
        return self._caption("user", "u", text, final, ticket)

    def words(
        self, text: str = "It is ten.", *, segment: str = "a1", final: bool = False, ticket: int | None = None
    ) -> World:
        return self._caption("agent", segment, text, final, ticket)

    def _caption(self, speaker: str, segment: str, text: str, final: bool, ticket: int | None) -> World:
        return self.do(
            CaptionReceived(
                ticket=self.ticket if ticket is None else ticket, segment_id=segment,
                speaker="user" if speaker == "user" else "agent", text=text, final=final, channel="event",
                at_s=self.now_s,
            )
        )  # fmt: skip

    def sound(self, on: bool = True, *, ticket: int | None = None) -> World:
        kind = AgentSoundStarted if on else AgentSoundStopped
        return self.do(kind(ticket=self.ticket if ticket is None else ticket, at_s=self.now_s))

    def state(self, state: AgentState, *, ticket: int | None = None) -> World:
        return self.do(AgentStateChanged(ticket=self.ticket if ticket is None else ticket, state=state))

    def response(self, response_id: str, *, ticket: int | None = None, conversation: str | None = None) -> World:
        number = self.ticket if ticket is None else ticket
        return self.do(ResponseStarted(ticket=number, response_id=response_id, conversation_id=conversation))

    def answered(self, response_id: str = "r1", *, segment: str = "a1") -> World:
        """A whole turn: asked, and answered to the end."""
        self.user().response(response_id).words(segment=segment, final=True).sound().sound(False).advance(1.0)
        assert self.shown() is Shown.LISTENING
        return self


def at_ticket(event: Event, ticket: int) -> Event:
    """Return the same fact of another room."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return type(event)(**{**values, "ticket": ticket})
