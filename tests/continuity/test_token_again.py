"""The token endpoint at a reconnection: slow, away, refusing, busy, broken, not the service at all."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mka1_desktop.domain.errors import Action, Code
from mka1_desktop.session.state import Failed, Shown
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.hurried_clock import HurriedClock
from tests.support.whole_session import EARLIER, Whole

QUESTION = "What is the capital of France?"
HURRY = 10.0
RETRY_AFTER_S = 7.0


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Demo, Whole, HurriedClock]]:
    """A session in which one question was answered."""
    async with rooms("no-greeting") as demo:
        clock = HurriedClock()
        whole = Whole(demo.service.base_url, clock=clock)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            clock.slept.clear()
            yield demo, whole, clock


async def goes_on(demo: Demo, whole: Whole) -> None:
    assert QUESTION in await whole.ask(EARLIER)
    assert whole.asked[-1].conversation_id == (await whole.thread()).conversation_id
    assert len(demo.service.rooms.sessions) == 1


def closed_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port: int = plug.getsockname()[1]
        return port


async def test_slow() -> None:
    async with talking() as (demo, whole, _):
        demo.faults.set("token-slow", "4")
        lost_s = time.monotonic()
        demo.faults.set("room-delete", "once")
        await whole.until_shown(Shown.RECONNECTING, limit_s=1.0)
        await whole.until_renewed()
        assert time.monotonic() - lost_s >= 4
        assert (whole.shown, whole.codes) == (Shown.LISTENING, [])
        await goes_on(demo, whole)


async def test_refused_connection() -> None:
    async with talking() as (demo, whole, clock):
        there, clock.times = whole.base_url, HURRY
        await whole.use(base_url=f"http://127.0.0.1:{closed_port()}")
        demo.faults.set("room-delete", "once")
        await whole.until(lambda: whole.codes.count("offline") == 3, "three refusals")
        assert whole.shown is Shown.RECONNECTING
        await whole.use(base_url=there)
        await whole.until_renewed()
        assert [s for s in clock.slept if s in (1.0, 3.0, 8.0)] >= [1.0, 3.0, 8.0]
        await goes_on(demo, whole)


async def test_401_then_good_after_the_key_is_put_right() -> None:
    async with talking() as (demo, whole, _):
        await whole.use(key="mk-demo-wrong")
        demo.faults.set("room-delete", "once")
        trouble = await whole.until_failed()
        assert (trouble.code, trouble.advice.action) == (Code.KEY_REJECTED, Action.EDIT_KEY)
        assert len(whole.asked) == 2  # a fatal error is not tried again
        await whole.use(key=OWNER.key)
        whole.retry()
        await whole.until_shown(Shown.LISTENING)
        await goes_on(demo, whole)
        assert whole.texts("user") == [QUESTION, EARLIER]


@pytest.mark.parametrize(
    ("faults", "code", "waits_s"),
    [
        ({"token-status": "429:1"}, "rate_limited", [1.0]),
        ({"token-status": "429:1", "token-retry-after": f"{RETRY_AFTER_S:.0f}"}, "rate_limited", [RETRY_AFTER_S]),
        ({"token-status": "500:3"}, "service_error", [1.0, 3.0, 8.0]),
    ],
    ids=["429", "429 with Retry-After", "500 three times"],
)
async def test_busy_or_broken_for_a_while(faults: dict[str, str], code: str, waits_s: list[float]) -> None:
    async with talking() as (demo, whole, clock):
        clock.times = HURRY
        for name, value in faults.items():
            demo.faults.set(name, value)
        demo.faults.set("room-delete", "once")
        await whole.until_renewed()
        assert set(whole.codes) == {code}
        assert [s for s in clock.slept if s in (*waits_s, 1.0, 3.0, 8.0, RETRY_AFTER_S)][: len(waits_s)] == waits_s
        assert whole.seen.cleared > 0
        await goes_on(demo, whole)


async def test_a_web_page_instead_of_an_answer() -> None:
    async with talking() as (demo, whole, _):
        demo.faults.set("token-html", "1")
        demo.faults.set("room-delete", "once")
        trouble = await whole.until_failed()
        assert (trouble.code, trouble.advice.action) == (Code.BAD_ANSWER, Action.EDIT_SETTINGS)
        whole.retry()
        await whole.until_shown(Shown.LISTENING)
        await goes_on(demo, whole)


async def test_a_hang_up_while_the_token_is_waited_for_ends_it() -> None:
    async with talking() as (demo, whole, _):
        demo.faults.set("token-slow", "30")
        demo.faults.set("room-delete", "once")
        await whole.until_shown(Shown.RECONNECTING)
        whole.controller.hang_up()
        await whole.until_shown(Shown.IDLE, limit_s=1.0)
        assert not isinstance(whole.session.link, Failed)
        await whole.until(lambda: demo.service.rooms.sessions == (), "no room")
