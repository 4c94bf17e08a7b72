"""Sleep and set clocks, as three clocks show them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.adapters.watch_clock import (
    JUMP_S,
    SLEEP_S,
    ClockWatcher,
    Reading,
    compare,
    slept_s,
    system_reading,
)
from mka1_desktop.domain.system_events import ClockJumped, Resumed, SystemEvent
from tests.fakes.fake_clock import FakeClock
from tests.support.steady import be_steady

be_steady()

START = Reading(awake_s=50.0, boot_s=80.0, wall_s=1_700_000_000.0)
seconds = st.floats(min_value=0, max_value=1e6)
jumps = st.floats(min_value=-1e6, max_value=1e6)


def _later(start: Reading, *, awake: float = 0.0, asleep: float = 0.0, jump: float = 0.0) -> Reading:
    return Reading(
        awake_s=start.awake_s + awake,
        boot_s=start.boot_s + awake + asleep,
        wall_s=start.wall_s + awake + asleep + jump,
    )


@given(awake=seconds, asleep=seconds, jump=jumps)
def test_sleep_and_jumps_are_told_apart_however_they_come_together(awake: float, asleep: float, jump: float) -> None:
    events = compare(START, _later(START, awake=awake, asleep=asleep, jump=jump))
    slept = [e.slept_s for e in events if isinstance(e, Resumed)]
    jumped = [e.by_s for e in events if isinstance(e, ClockJumped)]
    assert len(events) == len(slept) + len(jumped)
    if abs(asleep - SLEEP_S) > 1e-3:
        assert slept == ([pytest.approx(asleep, abs=1e-3)] if asleep > SLEEP_S else [])
    if abs(abs(jump) - JUMP_S) > 1e-3:
        assert jumped == ([pytest.approx(jump, abs=1e-3)] if abs(jump) > JUMP_S else [])


@given(awake=seconds)
def test_a_program_that_stood_still_did_not_sleep(awake: float) -> None:
    assert compare(START, _later(START, awake=awake)) == ()
    assert slept_s(START, _later(START, awake=awake)) == pytest.approx(0, abs=1e-6)


@given(first=jumps, second=jumps)
def test_a_clock_put_right_again_jumps_twice(first: float, second: float) -> None:
    there = _later(START, awake=1, jump=first)
    back = _later(there, awake=1, jump=second)
    total = sum(e.by_s for e in (*compare(START, there), *compare(there, back)) if isinstance(e, ClockJumped))
    assert total == pytest.approx(first + second, abs=2 * JUMP_S + 1e-3)


class Machine:
    """Clocks that follow a FakeClock, and a lid that can be closed."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.asleep_s = 0.0
        self.jump_s = 0.0

    def read(self) -> Reading:
        awake_s = self._clock.monotonic()
        return Reading(
            awake_s=awake_s, boot_s=awake_s + self.asleep_s, wall_s=1e9 + awake_s + self.asleep_s + self.jump_s
        )


async def test_the_watcher_looks_every_second_and_tells_each_thing_once() -> None:
    clock = FakeClock()
    machine = Machine(clock)
    events: list[SystemEvent] = []
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(ClockWatcher(clock=clock, read=machine.read).run(events.append))
        await clock.advance(60)
        assert (events, len(clock.slept)) == ([], 61)
        machine.asleep_s = 3600
        await clock.advance(1)
        machine.jump_s = -7200
        await clock.advance(30)
        machine.asleep_s += 10
        machine.jump_s += 7200
        await clock.advance(1)
        task.cancel()
    assert events == [
        Resumed(slept_s=3600),
        ClockJumped(by_s=-7200),
        Resumed(slept_s=10),
        ClockJumped(by_s=7200),
    ]


def test_the_clocks_of_this_system_agree() -> None:
    before, after = system_reading(), system_reading()
    assert before.boot_s >= before.awake_s - 0.01  # time asleep is in one of them only
    assert abs(before.awake_s - SystemClock().monotonic()) < 5
    assert abs(before.wall_s - SystemClock().now()) < 5
    assert compare(before, after) == ()
    (jump,) = compare(before, replace(after, wall_s=after.wall_s + 7200))
    assert isinstance(jump, ClockJumped)
    assert jump.by_s == pytest.approx(7200, abs=0.1)
