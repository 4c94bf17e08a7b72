from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from mka1_desktop.domain.events import TalkChanged
from mka1_desktop.domain.talk import Phase, Talk, TalkSettings
from mka1_desktop.session.talker import Talker
from tests.fakes.fake_clock import FakeClock, settle


class Bench:
    """A talker with virtual time, and what it said."""

    def __init__(self, settings: TalkSettings) -> None:
        self.clock = FakeClock()
        self.wishes: list[bool] = []
        self.talks: list[Talk] = []
        self.long: list[float] = []
        self.defects: list[BaseException] = []
        self.talker = Talker(
            clock=self.clock, post=self._post, on_change=self.talks.append, on_defect=self.defects.append,
            settings=settings, on_long=self.long.append,
        )  # fmt: skip

    def _post(self, event: TalkChanged) -> None:
        self.wishes.append(event.open)

    async def hold(self, seconds: float) -> None:
        self.talker.press()
        await self.clock.advance(seconds)
        self.talker.release()
        await settle()


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench(TalkSettings())
    yield made
    await made.talker.close()
    assert made.defects == []


async def test_holding_opens_at_once_and_closes_after_the_tail(bench: Bench) -> None:
    bench.talker.press()
    assert bench.wishes == [True]
    await bench.clock.advance(1.0)
    bench.talker.release()
    await bench.clock.advance(0.19)
    assert bench.wishes == [True]
    await bench.clock.advance(0.02)
    assert bench.wishes == [True, False]
    assert bench.talks[-1].phase is Phase.UP


async def test_a_tap_of_a_stalled_window_is_a_tap_and_not_a_bounce(bench: Bench) -> None:
    bench.talker.press()
    bench.talker.release(0.1)
    assert bench.talker.talk.latched
    bench.talker.press(1.0)
    bench.talker.release(0.1)
    await bench.clock.advance(0.3)
    assert bench.wishes == [True, False]


async def test_a_press_within_the_tail_never_closes_the_microphone(bench: Bench) -> None:
    await bench.hold(1.0)
    await bench.clock.advance(0.1)
    bench.talker.press()
    await bench.clock.advance(5.0)
    assert bench.wishes == [True]
    bench.talker.release()
    await bench.clock.advance(0.3)
    assert bench.wishes == [True, False]


async def test_stop_closes_at_once_and_the_old_tail_means_nothing(bench: Bench) -> None:
    await bench.hold(1.0)
    bench.talker.stop()
    assert bench.wishes == [True, False]
    await bench.clock.advance(0.05)
    bench.talker.press()
    await bench.clock.advance(0.3)
    assert bench.wishes == [True, False, True]


async def test_start_finish_and_toggle_are_idempotent(bench: Bench) -> None:
    bench.talker.start()
    bench.talker.start()
    assert bench.wishes == [True]
    bench.talker.finish()
    bench.talker.finish()
    await bench.clock.advance(0.3)
    bench.talker.finish()
    assert bench.wishes == [True, False]
    bench.talker.toggle()
    bench.talker.toggle()
    bench.talker.toggle()  # within the tail: open again
    await bench.clock.advance(0.3)
    assert bench.wishes == [True, False, True]
    assert bench.talker.talk.latched


async def test_a_new_tail_length_counts_from_the_next_release(bench: Bench) -> None:
    bench.talker.settings = TalkSettings(mode="hold", tail_ms=1000)
    await bench.hold(1.0)
    await bench.clock.advance(0.9)
    assert bench.wishes == [True]
    await bench.clock.advance(0.2)
    assert bench.wishes == [True, False]


async def test_what_changes_nothing_tells_nothing(bench: Bench) -> None:
    bench.talker.press()
    told = len(bench.talks)
    bench.talker.press()
    assert (len(bench.talks), bench.wishes) == (told, [True])


async def test_closing_forgets_a_tail_that_runs(bench: Bench) -> None:
    await bench.hold(1.0)
    await bench.talker.close()
    assert bench.clock.sleeping == 0


async def test_a_forgotten_key_is_warned_of_and_let_go(bench: Bench) -> None:
    bench.talker.press()
    await bench.clock.advance(269.9)
    assert bench.long == []
    await bench.clock.advance(0.2)
    assert (bench.long, bench.wishes) == ([30.0], [True])
    await bench.clock.advance(30.0)
    assert (bench.long, bench.wishes) == ([30.0, 0.0], [True, False])
    bench.talker.release()
    assert bench.talker.talk.phase is Phase.UP


async def test_a_lock_by_a_tap_has_the_same_limit_and_begins_anew(bench: Bench) -> None:
    await bench.hold(0.1)
    await bench.clock.advance(200.0)
    await bench.hold(0.1)
    await bench.clock.advance(1.0)
    await bench.hold(0.1)
    await bench.clock.advance(200.0)
    assert (bench.long, bench.talker.talk.latched) == ([], True)
    await bench.clock.advance(100.0)
    assert (bench.long, bench.talker.talk.open) == ([30.0, 0.0], False)


async def test_what_a_command_opened_stays_open(bench: Bench) -> None:
    bench.talker.start()
    await bench.clock.advance(3600.0)
    assert (bench.long, bench.wishes) == ([], [True])
    bench.talker.finish()
    await bench.clock.advance(1.0)
    bench.talker.press()
    await bench.clock.advance(301.0)
    assert bench.wishes == [True, False, True, False]


async def test_a_press_opens_when_it_has_lasted_long_enough(bench: Bench) -> None:
    bench.talker.settings = TalkSettings(mode="hold", dwell_ms=300)
    await bench.hold(0.2)
    await bench.clock.advance(1.0)
    assert bench.wishes == []
    bench.talker.press()
    await bench.clock.advance(0.4)
    assert bench.wishes == [True]
    bench.talker.release()
    await bench.clock.advance(0.3)
    assert bench.wishes == [True, False]
