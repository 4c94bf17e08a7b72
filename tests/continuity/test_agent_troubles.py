"""The agent: absent, late, leaving, silent, and every error of the API's table in the middle of an answer."""

from __future__ import annotations

import pytest

from mka1_desktop.demo.faults import ROOM_ERRORS
from mka1_desktop.domain.errors import Code, Policy, Trouble
from mka1_desktop.session.state import Shown
from tests.support.demo_service import Demo, rooms
from tests.support.hurried_clock import HurriedClock
from tests.support.whole_session import EARLIER, Whole

QUESTION = "What is the capital of France?"
LONG = "Count to fourteen"
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
            whole.controller.say("Tell me a long story")
            await whole.until(lambda: "silent_voice" in whole.codes, "a notice")
            await whole.until(lambda: whole.texts("assistant"), "its words")
            assert "Paris" in await whole.ask(QUESTION)
            assert whole.news("lost") == []


ERRORS = (*ROOM_ERRORS, ("a_new_one", None))


def expected(code: str, service: str | None) -> Trouble:
    """What becomes of an error packet, by our own table."""
    known = code in {each.value for each in Code}
    return Trouble(Code(code) if known else Code.UNKNOWN, service=service)


def policy_of(error: tuple[str, str | None]) -> Policy:
    return expected(*error).advice.policy


STAYING = [error for error in ERRORS if policy_of(error) is Policy.STAY]
OTHERS = [error for error in ERRORS if policy_of(error) is not Policy.STAY]


async def fail(demo: Demo, whole: Whole, code: str, service: str | None) -> None:
    """Let the service send this error in the middle of an answer, and wait until the turn has failed by it."""
    before = len(whole.seen.failed_turns)
    demo.faults.set("error-mid", f"{code}:{service}:1" if service else f"{code}:1")
    whole.controller.say(LONG)
    await whole.until(lambda: len(whole.seen.failed_turns) > before, f"the error {code}")
    trouble = whole.seen.failed_turns[-1]
    assert (trouble.code, trouble.service) == (expected(code, service).code, service)


@pytest.mark.parametrize("half", [0, 1])
async def test_after_errors_that_pass_the_next_question_is_answered_in_the_same_room(half: int) -> None:
    async with rooms("no-greeting") as demo:
        whole = Whole(demo.service.base_url)
        async with whole.running():
            await whole.listening()
            (room,) = demo.service.rooms.sessions
            for code, service in STAYING[half::2]:
                await fail(demo, whole, code, service)
                assert whole.seen.notices[-1] == whole.seen.failed_turns[-1]
                assert "Paris" in await whole.ask(QUESTION)
            assert demo.service.rooms.sessions == (room,)
            assert whole.texts("user") == [LONG, QUESTION] * len(STAYING[half::2])
            assert all(entry.final for entry in whole.entries)


@pytest.mark.parametrize(("code", "service"), OTHERS)
async def test_after_other_errors_there_is_another_room_at_once_or_when_the_person_says_so(
    code: str, service: str | None
) -> None:
    async with rooms("no-greeting") as demo:
        whole = Whole(demo.service.base_url)
        async with whole.running():
            await whole.listening()
            (room,) = demo.service.rooms.sessions
            await fail(demo, whole, code, service)
            if policy_of((code, service)) is Policy.STOP:
                assert (await whole.until_failed()).code is expected(code, service).code
                whole.retry()
            await whole.until(lambda: room not in demo.service.rooms.sessions, "another room")
            await whole.until(lambda: whole.session.listens, "its agent")
            assert LONG in await whole.ask(EARLIER)
            assert whole.texts("user") == [LONG, EARLIER]
