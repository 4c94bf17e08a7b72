"""Random lives of a whole session among fakes: rooms are left, texts go out once and in order, nothing is left over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    HangUpRequested,
    MuteChanged,
    RetryRequested,
    RoomEvent,
    RoomLost,
    RoomResumed,
    RoomResuming,
    StopRequested,
    TalkChanged,
)
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
    "words": lambda d: d.caption("Hello", segment="a") if d.rooms.rooms else d.settle(),
    "token gate": lambda d: flip(d, d.api.gate),
    "room gate": lambda d: flip(d, d.rooms.gate),
    "mic gate": lambda d: flip(d, d.sound.gate),
    "text gate": hold_texts,
    "stubborn": be_stubborn,
    "offline": lambda d: refuse(d, Code.OFFLINE),
    "bad key": lambda d: refuse(d, Code.KEY_REJECTED),
    "second": lambda d: d.clock.advance(1.0),
    "a while": lambda d: d.clock.advance(21.0),
}
LIVES = st.lists(st.sampled_from(sorted(ACTS)), max_size=40)


@given(LIVES, st.sampled_from(["hang up", "stop", "cancel"]))
@settings(max_examples=150)
def test_whatever_happens_a_session_ends_clean(acts: list[str], end: str) -> None:
    asyncio.run(_live(acts, end))


async def _live(acts: list[str], end: str) -> None:
    async with Desk() as desk:
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
            assert len(waiting) == desk.controller.outbox  # no text is lost on its way
        else:
            await (desk.stop() if end == "stop" else desk.cancel())
        assert [room.left for room in desk.rooms.rooms] == [1] * len(desk.rooms.rooms)
        sent = [text for room in desk.rooms.rooms for text in room.texts]
        assert len(sent) == len(set(sent))
        assert sent == sorted(sent, key=lambda text: int(text.removeprefix("text ")))
        assert desk.defects == []


def _check(desk: Desk) -> None:
    link = desk.session.link
    here = [room for room in desk.rooms.rooms if not room.left]
    assert len(here) <= 1
    assert bool(here) == isinstance(link, Live)
    wanted = isinstance(link, Live) and not link.resuming and desk.session.talk_open and not desk.session.muted
    if desk.sound.gate.is_set():
        assert desk.sending() == wanted
