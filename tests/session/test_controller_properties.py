"""Random lives of a whole session among fakes: rooms are left, texts go out once and in order, nothing is left over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    HangUpRequested,
    MuteChanged,
    ResponseStarted,
    RetryRequested,
    RoomEvent,
    RoomHeard,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
    SpeechDropped,
    SpeechRepeated,
    StopRequested,
    TalkChanged,
)
from mka1_desktop.domain.system_events import NetworkChanged, Resumed
from mka1_desktop.session.state import Idle, Live
from tests.fakes.session_desk import AGENT, Desk


async def connect(desk: Desk) -> None:
    desk.controller.connect()
    await desk.settle()


async def say(desk: Desk) -> None:
    desk.controller.say(f"text {len(desk.controller.dialogue.entries)}")
    await desk.settle()


async def from_room(desk: Desk, make: Callable[[int], RoomEvent]) -> None:
    """The newest room speaks, whether or not somebody still listens to it."""
    if desk.rooms.rooms:
        await desk.hear(make(desk.room.ticket))


async def flip(desk: Desk, gate: asyncio.Event) -> None:
    gate.clear() if gate.is_set() else gate.set()
    await desk.settle()


async def refuse(desk: Desk, code: Code) -> None:
    desk.api.failures.append(AppError(code))


async def be_stubborn(desk: Desk) -> None:
    desk.rooms.stubborn = not desk.rooms.stubborn


async def hold_texts(desk: Desk) -> None:
    if desk.rooms.rooms:
        await flip(desk, desk.room.send_gate)


ACTS: Mapping[str, Callable[[Desk], Awaitable[None]]] = {
    "connect": connect,
    "hang up": lambda d: d.post(HangUpRequested()),
    "say": say,
    "retry": lambda d: d.post(RetryRequested()),
    "key down": lambda d: d.post(TalkChanged(open=True)),
    "key up": lambda d: d.post(TalkChanged(open=False)),
    "mute": lambda d: d.post(MuteChanged(muted=True)),
    "unmute": lambda d: d.post(MuteChanged(muted=False)),
    "stop": lambda d: d.post(StopRequested()),
    "agent": lambda d: from_room(d, lambda t: AgentJoined(ticket=t, identity=AGENT)),
    "agent leaves": lambda d: from_room(d, lambda t: AgentLeft(ticket=t, identity=AGENT)),
    "lost": lambda d: from_room(d, lambda t: RoomLost(ticket=t, reason="gone")),
    "resuming": lambda d: from_room(d, lambda t: RoomResuming(ticket=t)),
    "resumed": lambda d: from_room(d, lambda t: RoomResumed(ticket=t)),
    "silent": lambda d: from_room(d, lambda t: RoomSilent(ticket=t)),
    "heard": lambda d: from_room(d, lambda t: RoomHeard(ticket=t)),
    "network": lambda d: d.post(NetworkChanged(up=True, route_changed=True)),
    "sleep": lambda d: d.post(Resumed(slept_s=60.0)),
    "drop": lambda d: d.post(SpeechDropped()),
    "say again": lambda d: d.post(SpeechRepeated()),
    "response": lambda d: from_room(d, lambda t: ResponseStarted(ticket=t, response_id=f"r{t}", conversation_id=None)),
    "words": lambda d: d.caption("Hello", segment="a") if d.rooms.rooms else d.settle(),
    "token gate": lambda d: flip(d, d.api.gate),
    "room gate": lambda d: flip(d, d.rooms.gate),
    "mic gate": lambda d: flip(d, d.sound.gate),
    "text gate": hold_texts,
    "stubborn": be_stubborn,
    "offline": lambda d: refuse(d, Code.OFFLINE),
    "bad key": lambda d: refuse(d, Code.KEY_REJECTED),
    "thinks": lambda d: from_room(d, lambda t: AgentStateChanged(ticket=t, state=AgentState.THINKING)),
    "voice": lambda d: from_room(d, lambda t: AgentSoundStarted(ticket=t, at_s=d.clock.monotonic())),
    "quiet": lambda d: from_room(d, lambda t: AgentSoundStopped(ticket=t, at_s=d.clock.monotonic())),
    "second": lambda d: d.clock.advance(1.0),
    "five seconds": lambda d: d.clock.advance(5.0),
    "token late": lambda d: d.clock.advance(241.0),
    "a while": lambda d: d.clock.advance(21.0),
}
READY = ["connect", "agent", "second"]  # a session that listens: half of all lives begin so
LIVES = st.builds(
    lambda ready, acts: [*(READY if ready else ()), *acts],
    st.booleans(),
    st.lists(st.sampled_from(sorted(ACTS)), min_size=10, max_size=50),
)


class Truth:
    """DeliveryPort of a service that has whatever reached any of its rooms."""

    def __init__(self) -> None:
        self.desk: Desk | None = None

    async def holds(self, going_on: Continuation, text: str, *, known: int) -> bool | None:
        assert self.desk is not None
        return any(text in room.texts for room in self.desk.rooms.rooms)


@given(LIVES, st.sampled_from(["hang up", "stop", "cancel"]), st.booleans())
@settings(max_examples=150)
def test_whatever_happens_a_session_ends_clean(acts: list[str], end: str, asks: bool) -> None:
    asyncio.run(_live(acts, end, Truth() if asks else None))


async def _live(acts: list[str], end: str, truth: Truth | None) -> None:
    async with Desk(delivery=truth) as desk:
        if truth is not None:
            truth.desk = desk
            desk.controller.tune(idle_s=600.0, renewal="ahead", open_mic=False)
        for act in acts:
            await ACTS[act](desk)
            _check(desk)
        for gate in (desk.api.gate, desk.rooms.gate, desk.sound.gate, *(r.send_gate for r in desk.rooms.rooms)):
            gate.set()
        await desk.settle()
        if end == "hang up":
            await desk.post(HangUpRequested())
            desk.link(Idle)
            assert not desk.sending()
            assert not desk.silent()
            waiting = [e for e in desk.controller.dialogue.entries if e.state == "waiting"]
            assert len(waiting) <= desk.controller.outbox  # no text is lost on its way
        else:
            await (desk.stop() if end == "stop" else desk.cancel())
        assert [room.left for room in desk.rooms.rooms] == [1] * len(desk.rooms.rooms)
        sent = [text for room in desk.rooms.rooms for text in room.texts]
        assert len(sent) == len(set(sent))
        assert sent == sorted(sent, key=lambda text: int(text.removeprefix("text ")))
        assert desk.defects == []


def _check(desk: Desk) -> None:
    session = desk.session
    here = {room.ticket for room in desk.rooms.rooms if not room.left}
    others = {other.ticket for other in (session.successor, session.leaving) if other is not None}
    assert here <= {session.ticket, *others}
    assert (session.ticket in here) == isinstance(session.link, Live)
    assert len(here) <= 2
    wanted = session.listens and session.talk_open and not session.muted
    if desk.sound.gate.is_set():
        assert desk.sending() == wanted
