"""A turn that is cut, in whatever way, is in the history as it was shown, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.domain.conversation import NOTHING, Identity, Item
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    CaptionReceived,
    HangUpRequested,
    RoomLost,
    ServiceErrorReceived,
    StopRequested,
)
from mka1_desktop.session.recorder import Recorder
from mka1_desktop.session.state import Shown
from tests.fakes.session_desk import AGENT, Desk

HALF = "Once upon a time there was a ki"


class Kept:
    """A session and what its recorder has written."""

    def __init__(self, desk: Desk) -> None:
        self.history = MemoryHistory()
        self.recorder = Recorder(
            history=self.history, clock=desk.clock, identity=Identity(origin="o", fingerprint="f"),
            on_trouble=desk.seen.notices.append,
        )  # fmt: skip
        desk.controller.watch(self.recorder)

    async def items(self) -> list[Item]:
        """Everything in the history, in the order of threads and turns."""
        running = asyncio.get_running_loop().create_task(self.recorder.run(), name="recorder")
        await self.recorder.flush()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return [i for t in (await self.history.threads()).threads for i in await self.history.items(t.id)]

    async def said(self) -> list[tuple[str, str, str | None]]:
        return [(i.text, i.state, i.heard_text) for i in await self.items()]


@pytest.fixture
def kept(desk: Desk) -> Kept:
    return Kept(desk)


async def mid_answer(desk: Desk) -> None:
    """A story that is being told for a second."""
    await desk.listening()
    await desk.caption("A story.", speaker="user", segment="u", final=True)
    await desk.sound_on()
    await desk.caption(HALF, segment="a")
    await desk.clock.advance(1.0)


async def new_thread(desk: Desk) -> None:
    desk.controller.hang_up_now()
    desk.controller.open_thread((), continuation=NOTHING)


CUTS: dict[str, Callable[[Desk], Awaitable[None]]] = {
    "stop": lambda desk: desk.post(StopRequested()),
    "hang up": lambda desk: desk.post(HangUpRequested()),
    "hang up at once": new_thread,
    "room lost": lambda desk: desk.hear(RoomLost(ticket=1, reason="gone")),
    "failed": lambda desk: desk.hear(ServiceErrorReceived(ticket=1, trouble=Trouble(Code.KEY_REJECTED))),
    "quit": Desk.stop,
    "cancelled": Desk.cancel,
}


@pytest.mark.parametrize("cut", CUTS)
async def test_half_an_answer_is_kept_as_interrupted(desk: Desk, kept: Kept, cut: str) -> None:
    await mid_answer(desk)
    assert await kept.said() == [("A story.", "final", None)]
    await CUTS[cut](desk)
    assert (await kept.said())[:2] == [("A story.", "final", None), (HALF, "interrupted", "Once upon a time")]
    assert [i.text for i in await kept.items() if i.role == "assistant"] == [HALF]


@pytest.mark.parametrize("cut", [name for name in CUTS if name != "stop"])
async def test_half_a_question_is_kept(desk: Desk, kept: Kept, cut: str) -> None:
    await desk.listening()
    await desk.caption("What ti", speaker="user", segment="u")
    await CUTS[cut](desk)
    assert [text for text, *_ in await kept.said() if text != Trouble(Code.KEY_REJECTED).sentence] == ["What ti"]


async def test_talking_over_a_voice_that_never_gets_a_final_keeps_both(desk: Desk, kept: Kept) -> None:
    await mid_answer(desk)
    await desk.caption("Wait", speaker="user", segment="u2")
    await desk.sound_off()
    await desk.clock.advance(6.0)
    assert await kept.said() == [("A story.", "final", None), (HALF, "interrupted", HALF), ("Wait", "final", None)]


@pytest.mark.parametrize("wait_s", [0.0, 10.0])
async def test_the_late_final_of_a_stopped_answer_corrects_what_was_kept(desk: Desk, kept: Kept, wait_s: float) -> None:
    await mid_answer(desk)
    await desk.post(StopRequested())
    await desk.clock.advance(wait_s)
    await desk.caption("Once upon a time there was a king.", segment="a", final=True)
    assert (await kept.said())[1:] == [
        ("Once upon a time there was a king.", "interrupted", "Once upon a time"),
    ]  # fmt: skip


@pytest.mark.parametrize("wait_s", [1.0, 10.0])
async def test_the_late_final_of_a_question_corrects_what_was_kept(desk: Desk, kept: Kept, wait_s: float) -> None:
    await desk.listening()
    await desk.caption("What tie is", speaker="user", segment="u")
    await desk.clock.advance(wait_s)
    await desk.caption("What time is it?", speaker="user", segment="u", final=True)
    assert await kept.said() == [("What time is it?", "final", None)]


async def test_a_late_final_of_a_room_that_is_gone_doubles_nothing(desk: Desk, kept: Kept) -> None:
    await mid_answer(desk)
    room = desk.room
    await desk.hear(RoomLost(ticket=1, reason="gone"))
    await desk.hear(AgentJoined(ticket=2, identity=AGENT))
    await desk.clock.advance(1.0)
    late = CaptionReceived(
        ticket=1, segment_id="a", speaker="agent", text="Once upon a time there was a king.", final=True,
        channel="event", at_s=desk.clock.monotonic(),
    )  # fmt: skip
    room.emit(late)
    await desk.settle()
    assert desk.shown() is Shown.LISTENING
    assert [text for text, *_ in await kept.said()] == ["A story.", HALF]


async def test_an_answer_that_was_heard_is_whole_after_hanging_up(desk: Desk, kept: Kept) -> None:
    await mid_answer(desk)
    await desk.caption("Once upon a time there was a king.", segment="a", final=True)
    await desk.clock.advance(2.0)
    await desk.sound_off()
    await desk.post(HangUpRequested())
    assert (await kept.said())[1] == ("Once upon a time there was a king.", "final", None)
