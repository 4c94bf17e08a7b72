"""Random orders of all events: what must hold for a session whatever happens, stale and doubled facts included."""

from __future__ import annotations

from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

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
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.session.machine import step
from mka1_desktop.session.state import (
    Connecting,
    Effect,
    Failed,
    FetchGrant,
    Idle,
    JoinRoom,
    LeaveRoom,
    Live,
    Phase,
    Session,
    SetMicrophone,
    Show,
    Shown,
    SilenceAgent,
    StartTimer,
)

GRANT = RoomGrant(url="ws://127.0.0.1:1", token="t")
TROUBLES = st.builds(
    Trouble,
    st.sampled_from(Code),
    service=st.sampled_from([None, "llm"]),
    http_status=st.sampled_from([None, 429, 503]),
    retry_after_s=st.none() | st.floats(0, 1e6),
)
IDS = st.sampled_from(["r1", "r2", "r3"])
CONTINUATIONS = st.one_of(
    st.just(NOTHING),
    st.builds(Continuation, response_id=IDS),
    st.builds(Continuation, conversation_id=st.just("c1")),
)
LAG = st.sampled_from([0, 0, 0, 0, 1, 2])  # how many tickets a fact is behind
AGENTS = st.sampled_from(["a", "b"])
FLAGS = st.booleans()
T = 0  # placeholder for the ticket

FACTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(GrantReady, ticket=st.just(T), grant=st.just(GRANT)),
    st.builds(GrantFailed, ticket=st.just(T), trouble=TROUBLES),
    st.builds(RoomJoined, ticket=st.just(T)),
    st.builds(JoinFailed, ticket=st.just(T), trouble=TROUBLES),
    st.builds(RoomResuming, ticket=st.just(T)),
    st.builds(RoomResumed, ticket=st.just(T)),
    st.builds(RoomLost, ticket=st.just(T), reason=st.just("gone")),
    st.builds(AgentJoined, ticket=st.just(T), identity=AGENTS),
    st.builds(AgentLeft, ticket=st.just(T), identity=AGENTS),
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
    st.builds(ServiceErrorReceived, ticket=st.just(T), trouble=TROUBLES),
)  # fmt: skip
WISHES: st.SearchStrategy[Event] = st.one_of(
    st.builds(ConnectRequested, continuation=CONTINUATIONS, fallback=CONTINUATIONS),
    st.just(HangUpRequested()),
    st.builds(TalkChanged, open=FLAGS),
    st.just(StopRequested()),
    st.builds(MuteChanged, muted=FLAGS),
    st.just(TextHandedOver(key="k")),
    st.just(RetryRequested()),
    st.just(MicrophoneReady()),
    st.just(MicrophoneClosed()),
    st.builds(MicrophoneFailed, trouble=TROUBLES),
    st.just(DevicesChanged()),
)


def at_ticket(event: Event, ticket: int) -> Event:
    fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
    return type(event)(**{**fields, "ticket": ticket})


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self.sending = False
        self.silent = False
        self.rooms: set[int] = set()  # tickets asked for and not left

    # --- every step --------------------------------------------------------------------------------------------

    def feed(self, event: Event) -> tuple[Effect, ...]:
        before = self.session
        self.session, effects = step(before, event)
        for effect in effects:
            self._follow(effect, event, before)
        assert self.session.ticket >= before.ticket
        if isinstance(self.session.link, Failed) and self.session.link is not before.link:
            shown = [e for e in effects if isinstance(e, Show)]
            assert [s.trouble for s in shown] == [self.session.link.trouble]
        return effects

    def _follow(self, effect: Effect, event: Event, before: Session) -> None:
        match effect:
            case JoinRoom(ticket=ticket, grant=grant):
                assert isinstance(event, GrantReady)
                assert event.ticket == ticket == before.ticket == self.session.ticket
                assert grant == event.grant
            case FetchGrant(ticket=ticket, continuation=continuation, delay_s=delay_s, jitter=jitter):
                assert ticket == self.session.ticket > before.ticket
                assert not (continuation.conversation_id and continuation.response_id)
                assert 0 <= delay_s <= 60
                assert 0 <= jitter < 1
                self.rooms.add(ticket)
            case LeaveRoom(ticket=ticket):
                self.rooms = {t for t in self.rooms if t > ticket}
            case SetMicrophone(sending=sending):
                assert sending != self.sending
                self.sending = sending
            case SilenceAgent(silent=silent):
                self.silent = silent
            case StartTimer(serial=serial, seconds=seconds):
                assert serial > before.serial
                assert seconds > 0
            case _:
                pass

    @rule(event=WISHES)
    def wish(self, event: Event) -> None:
        self.feed(event)

    @rule(event=FACTS, lag=LAG)
    def fact(self, event: Event, lag: int) -> None:
        before = self.session
        effects = self.feed(at_ticket(event, before.ticket - lag))
        if lag:
            assert effects == ()
            assert self.session == before

    @rule(data=st.data())
    def timer(self, data: st.DataObject) -> None:
        timer = data.draw(st.sampled_from(Timer))
        stale = data.draw(FLAGS)
        before = self.session
        serial = before.timers.get(timer, -1) - int(stale)
        effects = self.feed(TimerFired(timer=timer, serial=serial))
        if before.timers.get(timer) != serial:
            assert effects == ()
            assert self.session == before

    @rule()
    def go_live(self) -> None:
        """The happy way, so that the room is reached often."""
        self.feed(ConnectRequested())
        self.feed(GrantReady(ticket=self.session.ticket, grant=GRANT))
        self.feed(RoomJoined(ticket=self.session.ticket))
        self.feed(AgentJoined(ticket=self.session.ticket, identity="a"))

    @rule(event=st.sampled_from([RoomResuming(ticket=T), AgentLeft(ticket=T, identity="a")]))
    def shake(self, event: Event) -> None:
        """A room that is not well."""
        self.go_live()
        self.feed(at_ticket(event, self.session.ticket))

    @rule(event=st.sampled_from([StopRequested(), TalkChanged(open=True)]))
    def cut_in(self, event: Event) -> None:
        """A voice, and the person who stops it."""
        self.feed(TextHandedOver(key="k"))
        self.feed(AgentSoundStarted(ticket=self.session.ticket, at_s=0.0))
        self.feed(event)

    @rule()
    def hang_up(self) -> None:
        old = self.session.ticket
        self.feed(HangUpRequested())
        assert isinstance(self.session.link, Idle)
        assert self.session.timers == {}
        if self.rooms:
            raise AssertionError("a room was not left")
        before = self.session
        if before.ticket > old:
            for late in (GrantReady(ticket=old, grant=GRANT), RoomJoined(ticket=old), RoomLost(ticket=old, reason="x")):
                assert self.feed(late) == ()
                assert self.session == before
        assert self.feed(HangUpRequested()) == ()

    @rule(event=st.sampled_from([TalkChanged(open=True), TalkChanged(open=False), MuteChanged(muted=True)]))
    def twice(self, event: Event) -> None:
        """A doubled wish is one wish."""
        self.feed(event)
        before = self.session
        assert self.feed(event) == ()
        assert self.session == before

    @rule()
    def ask(self) -> None:
        """A question after a stop, and the first sign of its answer: nothing may stay silent."""
        self.feed(TextHandedOver(key="k"))
        live = self.session.link
        fresh = "fresh" if not isinstance(live, Live) or live.response_id != "fresh" else "fresh2"
        self.feed(ResponseStarted(ticket=self.session.ticket, response_id=fresh, conversation_id=None))
        assert not self.silent

    # --- always ------------------------------------------------------------------------------------------------

    @invariant()
    def the_word_is_one_of_ten(self) -> None:
        assert self.session.shown in list(Shown)
        assert len(Shown) == 10

    @invariant()
    def the_microphone_sends_only_where_it_is_wanted(self) -> None:
        link = self.session.link
        wanted = isinstance(link, Live) and not link.resuming and self.session.talk_open and not self.session.muted
        assert self.sending == self.session.sending == wanted

    @invariant()
    def silence_belongs_to_a_room(self) -> None:
        link = self.session.link
        assert self.silent == (isinstance(link, Live) and link.silenced)

    @invariant()
    def only_the_newest_room_is_asked_for(self) -> None:
        active = isinstance(self.session.link, Connecting | Live)
        assert self.rooms == ({self.session.ticket} if active else set())

    @invariant()
    def timers_belong_to_a_room(self) -> None:
        assert isinstance(self.session.link, Live) or self.session.timers == {}

    @invariant()
    def nobody_waits_for_ever(self) -> None:
        """Where the session shows that it waits for the far side, a timer or the sound ends that."""
        link, timers = self.session.link, self.session.timers
        if not isinstance(link, Live):
            return
        if link.resuming:
            assert Timer.RESUME_LIMIT in timers
        if link.agent is None:
            assert timers.keys() & {Timer.AGENT_ABSENT, Timer.AGENT_GONE}
        if link.phase is Phase.THINKING:
            assert timers.keys() & {Timer.THINKING_LONG, Timer.IDLE_END}
        if link.phase is Phase.INTERRUPTED:
            assert Timer.INTERRUPTED_SHOWN in timers

    @invariant()
    def a_continuation_is_never_two(self) -> None:
        for one in (self.session.continuation, self.session.earlier):
            assert not (one.conversation_id and one.response_id)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=120, stateful_step_count=60, deadline=None)


def test_the_events_above_are_all_there_are() -> None:
    made = {type(e) for e in (TimerFired(timer=Timer.IDLE_END, serial=1),)}
    drawn = {
        GrantReady, GrantFailed, RoomJoined, JoinFailed, RoomResuming, RoomResumed, RoomLost, AgentJoined, AgentLeft,
        AgentStateChanged, AgentSoundStarted, AgentSoundStopped, CaptionReceived, ResponseStarted,
        ServiceErrorReceived, ConnectRequested, HangUpRequested, TalkChanged, StopRequested, MuteChanged,
        TextHandedOver, RetryRequested, MicrophoneReady, MicrophoneClosed, MicrophoneFailed, DevicesChanged,
    }  # fmt: skip
    assert made | drawn == set(get_args(Event))
