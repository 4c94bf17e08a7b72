"""All watchers as one: what cannot start is left out, what two tell is told once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest

from mka1_desktop.adapters.watchers import Watchers, pick_watchers
from mka1_desktop.domain.system_events import ProxyChanged, ScreenLocked, ScreenUnlocked, SystemEvent
from mka1_desktop.ports.watchers import Emit, WatcherUnavailable
from tests.fakes.fake_clock import FakeClock, settle


class Told:
    """A watcher that tells these events, and then waits, or is gone."""

    def __init__(self, name: str, events: Sequence[SystemEvent], *, gone: str = "") -> None:
        self.name = name
        self._events = events
        self._gone = gone
        self.holds: list[bool] = []
        self._running = False

    @property
    def running(self) -> bool:
        return self._running

    def hold_suspend(self, hold: bool) -> None:
        self.holds.append(hold)

    async def run(self, emit: Emit) -> None:
        self._running = True
        try:
            for event in self._events:
                emit(event)
                await asyncio.sleep(0)
            if self._gone:
                raise WatcherUnavailable(self._gone)
            await asyncio.get_running_loop().create_future()
        finally:
            self._running = False


async def test_one_that_is_gone_is_logged_and_left_out_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    first = Told("first", [ScreenLocked(), ScreenUnlocked()])
    gone = Told("second", [ProxyChanged()], gone="no such bus")
    heard: list[SystemEvent] = []
    watchers = Watchers(watchers=[gone, first], holds=[first], clock=FakeClock())
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watchers.run(heard.append))
        await settle()
        assert not task.done()
        was_running = first.running, gone.running
        watchers.hold_suspend(True)
        task.cancel()
    assert heard == [ProxyChanged(), ScreenLocked(), ScreenUnlocked()]
    assert was_running == (True, False)
    assert not first.running
    assert first.holds == [True]
    assert gone.holds == []
    assert "watching without second: no such bus" in caplog.text


async def test_two_that_tell_the_same_are_heard_once() -> None:
    heard: list[SystemEvent] = []
    both = [Told("logind", [ScreenLocked()]), Told("screen saver", [ScreenLocked()])]
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(Watchers(watchers=both, holds=[], clock=FakeClock()).run(heard.append))
        await settle()
        task.cancel()
    assert heard == [ScreenLocked()]


async def test_a_bug_in_a_watcher_is_not_hidden() -> None:
    class Broken(Told):
        async def run(self, emit: Emit) -> None:
            raise ZeroDivisionError

    watchers = Watchers(watchers=[Broken("broken", [])], holds=[], clock=FakeClock())
    with pytest.raises(ExceptionGroup):
        await watchers.run(lambda event: None)


async def test_those_of_this_system_run_without_any_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        monkeypatch.setenv(name, "unix:path=/nowhere/bus")
    clock = FakeClock()
    watchers = pick_watchers(clock)
    watchers.hold_suspend(True)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watchers.run(lambda event: None))
        await clock.advance(3)
        assert not task.done()
        task.cancel()
    assert clock.slept == [1.0] * len(clock.slept) != []
