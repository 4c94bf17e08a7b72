"""The whole service: killed and started again, frozen for a while and for longer than anybody waits."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mka1_desktop.domain.conversation import NOTHING
from mka1_desktop.domain.errors import Action, Code
from mka1_desktop.session.state import Shown
from tests.support.demo_process import DemoProcess
from tests.support.demo_service import rooms
from tests.support.hurried_clock import HurriedClock
from tests.support.whole_session import EARLIER, Whole

pytestmark = pytest.mark.timeout(90)
QUESTION = "What is the capital of France?"
SHOWN_S = 6.0  # a silent connection is shown after so long (issue on continuity)
BUSY_S = 1.5  # what a loaded machine may add
SHORT_S, LONG_S = 2.5, 11.0  # before anybody notices; after the SDK's own time is over


@asynccontextmanager
async def talking_with_a_process() -> AsyncIterator[tuple[DemoProcess, Whole]]:
    async with DemoProcess("--fault", "no-greeting", expect_exit=None) as demo:
        whole = Whole(demo.base_url, key=demo.api_key)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            yield demo, whole


@asynccontextmanager
async def stopped(pid: int) -> AsyncIterator[None]:
    """The process stands still inside."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_frozen_for_a_moment() -> None:
    async with talking_with_a_process() as (demo, whole):
        async with stopped(demo.pid):
            await asyncio.sleep(SHORT_S)  # the fault itself
        assert QUESTION in await whole.ask(EARLIER)
        assert (whole.news("lost"), whole.codes, len(whole.asked)) == ([], [], 1)


async def test_frozen_for_longer_than_anybody_waits() -> None:
    async with talking_with_a_process() as (demo, whole):
        since_s = time.monotonic()
        async with stopped(demo.pid):
            await whole.until_shown(Shown.RECONNECTING, limit_s=SHOWN_S + BUSY_S)
            typed = whole.controller.say(EARLIER)
            await asyncio.sleep(max(0.0, since_s + LONG_S - time.monotonic()))
            assert whole.shown is Shown.RECONNECTING
            assert whole.session.successor is not None
        await whole.until(lambda: whole.session.listens, "a room that listens")
        assert QUESTION in await whole.answer_to(typed.key)
        assert whole.texts("user") == [QUESTION, EARLIER]
        await whole.until(lambda: whole.session.successor is None, "one room")
        await one_room(demo)


async def test_killed_and_started_again_knowing_nothing_a_fresh_start_is_offered_and_the_text_stays() -> None:
    async with talking_with_a_process() as (demo, whole):
        port = demo.base_url.rpartition(":")[2]
        demo.kill()
        await whole.until_shown(Shown.RECONNECTING, limit_s=SHOWN_S + BUSY_S)
        async with DemoProcess("--fault", "no-greeting", "--port", port) as another:
            assert (await whole.until_failed()).code is Code.KEY_REJECTED
            await whole.use(key=another.api_key)
            whole.retry()
            await whole.until(lambda: whole.codes[-1] == Code.CONTINUATION_REFUSED, "the refusal")
            trouble = await whole.until_failed()
            assert trouble.advice.action is Action.START_FRESH
            whole.controller.forget_continuation()
            whole.controller.connect()
            await whole.until_shown(Shown.LISTENING)
            assert "You have not asked me anything" in await whole.ask(EARLIER)
            assert whole.texts("user") == [QUESTION, EARLIER]
            assert (await whole.thread()).continuation != NOTHING
            whole.controller.hang_up()
            await whole.until_shown(Shown.IDLE)


@pytest.mark.parametrize("kind", ["conversation", "chain"])
async def test_gone_and_back_with_what_it_knew(kind: str) -> None:
    clock = HurriedClock()
    async with rooms("no-greeting") as demo:
        whole = Whole(demo.service.base_url, kind=kind, clock=clock)
        port, data = int(demo.service.base_url.rpartition(":")[2]), demo.service.data
        running = whole.running()
        await running.__aenter__()
        await whole.listening()
        await whole.ask(QUESTION)
        clock.times = 5.0
        demo.faults.set("room-drop", "once")
    try:
        await whole.until(lambda: "offline" in whole.codes, "nobody there")
        typed = whole.controller.say(EARLIER)
        async with rooms("no-greeting", port=port, data=data):
            await whole.until(lambda: whole.session.listens, "a room that listens")
            clock.times = 1.0
            assert QUESTION in await whole.answer_to(typed.key)
            assert whole.texts("user") == [QUESTION, EARLIER]
            await running.__aexit__(None, None, None)
    except BaseException as error:
        await running.__aexit__(type(error), error, error.__traceback__)
        raise


async def one_room(demo: DemoProcess) -> None:
    async with asyncio.timeout(10.0):
        while (await demo.get("/demo/faults"))["rooms"] != 1:  # noqa: ASYNC110 - the other process is asked
            await asyncio.sleep(0.1)
