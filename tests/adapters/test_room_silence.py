"""When a room counts as silent: by looks, never by the clock alone."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from mka1_desktop.adapters.room_silence import POLL_S, QUIET_S, SilenceWatch
from mka1_desktop.adapters.room_stats import Pair
from mka1_desktop.domain.events import (
    AgentJoined,
    RoomEvent,
    RoomHeard,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
)
from mka1_desktop.domain.grant import RoomGrant
from tests.fakes.fake_clock import FakeClock, settle
from tests.support.demo_process import DemoProcess
from tests.support.demo_room import demo_scene
from tests.support.room_scene import Seat, seated

SILENT, HEARD = RoomSilent(ticket=3), RoomHeard(ticket=3)
pytestmark = pytest.mark.timeout(90)


class Room:
    """A room from which `arrives` says whether something comes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.steady = asyncio.Event()
        self.steady.set()
        self.said: list[RoomEvent] = []
        self.arrives: Callable[[], bool] = lambda: True
        self.pairs = ["one"]
        self.answers = True
        self.gate = asyncio.Event()
        self.gate.set()
        self.looks = 0
        self._came = 0

    async def look(self) -> list[Pair] | None:
        self.looks += 1
        await self.gate.wait()
        self._came += self.arrives()
        pairs = [Pair(name, self._came, nominated=True, round_trip_s=0.0) for name in self.pairs]
        return pairs if self.answers else None

    def watch(self) -> SilenceWatch:
        return SilenceWatch(ticket=3, emit=self.said.append, look=self.look, steady=self.steady, clock=self.clock)


@asynccontextmanager
async def watched() -> AsyncIterator[Room]:
    room = Room()
    task = asyncio.get_running_loop().create_task(room.watch().run())
    await room.clock.advance(3)
    assert room.said == []
    yield room
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_silence_is_told_once_and_its_end_too() -> None:
    async with watched() as room:
        room.arrives = lambda: False
        await room.clock.advance(QUIET_S - 0.1)
        assert room.said == []
        await room.clock.advance(1.1)
        assert room.said == [SILENT]
        await room.clock.advance(60)
        assert room.said == [SILENT]
        room.arrives = lambda: True
        await room.clock.advance(1)
        assert room.said == [SILENT, HEARD]
        room.arrives = lambda: False
        await room.clock.advance(5.5)
        assert room.said == [SILENT, HEARD, SILENT]


@pytest.mark.parametrize("last_s", [0.0, 0.3, 0.7, 0.999])
async def test_it_is_told_within_six_seconds_whenever_the_last_packet_came(last_s: float) -> None:
    async with watched() as room:
        last = [True]
        room.arrives = lambda: bool(last) and last.pop()  # it came `last_s` from now; the next look finds it
        await room.clock.advance(last_s + 4.0)
        assert room.said == []
        await room.clock.advance(2.0)
        assert room.said == [SILENT]


async def test_a_packet_every_four_seconds_is_enough() -> None:
    async with watched() as room:
        room.arrives = lambda: int(room.clock.monotonic()) % 4 == 0
        await room.clock.advance(600)
        assert room.said == []


async def test_it_looks_once_a_second() -> None:
    async with watched() as room:
        before = room.looks
        await room.clock.advance(60)
        assert room.looks - before == 60
        room.arrives = lambda: False
        before = room.looks
        await room.clock.advance(60)
        assert room.looks - before <= 62


async def test_a_computer_that_slept_does_not_blame_the_room() -> None:
    async with watched() as room:
        room.arrives = lambda: False
        room.clock._now_s += 3_600  # nobody ran, so nobody looked
        await room.clock.advance(POLL_S)
        assert room.said == []
        room.arrives = lambda: True
        await room.clock.advance(60)
        assert room.said == []


async def test_statistics_that_come_late_do_not_blame_the_room() -> None:
    async with watched() as room:
        room.arrives = lambda: False
        for _ in range(2):
            room.gate.clear()
            await room.clock.advance(10)
            room.gate.set()
            await settle()
        assert room.said == []
        room.answers = False
        await room.clock.advance(60)
        assert room.said == []


async def test_while_the_sdk_makes_the_connection_anew_it_rests() -> None:
    async with watched() as room:
        room.arrives = lambda: False
        await room.clock.advance(2)
        room.steady.clear()
        await room.clock.advance(60)
        assert room.said == []
        room.steady.set()
        await room.clock.advance(3)
        assert room.said == []  # counted from here
        await room.clock.advance(3)
        assert room.said == [SILENT]


async def test_after_silence_a_connection_that_was_made_anew_counts_as_heard() -> None:
    async with watched() as room:
        room.arrives = lambda: False
        await room.clock.advance(6)
        room.steady.clear()
        room.arrives = lambda: True
        await room.clock.advance(60)
        assert room.said == [SILENT]
        room.steady.set()
        await room.clock.advance(1)
        assert room.said == [SILENT, HEARD]


async def test_another_way_to_the_room_counts_once_something_comes_by_it() -> None:
    async with watched() as room:
        room.arrives = lambda: False
        await room.clock.advance(3)
        room.pairs = ["two"]  # WebRTC shows another one when the one in use has gone quiet
        await room.clock.advance(3)
        assert room.said == [SILENT]
        room.arrives = lambda: True
        await room.clock.advance(1)
        assert room.said == [SILENT, HEARD]


# --- over real WebRTC -----------------------------------------------------------------------------------------


async def test_a_frozen_room_is_silent_long_before_the_sdk_notices() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        began_s = asyncio.get_running_loop().time()
        scene.demo.faults.set("room-freeze", "now")
        await seat.until_one(RoomSilent)
        assert asyncio.get_running_loop().time() - began_s > 4.0
        assert seat.of(RoomResuming) == []


async def test_a_service_that_stops_for_a_while_is_silent_and_then_heard() -> None:
    async with DemoProcess("--fault", "no-greeting") as demo:
        seat = Seat()
        url, token = await demo.token()
        room = await seat.join(RoomGrant(url=url, token=token))
        await seat.until_one(AgentJoined)
        os.kill(demo.pid, signal.SIGSTOP)
        try:
            await seat.until_one(RoomSilent)
            assert seat.of(RoomResuming) == []
        finally:
            os.kill(demo.pid, signal.SIGCONT)
        await seat.until_one(RoomHeard)
        assert not [*seat.of(RoomLost), *seat.of(RoomResuming), *seat.of(RoomResumed)]
        await room.leave()


@pytest.mark.parametrize("percent", ["5", "20"])
async def test_a_bad_network_is_not_silence(percent: str) -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        await seat.until(lambda: seat.host.frames, "the agent's sound")
        scene.demo.faults.set("packet-loss", percent)
        scene.demo.faults.set("delay-ms", "300")
        frames = seat.host.frames
        await seat.until(lambda: seat.host.frames > frames + 350, "seven seconds of the agent's silence")
        assert seat.of(RoomSilent) == []


async def test_a_room_that_is_left_or_lost_is_watched_no_more() -> None:
    def watching() -> list[asyncio.Task[None]]:
        return [task for task in asyncio.all_tasks() if task.get_name() == "room silence"]

    async with demo_scene("no greeting") as scene:
        async with seated(scene):
            assert len(watching()) == 1
        assert watching() == []
        async with seated(scene) as seat:
            await scene.end("room_deleted")
            await seat.until_lost()
            await settle()
            assert watching() == []
