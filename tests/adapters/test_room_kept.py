"""Kept speech and the life of a room: it waits for listeners, outlasts reconnections and ends with the room."""

from __future__ import annotations

import asyncio

import pytest

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import AgentJoined, RoomLost, RoomResumed, RoomResuming
from tests.support.demo_room import demo_scene
from tests.support.room_scene import Seat, seated

pytestmark = pytest.mark.timeout(90)


def sent(seat: Seat, *, again: bool = False) -> asyncio.Task[None]:
    assert seat.room is not None
    return asyncio.get_running_loop().create_task(seat.room.send_kept(again=again))


async def test_the_engine_is_asked_once_and_one_after_the_other() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        first, second = sent(seat), sent(seat, again=True)
        await seat.until(lambda: seat.host.kept, "the engine is asked")
        assert seat.host.kept == [False]
        seat.host.kept_sent.set()
        await first
        await second
        assert seat.host.kept == [False, True]
        assert seat.host.kept_cut == 0


async def test_what_the_engine_says_of_a_living_room_is_passed_on() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        seat.host.kept_failure = AppError(Code.ROOM_UNREACHABLE)
        with pytest.raises(AppError) as failure:
            await sent(seat)
        assert failure.value.code is Code.ROOM_UNREACHABLE


async def test_leaving_ends_it() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        sending = sent(seat)
        await seat.until(lambda: seat.host.kept, "the engine is asked")
        assert seat.room is not None
        await seat.room.leave()
        with pytest.raises(AppError) as failure:
            await sending
        assert failure.value.code is Code.ROOM_LOST
        assert seat.host.kept_cut == 1
        with pytest.raises(AppError):
            await sent(seat)
        assert len(seat.host.kept) == 1


async def test_a_room_that_ends_ends_it() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        sending = sent(seat)
        await seat.until(lambda: seat.host.kept, "the engine is asked")
        await scene.end("room_deleted")
        await seat.until_one(RoomLost)
        with pytest.raises(AppError) as failure:
            await sending
        assert failure.value.code is Code.ROOM_LOST
        assert seat.host.kept_cut == 1


async def test_a_microphone_that_is_handed_over_ends_it() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        sending = sent(seat)
        await seat.until(lambda: seat.host.kept, "the engine is asked")
        assert seat.room is not None
        await seat.room.unpublish_microphone()
        with pytest.raises(AppError) as failure:
            await sending
        assert failure.value.code is Code.ROOM_LOST
        assert seat.host.kept_cut == 1


async def test_while_the_sdk_reconnects_it_waits_and_then_goes_on_with_the_rest() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        sending = sent(seat, again=True)
        await seat.until(lambda: seat.host.kept, "the engine is asked")
        await scene.drop_socket()
        await seat.until_one(RoomResuming)
        await seat.until(lambda: seat.host.kept_cut, "it waits")
        await seat.until_one(RoomResumed)
        await seat.until(lambda: len(seat.host.kept) == 2, "it goes on")
        assert seat.host.kept == [True, False]
        seat.host.kept_sent.set()
        await sending


async def test_whoever_waits_for_it_can_stop_it() -> None:
    async with demo_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        sending = sent(seat)
        await seat.until(lambda: seat.host.kept, "the engine is asked")
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert seat.host.kept_cut == 1


async def test_without_a_microphone_the_engine_says_that_there_is_nothing() -> None:
    async with demo_scene("no greeting") as scene, seated(scene, microphone=False) as seat:
        seat.host.kept_sent.set()
        await sent(seat)
        assert seat.host.kept == [False]
