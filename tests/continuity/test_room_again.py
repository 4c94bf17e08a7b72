"""The room at a reconnection: refused, with a token that has run out, gone right after the join, on a bad line."""

from __future__ import annotations

import pytest

from mka1_desktop.session.state import Shown
from tests.support.demo_service import rooms
from tests.support.hurried_clock import HurriedClock
from tests.support.whole_session import EARLIER, Whole

QUESTION = "What is the capital of France?"
LINES = {"5 %": {"packet-loss": "5"}, "20 %": {"packet-loss": "20"}, "300 ms": {"delay-ms": "300"}}


@pytest.mark.parametrize(
    ("fault", "value", "code", "rooms_asked"),
    [
        ("join-status", "403:1", "room_refused", 3),
        ("token-expired", "1", "token_expired", 3),
    ],
)
async def test_a_join_that_is_refused(fault: str, value: str, code: str, rooms_asked: int) -> None:
    async with rooms("no-greeting") as demo:
        clock = HurriedClock()
        whole = Whole(demo.service.base_url, clock=clock)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            clock.times = 5.0
            demo.faults.set(fault, value)
            demo.faults.set("room-delete", "once")
            await whole.until_renewed()
            clock.times = 1.0
            assert set(whole.codes) == {code}
            assert len(whole.asked) == rooms_asked
            assert QUESTION in await whole.ask(EARLIER)


async def test_a_room_that_is_gone_right_after_the_join() -> None:
    async with rooms("no-greeting") as demo:
        clock = HurriedClock()
        whole = Whole(demo.service.base_url, clock=clock)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            clock.times = 5.0
            demo.faults.set("room-delete", "0.1")
            demo.faults.set("room-delete", "once")
            demo.faults.set("room-delete", "0.1")
            await whole.until(lambda: len(whole.news("lost")) >= 3, "three losses")
            demo.faults.set("room-delete", None)
            await whole.until(lambda: whole.session.listens and whole.shown is Shown.LISTENING, "a room that stays")
            clock.times = 1.0
            await whole.until(lambda: len(demo.service.rooms.sessions) == 1, "one room")
            assert QUESTION in await whole.ask(EARLIER)


@pytest.mark.parametrize("line", LINES)
async def test_a_bad_line_is_no_reason_to_leave(line: str) -> None:
    async with rooms("no-greeting") as demo:
        whole = Whole(demo.service.base_url)
        async with whole.running():
            await whole.listening()
            for name, value in LINES[line].items():
                demo.faults.set(name, value)
            (room,) = demo.service.rooms.sessions
            await whole.ask("Count to twenty")
            await whole.ask(QUESTION)
            assert QUESTION in await whole.ask(EARLIER)
            assert demo.service.rooms.sessions == (room,)
            assert Shown.RECONNECTING not in whole.seen.shown
            assert (whole.news("lost"), whole.news("renewed"), len(whole.asked)) == ([], [], 1)
