from __future__ import annotations

import asyncio

from mka1_desktop.session.tasks import KeyedTasks
from tests.fakes.fake_clock import FakeClock, settle


class Work:
    """A task that waits for `gate`, and needs `slow` to end after it was cancelled."""

    def __init__(self) -> None:
        self.gate, self.slow = asyncio.Event(), asyncio.Event()
        self.slow.set()
        self.log: list[str] = []

    async def run(self) -> None:
        self.log.append("begun")
        try:
            await self.gate.wait()
            self.log.append("done")
        finally:
            await self.slow.wait()
            self.log.append("ended")


async def test_a_new_task_under_the_same_key_replaces_the_old() -> None:
    tasks, first, second = KeyedTasks(raising), Work(), Work()
    tasks.start("k", first.run())
    await settle()
    tasks.start("k", second.run())
    await settle()
    assert first.log == ["begun", "ended"]
    assert tasks.running("k")
    second.gate.set()
    await settle()
    assert second.log == ["begun", "done", "ended"]
    assert not tasks.running("k")
    assert len(tasks) == 0


async def test_stopping_by_key_leaves_the_others() -> None:
    tasks, works = KeyedTasks(raising), [Work(), Work(), Work()]
    for number, work in enumerate(works):
        tasks.start(("k", number), work.run())
    await settle()
    tasks.stop_where(lambda key: key != ("k", 1))
    tasks.stop("unknown")
    await settle()
    assert [work.log[-1] for work in works] == ["ended", "begun", "ended"]
    await tasks.close()
    assert works[1].log[-1] == "ended"


async def test_closing_waits_also_for_what_was_replaced_and_still_tidies_up() -> None:
    tasks, slow = KeyedTasks(raising), Work()
    slow.slow.clear()
    tasks.start("k", slow.run())
    await settle()
    tasks.stop("k")
    closing = asyncio.get_running_loop().create_task(tasks.close())
    await settle()
    assert not closing.done()
    slow.slow.set()
    await closing
    assert slow.log == ["begun", "ended"]


async def test_finishing_lets_what_runs_run_to_its_end() -> None:
    tasks, work, clock = KeyedTasks(raising), Work(), FakeClock()
    tasks.start("k", work.run())
    tasks.start("timer", clock.sleep(1.0))
    finishing = asyncio.get_running_loop().create_task(tasks.finish(60.0))
    work.gate.set()
    await clock.advance(1.0)
    await finishing
    assert work.log == ["begun", "done", "ended"]


async def test_a_bug_is_reported_and_a_cancellation_is_not() -> None:
    defects: list[BaseException] = []
    tasks, work = KeyedTasks(defects.append), Work()

    async def broken() -> None:
        raise ZeroDivisionError

    tasks.start("a", broken())
    tasks.start("b", work.run())
    await settle()
    await tasks.close()
    assert [type(d) for d in defects] == [ZeroDivisionError]


def raising(error: BaseException) -> None:
    raise AssertionError(error)
