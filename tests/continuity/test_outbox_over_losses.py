"""Typed texts over losses: in order, each once, none lost, and none sent again that the service has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.session.state import Shown
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.whole_session import EARLIER, Whole

QUESTION = "What is the capital of France?"
TYPED = ("What is two plus two?", "Flip a coin", "Spell moon")


@asynccontextmanager
async def talking(kind: str = "conversation") -> AsyncIterator[tuple[Demo, Whole]]:
    async with rooms("no-greeting") as demo:
        whole = Whole(demo.service.base_url, kind=kind)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            yield demo, whole


async def heard(demo: Demo, whole: Whole) -> list[str]:
    """What the service was asked in this thread, oldest first."""
    place = (await whole.thread()).continuation
    history = demo.service.data.history(
        OWNER, previous_response_id=place.response_id, conversation_id=place.conversation_id
    )
    return [turn.text for turn in history if turn.role == "user"]


@pytest.mark.parametrize("kind", ["conversation", "chain"])
async def test_what_is_typed_while_the_room_is_away_arrives_in_order_and_once(kind: str) -> None:
    async with talking(kind) as (demo, whole):
        demo.faults.set("token-slow", "1.5")
        demo.faults.set("room-delete", "once")
        await whole.until_shown(Shown.RECONNECTING)
        keys = [whole.controller.say(text).key for text in TYPED]
        assert whole.controller.outbox == len(TYPED)
        await whole.until(lambda: whole.controller.mail.outbox.letters == (), "an empty outbox")
        await whole.answer_to(keys[-1])
        assert await heard(demo, whole) == [QUESTION, *TYPED]
        assert [(e.text, e.state) for e in whole.entries if e.role == "user"] == [
            (text, "final") for text in (QUESTION, *TYPED)
        ]
        assert [item.text for item in await whole.saved() if item.role == "user"] == [QUESTION, *TYPED]


@pytest.mark.parametrize(
    ("fault", "kind", "service_has_it"), [("kept", "conversation", True), ("lost", "conversation", False),
                                          ("kept", "chain", False), ("lost", "chain", False)],
)  # fmt: skip
async def test_a_text_that_went_out_with_a_room_that_ended(fault: str, kind: str, service_has_it: bool) -> None:
    """A chain goes on from an answer that is known here: what came after it is not part of it."""
    async with talking(kind) as (demo, whole):
        demo.faults.set("text-gone", f"{fault}:1")
        entry = whole.controller.say(TYPED[0])
        await whole.until_renewed()
        await whole.until(lambda: state(whole, entry.key) == "final", "its delivery")
        if not service_has_it:
            assert "4" in await whole.answer_to(entry.key)
        assert TYPED[0] in await whole.ask(EARLIER)
        assert await heard(demo, whole) == [QUESTION, TYPED[0], EARLIER]


async def test_a_text_of_which_nobody_can_tell_is_not_sent_again_by_itself() -> None:
    async with talking() as (demo, whole):
        demo.faults.set("text-gone", "kept:1")
        entry = whole.controller.say(TYPED[0])
        await whole.until(lambda: whole.news("lost"), "the loss")
        demo.faults.set("http-status", "500")
        await whole.until(lambda: state(whole, entry.key) == "unsure", "doubt")
        demo.faults.set("http-status", None)
        await whole.ask(QUESTION)
        assert await heard(demo, whole) == [QUESTION, TYPED[0], QUESTION]
        whole.controller.say_again(entry.key)
        await whole.until(lambda: state(whole, entry.key) == "final", "its delivery")
        await whole.until_shown(Shown.LISTENING)
        assert await heard(demo, whole) == [QUESTION, TYPED[0], QUESTION, TYPED[0]]


@pytest.mark.parametrize("kind", ["conversation", "chain"])
async def test_texts_outlast_everything_and_go_out_in_the_next_session(kind: str, tmp_path: Path) -> None:
    async with rooms("no-greeting") as demo:
        history = SqliteHistory(tmp_path / "history.sqlite3")
        await history.open()
        whole = Whole(demo.service.base_url, kind=kind, history=history)
        async with whole.running():
            await whole.listening()
            await whole.ask(QUESTION)
            demo.faults.set("token-slow", "30")
            demo.faults.set("room-delete", "once")
            await whole.until_shown(Shown.RECONNECTING)
            for text in TYPED:
                whole.controller.say(text)
        await history.close()
        demo.faults.set("token-slow", None)

        history = SqliteHistory(tmp_path / "history.sqlite3")
        await history.open()
        (thread,) = (await history.threads()).threads
        items = await history.items(thread.id)
        assert [item.state for item in items if item.text in TYPED] == ["waiting"] * len(TYPED)
        whole = Whole(demo.service.base_url, kind=kind, history=history)
        async with whole.running():
            whole.recorder.begin(thread, items)
            whole.controller.open_thread(items, continuation=thread.continuation)
            assert whole.controller.outbox == len(TYPED)
            whole.controller.connect()
            await whole.until(lambda: whole.controller.mail.outbox.letters == (), "an empty outbox")
            await whole.until_shown(Shown.LISTENING)
            await whole.until(lambda: whole.texts()[-1].startswith("Moon is spelled"), "the last answer")
            assert await heard(demo, whole) == [QUESTION, *TYPED]
            assert [item.text for item in await whole.saved() if item.role == "user"] == [QUESTION, *TYPED]
        await history.close()


def state(whole: Whole, key: str) -> str:
    return next(e.state for e in whole.entries if e.key == key)


async def test_two_losses_in_a_row_do_not_lose_or_double_a_text() -> None:
    async with talking() as (demo, whole):
        demo.faults.set("text-gone", "lost:2")
        entry = whole.controller.say(TYPED[0])
        await whole.until(lambda: len(whole.news("lost")) == 2, "two losses")
        assert "4" in await whole.answer_to(entry.key)
        assert await heard(demo, whole) == [QUESTION, TYPED[0]]
        assert whole.controller.mail.outbox.letters == ()
