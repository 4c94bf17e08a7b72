"""Random orders of all events: what must hold for a session whatever happens, stale and doubled facts included.

What is asserted after every event stands in tests/support/session_world.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    ConnectRequested,
    DevicesChanged,
    Event,
    GrantFailed,
    GrantReady,
    HangUpRequested,
    JoinFailed,
    KeptNotSent,
    KeptSent,
    MicrophoneClosed,
    MicrophoneFailed,
    MicrophoneLoud,
    MicrophoneReady,
    MuteChanged,
    ResponseStarted,
    RetryRequested,
    RoomHeard,
    RoomJoined,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
    ServiceErrorReceived,
    SpeechDropped,
    SpeechRepeated,
    StopRequested,
    TalkChanged,
    TextGoesOut,
    TextHandedOver,
    Timer,
    TimerFired,
)
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.domain.system_events import (
    ClockJumped,
    NetworkChanged,
    ProxyChanged,
    Resumed,
    ScreenLocked,
    ScreenUnlocked,
    Suspending,
)
from mka1_desktop.session.state import Idle, Live, RenewalMode, Session
from tests.support.session_world import World, at_ticket

TROUBLES = st.builds(
    Trouble,
    st.sampled_from(Code),
    service=st.sampled_from([None, "llm"]),
    http_status=st.sampled_from([None, 429, 503]),
    retry_after_s=st.none() | st.floats(0, 1e6),
)
WEATHER = st.builds(Trouble, st.sampled_from([Code.OFFLINE, Code.ROOM_UNREACHABLE, Code.CONTINUATION_REFUSED]))
GRANTS = st.builds(
    RoomGrant, url=st.just("ws://127.0.0.1:1"), token=st.just("t"), lifetime_s=st.sampled_from([2.0, 30.0, 300.0])
)
IDS = st.sampled_from(["r1", "r2", "r3"])
CONTINUATIONS = st.one_of(
    st.just(NOTHING),
    st.builds(Continuation, response_id=IDS),
    st.builds(Continuation, conversation_id=st.just("c1")),
)
AGENTS = st.sampled_from(["agent-1", "b"])
FLAGS = st.booleans()
T = 0  # placeholder for the ticket

SIGNS: st.SearchStrategy[Event] = st.one_of(
    st.builds(AgentStateChanged, ticket=st.just(T), state=st.sampled_from(AgentState)),
    st.builds(AgentSoundStarted, ticket=st.just(T), at_s=st.just(0.0)),
    st.builds(AgentSoundStopped, ticket=st.just(T), at_s=st.just(0.0)),
    st.builds(
        CaptionReceived, ticket=st.just(T), segment_id=st.sampled_from("abc"),
        speaker=st.sampled_from(["user", "agent"]), text=st.just("x"), final=FLAGS,
        channel=st.sampled_from(["event", "stream"]), at_s=st.just(0.0),
    ),
    st.builds(
        ResponseStarted, ticket=st.just(T), response_id=st.none() | IDS,
        conversation_id=st.sampled_from([None, None, "c1"]),
    ),
)  # fmt: skip
HEALTH: st.SearchStrategy[Event] = st.one_of(
    st.builds(RoomResuming, ticket=st.just(T)),
    st.builds(RoomResumed, ticket=st.just(T)),
    st.builds(RoomSilent, ticket=st.just(T)),
    st.builds(RoomHeard, ticket=st.just(T)),
    st.builds(RoomLost, ticket=st.just(T), reason=st.just("gone")),
    st.builds(AgentJoined, ticket=st.just(T), identity=AGENTS),
    st.builds(AgentLeft, ticket=st.just(T), identity=AGENTS),
    st.builds(ServiceErrorReceived, ticket=st.just(T), trouble=TROUBLES),
    st.builds(KeptSent, ticket=st.just(T)),
    st.builds(KeptNotSent, ticket=st.just(T), trouble=TROUBLES),
)
ROOM = SIGNS | HEALTH
ATTEMPT: st.SearchStrategy[Event] = st.one_of(
    st.builds(GrantReady, ticket=st.just(T), grant=GRANTS, ends=FLAGS),
    st.builds(GrantFailed, ticket=st.just(T), trouble=TROUBLES),
    st.builds(RoomJoined, ticket=st.just(T), age_s=st.sampled_from([0.0, 1.0])),
    st.builds(JoinFailed, ticket=st.just(T), trouble=TROUBLES),
)
WISHES: st.SearchStrategy[Event] = st.one_of(
    st.builds(ConnectRequested, continuation=CONTINUATIONS, fallback=CONTINUATIONS, fresh=FLAGS),
    st.builds(TalkChanged, open=FLAGS),
    st.just(StopRequested()),
    st.builds(MuteChanged, muted=FLAGS),
    st.just(TextGoesOut(key="k")),
    st.just(TextHandedOver(key="k")),
    st.just(RetryRequested()),
    st.just(SpeechDropped()),
    st.just(SpeechRepeated()),
    st.just(MicrophoneReady()),
    st.just(MicrophoneClosed()),
    st.builds(MicrophoneFailed, trouble=TROUBLES),
    st.builds(MicrophoneLoud, loud=FLAGS),
    st.just(DevicesChanged()),
)
SYSTEM: st.SearchStrategy[Event] = st.one_of(
    st.builds(NetworkChanged, up=st.sampled_from([True, False, None]), route_changed=FLAGS),
    st.just(Suspending()),
    st.builds(Resumed, slept_s=st.sampled_from([0.5, 5.0, 3600.0])),
    st.just(ScreenLocked()),
    st.just(ScreenUnlocked()),
    st.builds(ClockJumped, by_s=st.sampled_from([-7200.0, 7200.0])),
    st.just(ProxyChanged()),
)


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @property
    def session(self) -> Session:
        return self.world.session

    # --- the person and the machine it runs on -------------------------------------------------------------------

    @rule(event=WISHES)
    def wish(self, event: Event) -> None:
        self.world.do(event)

    @rule(event=SYSTEM)
    def system(self, event: Event) -> None:
        self.world.do(event)

    @rule(event=st.sampled_from([TalkChanged(open=True), TalkChanged(open=False), MuteChanged(muted=True)]))
    def twice(self, event: Event) -> None:
        """A doubled wish is one wish."""
        self.world.do(event)
        before = self.session
        assert self.world.do(event).effects == []
        assert self.session == before

    @rule()
    def hang_up(self) -> None:
        old = {self.session.ticket, *self.world.wanted}
        self.world.hang_up()
        assert isinstance(self.session.link, Idle)
        assert not self.session.timers
        assert not self.world.wanted
        assert not self.world.sending
        assert not self.world.keeping
        before = self.session
        late: list[Event] = [
            GrantReady(ticket=T, grant=RoomGrant(url="ws://127.0.0.1:1", token="t")),
            RoomJoined(ticket=T),
        ]
        for ticket in old - {self.session.ticket}:
            for event in (*late, AgentJoined(ticket=T, identity="a"), RoomLost(ticket=T, reason="x")):
                assert self.world.do(at_ticket(event, ticket)).effects == []
        assert self.world.hang_up().effects == []
        assert self.session == before

    @rule(
        idle_s=st.sampled_from([3.0, 600.0]), mode=st.sampled_from(get_args(RenewalMode)), open_mic=FLAGS, ready=FLAGS
    )
    def tune(self, idle_s: float, mode: RenewalMode, open_mic: bool, ready: bool) -> None:
        self.world.session = replace(self.session, idle_s=idle_s, renewal=mode, open_mic=open_mic, keep_ready=ready)
        self.world.do(DevicesChanged())  # a setting works from the next event on, whatever that is

    # --- time ----------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.1, 0.4, 1.0, 3.0, 4.0, 7.0, 10.0, 60.0, 300.0]))
    def time(self, seconds: float) -> None:
        self.world.advance(seconds)

    @rule(timer=st.sampled_from(Timer))
    def stale_timer(self, timer: Timer) -> None:
        before = self.session
        serial = before.timers.get(timer, before.serial) - 1
        assert self.world.do(TimerFired(timer=timer, serial=serial)).effects == []
        assert self.session == before

    # --- the far side --------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.fetching)
    @rule(data=st.data(), event=st.builds(GrantReady, ticket=st.just(T), grant=GRANTS, ends=FLAGS))
    def granted(self, data: st.DataObject, event: Event) -> None:
        self.world.do(at_ticket(event, data.draw(st.sampled_from(sorted(self.world.fetching)))))

    @precondition(lambda self: self.world.fetching)
    @rule(data=st.data(), trouble=WEATHER | TROUBLES)
    def not_granted(self, data: st.DataObject, trouble: Trouble) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.world.fetching)))
        self.world.do(GrantFailed(ticket=ticket, trouble=trouble))

    @precondition(lambda self: self.world.joining)
    @rule(data=st.data(), agent=FLAGS, age_s=st.sampled_from([0.0, 1.0]))
    def joined(self, data: st.DataObject, agent: bool, age_s: float) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.world.joining)))
        self.world.do(RoomJoined(ticket=ticket, age_s=age_s))
        if agent:
            self.world.do(AgentJoined(ticket=ticket, identity="agent-1"))

    @precondition(lambda self: self.world.joining)
    @rule(data=st.data(), trouble=WEATHER | TROUBLES)
    def not_joined(self, data: st.DataObject, trouble: Trouble) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.world.joining)))
        self.world.do(JoinFailed(ticket=ticket, trouble=trouble))

    @precondition(lambda self: self.world.joined)
    @rule(data=st.data(), event=ROOM)
    def fact(self, data: st.DataObject, event: Event) -> None:
        self.world.do(at_ticket(event, data.draw(st.sampled_from(sorted(self.world.joined)))))

    @precondition(lambda self: isinstance(self.session.link, Live))
    @rule(event=SIGNS)
    def sign(self, event: Event) -> None:
        self.world.do(at_ticket(event, self.session.ticket))

    @rule(event=ROOM | ATTEMPT, data=st.data())
    def stale_fact(self, event: Event, data: st.DataObject) -> None:
        """A room that is left, or that nobody has asked for."""
        strangers = [
            t for t in range(self.session.issued + 2) if t not in self.world.wanted and t != self.session.ticket
        ]
        ticket = data.draw(st.sampled_from(strangers))
        before = self.session
        assert self.world.do(at_ticket(event, ticket)).effects == []
        assert self.session == before

    # --- ways that chance seldom finds ---------------------------------------------------------------------------

    @rule(lifetime_s=st.sampled_from([30.0, 300.0]), ends=FLAGS)
    def go_live(self, lifetime_s: float, ends: bool) -> None:
        self.world.connect()
        if self.session.ticket in self.world.fetching:
            self.world.grant(self.session.ticket, lifetime_s=lifetime_s, ends=ends)
        if self.session.ticket in self.world.joining:
            self.world.join(self.session.ticket)
        if isinstance(self.session.link, Live):
            self.world.agent(self.session.ticket)

    @precondition(lambda self: isinstance(self.session.link, Live))
    @rule(
        event=st.sampled_from([RoomResuming(ticket=T), RoomSilent(ticket=T), AgentLeft(ticket=T, identity="agent-1")])
    )
    def shake(self, event: Event) -> None:
        """A room that is not well, until a race begins."""
        self.world.do(at_ticket(event, self.session.ticket)).advance(4.0)

    @precondition(lambda self: self.session.successor is not None)
    @rule()
    def succeed(self) -> None:
        """The room beside the joined one comes as far as its agent."""
        assert self.session.successor is not None
        ticket = self.session.successor.ticket
        if ticket in self.world.fetching:
            self.world.grant(ticket)
        if ticket in self.world.joining:
            self.world.join(ticket)
        if ticket in self.world.joined:
            self.world.agent(ticket)

    @precondition(lambda self: isinstance(self.session.link, Live))
    @rule()
    def grow_old(self) -> None:
        """The token's last part: a pause, and then the end of the pause."""
        self.world.do(StopRequested(), TalkChanged(open=False)).advance(0.8 * self.session.lifetime_s).advance(0.5)

    @rule(event=st.sampled_from([StopRequested(), TalkChanged(open=True)]))
    def cut_in(self, event: Event) -> None:
        """A voice, and the person who stops it."""
        self.world.text().sound()
        self.world.do(event)

    @rule()
    def ask(self) -> None:
        """A question after a stop, and the first sign of its answer: nothing may stay silent."""
        self.world.text()
        live = self.session.link
        self.world.response("fresh" if not isinstance(live, Live) or live.response_id != "fresh" else "fresh2")
        assert not self.world.silent


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)


def test_the_events_above_are_all_there_are() -> None:
    drawn = {
        GrantReady, GrantFailed, RoomJoined, JoinFailed, RoomResuming, RoomResumed, RoomSilent, RoomHeard, RoomLost,
        AgentJoined, AgentLeft, AgentStateChanged, AgentSoundStarted, AgentSoundStopped, CaptionReceived,
        ResponseStarted, ServiceErrorReceived, ConnectRequested, HangUpRequested, TalkChanged, StopRequested,
        MuteChanged, TextGoesOut, TextHandedOver, RetryRequested, SpeechDropped, SpeechRepeated, KeptSent, KeptNotSent,
        MicrophoneReady, MicrophoneClosed, MicrophoneFailed, MicrophoneLoud, DevicesChanged, NetworkChanged,
        Suspending, Resumed, ScreenLocked, ScreenUnlocked, ClockJumped, ProxyChanged, TimerFired,
    }  # fmt: skip
    assert drawn == set(get_args(Event))
