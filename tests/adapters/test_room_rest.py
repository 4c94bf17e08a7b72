"""A room that is heard from now on, while it still says what was not to be heard."""

from __future__ import annotations

import asyncio

from mka1_desktop.adapters.room_livekit import LivekitRoom
from mka1_desktop.adapters.room_voices import REST_S
from mka1_desktop.domain.events import AgentSoundStarted, AgentSoundStopped
from tests.support.demo_room import DemoScene, demo_scene
from tests.support.room_scene import Seat


async def unheard(scene: DemoScene, seat: Seat) -> LivekitRoom:
    room = await seat.rooms.join(scene.grant(), ticket=7, emit=seat.take, hearing=False)
    await seat.until(lambda: seat.of(AgentSoundStarted), "a greeting that nobody hears")
    return room


async def test_the_rest_of_a_sound_that_was_not_to_be_heard_is_not_played() -> None:
    async with demo_scene() as scene:
        seat = Seat()
        room = await unheard(scene, seat)
        loop = asyncio.get_running_loop()
        room.hear(True)
        asked_s = loop.time()
        assert seat.host.playing == []
        await seat.until(lambda: seat.host.playing, "its sound, since it goes on")
        assert loop.time() - asked_s >= REST_S * 0.9
        await room.leave()


async def test_it_may_change_its_mind_meanwhile() -> None:
    async with demo_scene() as scene:
        seat = Seat()
        room = await unheard(scene, seat)
        room.hear(True)
        room.hear(False)
        await seat.until(lambda: seat.of(AgentSoundStopped), "the end of the greeting")
        assert (seat.host.playing, seat.host.frames) == ([], 0)
        room.hear(True)  # nothing sounds now
        assert len(seat.host.playing) == 1
        await room.leave()
