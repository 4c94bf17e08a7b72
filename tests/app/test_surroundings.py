"""What the system tells reaches session and talk key: a lock and a sleep let go of the key, a sleep waits for us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from mka1_desktop.app.surroundings import Surroundings
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import RoomLost
from mka1_desktop.domain.system_events import (
    ClockJumped,
    NetworkChanged,
    ProxyChanged,
    Resumed,
    ScreenLocked,
    ScreenUnlocked,
    Suspending,
    SystemEvent,
)
from mka1_desktop.session.state import Shown
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_system import FakeSystem


class Machine:
    """A running app and its system."""

    def __init__(self, play: DeskPlay, system: FakeSystem) -> None:
        self.play, self.system, self.desk = play, system, play.desk

    def sending(self) -> bool:
        return self.play.sound.sending

    async def tell(self, event: SystemEvent) -> None:
        self.system.tell(event)
        await settle()


@pytest.fixture
async def machine() -> AsyncIterator[Machine]:
    async with DeskPlay() as play:
        system = FakeSystem()
        running = asyncio.get_running_loop().create_task(Surroundings(play.desk, make=lambda: system).run())
        await settle()
        yield Machine(play, system)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert not system.watched
        assert not system.held or system.held[-1] is False, "nothing is held when nobody watches"


@pytest.mark.parametrize("event", [ScreenLocked(), Suspending()])
async def test_a_lock_and_a_sleep_let_go_of_the_talk_key_at_once(machine: Machine, event: SystemEvent) -> None:
    await machine.play.live()
    machine.desk.press()
    await settle()
    assert machine.sending()
    await machine.tell(event)
    assert not machine.desk.talker.talk.open
    assert not machine.sending(), "no tail: nobody hears what is said after a lock"
    machine.desk.release()  # the key comes up later, or never
    await settle()
    assert not machine.desk.talker.talk.open
    assert machine.desk.active, "the session itself goes on"


@pytest.mark.parametrize(
    "event", [ScreenUnlocked(), ClockJumped(by_s=7200.0), NetworkChanged(up=True, route_changed=False)]
)
async def test_other_news_leave_the_talk_key_alone(machine: Machine, event: SystemEvent) -> None:
    await machine.play.live()
    machine.desk.press()
    await settle()
    await machine.tell(event)
    assert machine.sending()
    assert machine.desk.session.shown is Shown.LISTENING


async def test_the_system_is_asked_to_wait_while_a_session_is_live_only(machine: Machine) -> None:
    assert machine.system.held == []
    await machine.play.live()
    assert machine.system.held == [True]
    machine.desk.hang_up()
    await settle()
    assert machine.system.held == [True, False]


async def test_a_sleep_waits_until_everything_is_saved(machine: Machine) -> None:
    await machine.play.live()
    machine.desk.say("Hello")
    machine.system.tell(Suspending())
    assert machine.system.held == [True], "not before it is saved"
    await settle()
    assert machine.system.held == [True, False]
    thread = machine.desk.recorder.thread
    assert thread is not None
    assert [item.text for item in await machine.play.history.items(thread.id)] == ["Hello"]
    await machine.tell(Resumed(slept_s=1.0))
    assert machine.system.held == [True, False, True]


async def test_a_long_sleep_is_a_lost_connection_that_is_made_anew(machine: Machine) -> None:
    await machine.play.live()
    await machine.tell(Suspending())
    await machine.tell(Resumed(slept_s=3600.0))
    assert machine.desk.session.shown is Shown.RECONNECTING
    assert len(machine.play.api.asked) == 2


async def test_a_way_out_cuts_the_wait(machine: Machine) -> None:
    room = await machine.play.live()
    machine.play.api.failures.extend([AppError(Code.OFFLINE)] * 3)
    await machine.play.hear(RoomLost(ticket=room.ticket, reason="signal_close"))
    asked = len(machine.play.api.asked)
    await machine.tell(NetworkChanged(up=True, route_changed=True))
    assert len(machine.play.api.asked) == asked + 1, "no time has passed"


async def test_another_proxy_means_another_client(machine: Machine) -> None:
    await machine.play.live()
    await machine.tell(ProxyChanged())
    assert machine.play.api.closed
    assert machine.desk.active
