"""The agent: absent, late, leaving, silent, and every error of the API's table in the middle of an answer."""

from __future__ import annotations

import pytest

from mka1_desktop.demo.faults import ROOM_ERRORS
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.session.state import Shown
from tests.support.demo_service import rooms
from tests.support.hurried_clock import HurriedClock
from tests.support.whole_session import EARLIER, Whole

QUESTION = "What is the capital of France?"
LONG = "Count to fifty"
HURRY = 10.0


async def test_absent_then_there() -> None:
    async with rooms("no-greeting") as demo:
        clock = HurriedClock()
        whole = Whole(demo.service.base_url, clock=clock)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            clock.times = HURRY
            demo.faults.set("agent-absent", "")
            demo.faults.set("room-delete", "once")
            await whole.until(lambda: "agent_absent" in whole.codes, "a notice")
            assert whole.shown is Shown.RECONNECTING
            demo.faults.set("agent-absent", None)
            await whole.until(lambda: whole.session.listens, "another room with an agent")
            clock.times = 1.0
            assert QUESTION in await whole.ask(EARLIER)


async def test_late() -> None:
    async with rooms("no-greeting", "agent-late=1.5") as demo:
        whole = Whole(demo.service.base_url)
        async with whole.running():
            entry = whole.controller.say(QUESTION)
            assert "Paris" in await whole.answer_to(entry.key)
            demo.faults.set("room-delete", "once")
            await whole.until(lambda: whole.news("lost"), "the loss")
            entry = whole.controller.say(EARLIER)
            assert QUESTION in await whole.answer_to(entry.key)
            assert whole.texts("user") == [QUESTION, EARLIER]
            assert whole.codes == []


async def test_one_that_leaves_is_replaced() -> None:
    async with rooms("no-greeting") as demo:
        clock = HurriedClock()
        whole = Whole(demo.service.base_url, clock=clock)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            clock.times = HURRY
            demo.faults.set("agent-leaves", "once")
            await whole.until_renewed()
            clock.times = 1.0
            assert "agent left" in whole.news("lost")
            assert QUESTION in await whole.ask(EARLIER)


async def test_one_that_stays_silent_is_read() -> None:
    async with rooms("no-greeting", "agent-silent") as demo:
        whole = Whole(demo.service.base_url)
        async with whole.running():
            whole.controller.connect()
            await whole.until(lambda: whole.session.listens, "the agent")
            entry = whole.controller.say(LONG)
            await whole.until(lambda: "silent_voice" in whole.codes, "a notice", limit_s=6.0)
            await whole.answer_to(entry.key)
            assert "Paris" in await whole.ask(QUESTION)
            assert whole.news("lost") == []


@pytest.mark.parametrize(("code", "service"), [*ROOM_ERRORS, ("a_new_one", None)])
async def test_an_error_in_the_middle_of_an_answer(code: str, service: str | None) -> None:
    known = code in {each.value for each in Code}
    policy = Trouble(Code(code) if known else Code.UNKNOWN, service=service).advice.policy
    async with rooms("no-greeting") as demo:
        clock = HurriedClock()
        whole = Whole(demo.service.base_url, clock=clock)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            (room,) = demo.service.rooms.sessions
            demo.faults.set("error-mid", f"{code}:{service}:1" if service else f"{code}:1")
            whole.controller.say(LONG)
            await whole.until(lambda: whole.seen.failed_turns, "the error")
            (trouble,) = whole.seen.failed_turns
            assert (trouble.code.value, trouble.service) == (code if known else "unknown_error", service)
            if policy is Policy.STOP:
                assert (await whole.until_failed()).code is trouble.code
                whole.retry()
            if policy is Policy.STAY:
                assert trouble in whole.seen.notices
            else:
                await whole.until(lambda: room not in demo.service.rooms.sessions, "another room")
            await whole.until_shown(Shown.LISTENING)
            assert "Paris" in await whole.ask(QUESTION)
            assert (room in demo.service.rooms.sessions) == (policy is Policy.STAY)
            assert whole.texts("user") == [QUESTION, LONG, QUESTION]
            story = next(e for e in whole.entries if e.text.startswith("One, two"))
            assert story.final
