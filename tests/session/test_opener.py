"""The conversation of a fresh thread: made within 3 s or done without, reused while empty, never left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.domain.conversation import NOTHING, Continuation, Identity, Opened
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.ports.conversations import ConversationsPort
from mka1_desktop.session.opener import METADATA, ConversationOpener
from tests.fakes.fake_clock import FakeClock, settle
from tests.fakes.fake_conversations import OWNER, FakeConversations, FakeService

OTHER = replace(OWNER, on_behalf_of="user-7")
DEMO = replace(OWNER, demo=True)


def conversation(number: int) -> Opened:
    return Opened(continuation=Continuation(conversation_id=f"conv_{number}"))


def begin(opener: ConversationOpener) -> asyncio.Task[Opened]:
    return asyncio.get_running_loop().create_task(opener.open())


class Openers:
    """Openers of one service and one data folder; `run` is one start of the app."""

    def __init__(self, stack: AsyncExitStack, path: Path) -> None:
        self.service = FakeService()
        self.clock = FakeClock()
        self.defects: list[BaseException] = []
        self.wanted = True
        self._stack = stack
        self._path = path
        self.store = SqliteHistory(path)

    @property
    def port(self) -> FakeConversations:
        return self.service.port

    def run(self, *, holder: str = "app", check: Callable[[Identity], None] = lambda _: None) -> ConversationOpener:
        opener = ConversationOpener(
            service=self.service, clock=self.clock, wanted=lambda: self.wanted, on_defect=self.defects.append,
            check=check, spares=self.store, holder=holder, close_s=0.05,
        )  # fmt: skip
        self._stack.push_async_callback(opener.close)
        return opener


@pytest_asyncio.fixture
async def openers(tmp_path: Path) -> AsyncIterator[Openers]:
    before = asyncio.all_tasks()
    async with AsyncExitStack() as stack:
        made = Openers(stack, tmp_path / "history.sqlite3")
        stack.push_async_callback(made.store.close)
        yield made
    assert made.defects == []
    await settle()
    assert asyncio.all_tasks() - before <= {asyncio.current_task()}


# --- making one --------------------------------------------------------------------------------------------------


async def test_a_fresh_thread_gets_a_conversation_that_says_what_it_is(openers: Openers) -> None:
    assert await openers.run().open() == conversation(1)
    assert openers.port.metadata == {"conv_1": METADATA}


async def test_where_chains_are_wanted_nothing_is_asked(openers: Openers) -> None:
    openers.wanted = False
    assert await openers.run().open() == Opened()
    assert openers.port.calls == []


@pytest.mark.parametrize(
    "failure",
    [
        AppError(Code.NOT_ALLOWED, http_status=403),
        AppError(Code.NOT_AVAILABLE, http_status=404),
        AppError(Code.SERVICE_DOWN, http_status=500),
        AppError(Code.TIMED_OUT),
        AppError(Code.BAD_ANSWER),
        AppError(Code.KEY_REJECTED, http_status=401),
    ],
    ids=lambda e: e.code.value,
)
async def test_what_cannot_be_made_is_done_without(openers: Openers, failure: AppError) -> None:
    openers.port.failures.append(failure)
    assert await openers.run().open() == Opened(refused=failure.trouble)


async def test_an_account_that_cannot_be_found_is_left_to_the_token_call(openers: Openers) -> None:
    openers.service.failure = AppError(Code.NO_KEY)
    assert await openers.run().open() == Opened(refused=AppError(Code.NO_KEY).trouble)


async def test_another_identity_is_refused_before_anything_is_asked(openers: Openers) -> None:
    def check(_: Identity) -> None:
        raise AppError(Code.OTHER_IDENTITY)

    opened = await openers.run(check=check).open()
    assert opened == Opened(refused=AppError(Code.OTHER_IDENTITY).trouble)
    assert openers.port.calls == []


# --- slowly ------------------------------------------------------------------------------------------------------


async def test_after_3_s_the_thread_begins_without_and_what_comes_late_is_for_the_next(openers: Openers) -> None:
    opener = openers.run()
    openers.port.gate.clear()
    first = begin(opener)
    await openers.clock.advance(2.9)
    assert not first.done()
    await openers.clock.advance(0.2)
    assert await first == Opened(refused=AppError(Code.TIMED_OUT).trouble)
    openers.port.gate.set()
    await settle()
    assert await opener.open() == conversation(1)
    assert openers.port.count == 1


async def test_one_that_is_being_made_is_waited_for_and_no_second_one_begun(openers: Openers) -> None:
    opener = openers.run()
    openers.port.gate.clear()
    first = begin(opener)
    await openers.clock.advance(3.0)
    await first
    second = begin(opener)
    await openers.clock.advance(1.0)
    openers.port.gate.set()
    assert await second == conversation(1)
    assert openers.port.calls.count("create") == 1


async def test_a_hang_up_while_it_is_made_leaves_it_for_the_next(openers: Openers) -> None:
    opener = openers.run()
    openers.port.gate.clear()
    first = begin(opener)
    await settle()
    first.cancel()
    await asyncio.wait((first,))
    openers.port.gate.set()
    assert await opener.open() == conversation(1)
    assert openers.port.count == 1


async def test_closing_waits_for_what_is_about_to_come_and_keeps_it(openers: Openers) -> None:
    opener = openers.run()
    openers.port.gate.clear()
    first = begin(opener)
    await openers.clock.advance(3.0)
    await first
    asyncio.get_running_loop().call_soon(openers.port.gate.set)
    await opener.close()
    assert await openers.run().open() == conversation(1)
    assert openers.port.count == 1


async def test_closing_does_not_wait_for_ever(openers: Openers) -> None:
    opener = openers.run()
    openers.port.gate.clear()
    first = begin(opener)
    await openers.clock.advance(3.0)
    await first
    await opener.close()


# --- reuse -------------------------------------------------------------------------------------------------------


async def test_an_empty_one_is_reused_in_this_run_and_in_the_next(openers: Openers) -> None:
    opener = openers.run()
    for _ in range(3):
        assert await opener.open() == conversation(1)
    await opener.close()
    assert await openers.run().open() == conversation(1)
    assert openers.port.count == 1


async def test_it_is_reused_after_a_crash_too(openers: Openers) -> None:
    assert await openers.run().open() == conversation(1)  # never closed
    assert await openers.run().open() == conversation(1)


async def test_a_used_one_is_not_reused(openers: Openers) -> None:
    opener = openers.run()
    await opener.open()
    opener.used("conv_1")
    assert await opener.open() == conversation(2)
    opener.used("conv_2")
    await opener.close()
    assert await openers.run().open() == conversation(3)


async def test_one_in_which_something_was_said_before_a_crash_is_not_reused(openers: Openers) -> None:
    await openers.run().open()
    openers.port.say("conv_1", "Hello. How can I help?", role="assistant")
    assert await openers.run().open() == conversation(1)
    openers.port.say("conv_1", "My secret plan")
    assert await openers.run().open() == conversation(2)
    assert await openers.run().open() == conversation(2)


async def test_one_that_is_gone_is_replaced(openers: Openers) -> None:
    await openers.run().open()
    await openers.port.delete("conv_1")
    assert await openers.run().open() == conversation(2)


async def test_one_that_cannot_be_looked_at_is_kept(openers: Openers) -> None:
    await openers.run().open()
    openers.port.failures.append(AppError(Code.SERVICE_DOWN, http_status=503))
    opener = openers.run()
    assert (await opener.open()).refused == AppError(Code.SERVICE_DOWN, http_status=503).trouble
    assert await opener.open() == conversation(1)


async def test_each_identity_has_its_own(openers: Openers) -> None:
    opener = openers.run()
    assert await opener.open() == conversation(1)
    openers.service.identity = OTHER
    assert await opener.open() == conversation(2)
    openers.service.identity = OWNER
    assert await opener.open() == conversation(1)
    await opener.close()
    openers.service.identity = OTHER
    assert await openers.run().open() == conversation(2)


async def test_two_programs_do_not_share_one(openers: Openers) -> None:
    app = openers.run()
    assert await app.open() == conversation(1)
    command = openers.run(holder="converse 7")
    assert await command.open() == conversation(2)
    await command.close()
    assert await openers.run(holder="converse 8").open() == conversation(2)


async def test_what_a_crashed_command_held_is_free_after_a_day(openers: Openers) -> None:
    assert await openers.run(holder="converse 7").open() == conversation(1)
    await openers.clock.advance(25 * 3600)
    assert await openers.run().open() == conversation(1)


async def test_of_a_demo_nothing_outlasts_the_run(openers: Openers) -> None:
    openers.service.identity = DEMO
    opener = openers.run()
    assert await opener.open() == conversation(1)
    assert await opener.open() == conversation(1)
    await opener.close()
    assert await openers.run().open() == conversation(2)


async def test_a_store_that_fails_costs_no_session(openers: Openers) -> None:
    await openers.store.close()
    openers.store = SqliteHistory(Path("/dev/null/history.sqlite3"))
    opener = openers.run()
    assert await opener.open() == conversation(1)
    assert await opener.open() == conversation(1)
    opener.used("conv_1")
    await opener.close()


# --- refused at the token ------------------------------------------------------------------------------------------


class Tokens:
    """The token request: knows which conversations it refuses."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.asked: list[str | None] = []

    async def __call__(self, continuation: Continuation) -> RoomGrant:
        self.asked.append(continuation.conversation_id)
        if continuation.conversation_id in self.refused:
            raise AppError(Code.CONTINUATION_REFUSED, http_status=404)
        return RoomGrant(url="ws://127.0.0.1:1", token="t")


async def test_a_spare_that_the_token_request_refuses_is_replaced_once(openers: Openers) -> None:
    await openers.run().open()
    ask = Tokens("conv_1")
    opener = openers.run()
    opened, _ = await opener.granted(ask)
    assert opened == conversation(2)
    assert ask.asked == ["conv_1", "conv_2"]
    await settle()
    assert list(openers.port.metadata) == ["conv_2"]  # the other one is not left behind


async def test_a_new_one_that_is_refused_makes_a_chain(openers: Openers) -> None:
    ask = Tokens("conv_1")
    opened, _ = await openers.run().granted(ask)
    assert opened.continuation == NOTHING
    assert opened.refused is not None
    assert ask.asked == ["conv_1", None]


async def test_no_more_than_two_are_tried(openers: Openers) -> None:
    await openers.run().open()
    ask = Tokens("conv_1", "conv_2")
    opened, _ = await openers.run().granted(ask)
    assert opened.continuation == NOTHING
    assert ask.asked == ["conv_1", "conv_2", None]


async def test_other_failures_of_the_token_request_are_the_sessions_own(openers: Openers) -> None:
    async def ask(_: Continuation) -> RoomGrant:
        raise AppError(Code.KEY_REJECTED)

    with pytest.raises(AppError) as caught:
        await openers.run().granted(ask)
    assert caught.value.code is Code.KEY_REJECTED


# --- titles --------------------------------------------------------------------------------------------------------


async def test_the_title_goes_into_the_metadata_and_leaves_the_rest(openers: Openers) -> None:
    opener = openers.run()
    await opener.open()
    opener.titled(OWNER, "conv_1", "Trip plan" * 50)
    await settle()
    assert openers.port.metadata["conv_1"] == {**METADATA, "title": ("Trip plan" * 50)[:200]}


async def test_a_title_that_was_not_sent_is_no_trouble_and_the_next_one_is(openers: Openers) -> None:
    opener = openers.run()
    await opener.open()
    openers.port.failures.append(AppError(Code.OFFLINE))
    opener.titled(OWNER, "conv_1", "First")
    await settle()
    opener.titled(OWNER, "conv_1", "Second")
    await settle()
    assert openers.port.metadata["conv_1"]["title"] == "Second"


@pytest.mark.parametrize("now", [None, OTHER])
async def test_a_title_is_not_sent_as_somebody_else(openers: Openers, now: Identity | None) -> None:
    opener = openers.run()
    await opener.open()
    openers.port.calls.clear()
    openers.service.identity = now
    opener.titled(OWNER, "conv_1", "Trip plan")
    await settle()
    assert openers.port.calls == []


async def test_a_bug_is_told(openers: Openers) -> None:
    async def broken() -> tuple[Identity, ConversationsPort]:
        raise ZeroDivisionError

    opener = openers.run()
    await opener.open()
    openers.service.conversations = broken  # type: ignore[method-assign]
    opener.titled(OWNER, "conv_1", "Trip plan")
    await settle()
    assert [type(e) for e in openers.defects] == [ZeroDivisionError]
    openers.defects.clear()
