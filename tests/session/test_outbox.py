from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.session.outbox import Outbox
from tests.fakes.fake_clock import settle


@dataclass
class Post:
    """The far side: delivers when `gate` is open, refuses the texts in `refused`."""

    refused: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    delivered: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    failed: list[tuple[str, Code]] = field(default_factory=list)

    async def deliver(self, text: str) -> None:
        await self.gate.wait()
        if text in self.refused:
            raise AppError(Code.TEXT_NOT_SENT)
        self.delivered.append(text)

    def fail(self, key: str, trouble: Trouble) -> None:
        self.failed.append((key, trouble.code))

    async def flush(self, outbox: Outbox) -> None:
        await outbox.flush(self.deliver, sent=self.sent.append, failed=self.fail)


def filled(*keys: str) -> Outbox:
    outbox = Outbox()
    for key in keys:
        outbox.add(key, f"text {key}")
    return outbox


async def test_texts_are_handed_over_in_order_and_once() -> None:
    outbox, post = filled("a", "b", "c"), Post()
    post.gate.set()
    assert len(outbox) == 3
    await post.flush(outbox)
    await post.flush(outbox)
    assert post.delivered == ["text a", "text b", "text c"]
    assert post.sent == ["a", "b", "c"]
    assert len(outbox) == 0


async def test_a_second_flush_while_one_runs_does_nothing_and_loses_nothing() -> None:
    outbox, post = filled("a", "b"), Post()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(post.flush(outbox))
        await settle()
        await post.flush(outbox)
        assert post.sent == []
        outbox.add("c", "text c")  # while it runs
        post.gate.set()
    assert post.sent == ["a", "b", "c"]


async def test_a_text_that_failed_is_told_and_the_next_follows() -> None:
    outbox, post = filled("a", "b"), Post(refused={"text a"})
    post.gate.set()
    await post.flush(outbox)
    assert post.failed == [("a", Code.TEXT_NOT_SENT)]
    assert post.sent == ["b"]
    assert len(outbox) == 0  # never sent again by itself


async def test_nothing_more_goes_out_when_nobody_is_there_any_more() -> None:
    outbox, post = filled("a", "b", "c"), Post()
    post.gate.set()
    await outbox.flush(post.deliver, sent=post.sent.append, failed=post.fail, ready=lambda: not post.sent)
    assert post.sent == ["a"]
    assert len(outbox) == 2


async def test_a_text_may_be_taken_back_while_it_waits() -> None:
    outbox, post = filled("a", "b"), Post()
    post.gate.set()
    assert outbox.drop("a")
    assert not outbox.drop("a")
    await post.flush(outbox)
    assert post.sent == ["b"]
    outbox.add("c", "text c")
    outbox.clear()
    assert len(outbox) == 0


async def test_a_flush_that_is_cancelled_can_be_followed_by_another() -> None:
    outbox, post = filled("a", "b"), Post()
    flushing = asyncio.get_running_loop().create_task(post.flush(outbox))
    await settle()
    flushing.cancel()
    await settle()
    post.gate.set()
    await post.flush(outbox)
    assert post.sent == ["b"]  # nobody can tell whether "a" arrived
