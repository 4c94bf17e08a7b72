"""Plays events at the pure session machine and keeps what it asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    GrantReady,
    ResponseStarted,
    RoomJoined,
    TalkChanged,
    Timer,
    TimerFired,
)
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.session.effects import Effect, FailTurn, SetMicrophone, Show, SilenceAgent
from mka1_desktop.session.machine import step
from mka1_desktop.session.state import Live, Session, Shown

E = TypeVar("E", bound=Effect)
AGENT = "agent-1"
GRANT = RoomGrant(url="ws://127.0.0.1:1", token="t")
TOKEN = {Timer.EXPIRY_NEAR, Timer.EXPIRY_CLOSE, Timer.EXPIRY_PAST}


@dataclass
class Play:
    """One session. `effects` holds what the last `do` asked for, `asked` everything so far."""

    session: Session = field(default_factory=Session)
    effects: tuple[Effect, ...] = ()
    asked: list[Effect] = field(default_factory=list)
    silent: bool = False

    def do(self, *events: Event) -> Play:
        self.effects = ()
        for event in events:
            self.session, effects = step(self.session, event)
            self.effects += effects
        self.asked += self.effects
        for effect in self.effects:
            if isinstance(effect, SilenceAgent):
                self.silent = effect.silent
        return self

    def fire(self, timer: Timer) -> Play:
        """A timer that runs comes to its end."""
        return self.do(TimerFired(timer=timer, serial=self.session.timers[timer]))

    # --- looking -----------------------------------------------------------------------------------------------

    def shown(self) -> Shown:
        """A method, so that no type checker takes what it was for what it is."""
        return self.session.shown

    @property
    def ticket(self) -> int:
        return self.session.ticket

    @property
    def link(self) -> Live:
        assert isinstance(self.session.link, Live), self.session.link
        return self.session.link

    @property
    def running(self) -> set[Timer]:
        """The timers that run, those of the token aside: they run in every room."""
        return set(self.session.timers) - TOKEN

    def those(self, kind: type[E]) -> list[E]:
        return [e for e in self.effects if isinstance(e, kind)]

    @property
    def notices(self) -> list[Code]:
        return [e.trouble.code for e in self.those(Show)]

    @property
    def failed_turns(self) -> list[Trouble]:
        return [e.trouble for e in self.those(FailTurn)]

    @property
    def microphone(self) -> list[bool]:
        return [e.sending for e in self.those(SetMicrophone)]

    # --- getting somewhere -------------------------------------------------------------------------------------

    def connect(self, continuation: Continuation = NOTHING, fallback: Continuation = NOTHING) -> Play:
        return self.do(ConnectRequested(continuation=continuation, fallback=fallback))

    def grant(self) -> Play:
        return self.do(GrantReady(ticket=self.ticket, grant=GRANT))

    def join(self) -> Play:
        return self.grant().do(RoomJoined(ticket=self.ticket))

    def agent(self, identity: str = AGENT) -> Play:
        return self.do(AgentJoined(ticket=self.ticket, identity=identity))

    def greeting(self) -> Play:
        return self.connect().join().agent()

    def listening(self) -> Play:
        return self.greeting().fire(Timer.GREETING_QUIET)

    def thinking(self) -> Play:
        return self.listening().user("What time is it?", final=True)

    def speaking(self) -> Play:
        return self.thinking().words("It is ten", segment="a1").sound()

    # --- signs of the room -------------------------------------------------------------------------------------

    def user(self, text: str, *, final: bool = False) -> Play:
        return self.do(caption(self.ticket, "user", "u", text, final=final))

    def words(self, text: str, *, segment: str = "a1", final: bool = False) -> Play:
        return self.do(caption(self.ticket, "agent", segment, text, final=final))

    def sound(self, on: bool = True) -> Play:
        kind = AgentSoundStarted if on else AgentSoundStopped
        return self.do(kind(ticket=self.ticket, at_s=0.0))

    def state(self, state: AgentState) -> Play:
        return self.do(AgentStateChanged(ticket=self.ticket, state=state))

    def response(self, response_id: str | None, conversation_id: str | None = None) -> Play:
        return self.do(ResponseStarted(ticket=self.ticket, response_id=response_id, conversation_id=conversation_id))

    def key(self, down: bool) -> Play:
        return self.do(TalkChanged(open=down))


def caption(ticket: int, speaker: str, segment: str, text: str, *, final: bool) -> CaptionReceived:
    return CaptionReceived(
        ticket=ticket, segment_id=segment, speaker="user" if speaker == "user" else "agent", text=text, final=final,
        channel="event", at_s=0.0,
    )  # fmt: skip
