"""Two rooms at once, as a renewal needs them: one suite for the demo service and for a real LiveKit server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from mka1_desktop.adapters.room_livekit import LivekitRoom
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentSoundStarted,
    AgentSoundStopped,
    ResponseStarted,
    RoomLost,
    RoomSilent,
)
from tests.support.room_scene import Scene, Seat, seated

QUESTION, ANSWER = "What is the capital of France?", "Paris"


class RoomHandOverContract:
    """Subclasses say what `scene(*wishes)` is."""

    scene: Callable[..., AbstractAsyncContextManager[Scene]]

    # --- the microphone -------------------------------------------------------------------------------------

    async def test_the_microphone_is_taken_back_and_published_again(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            room = await _ready(seat)
            await seat.until(scene.microphone_sid, "the microphone")
            await room.publish_microphone()
            assert len(seat.host.published) == 1
            await room.until_microphone_heard()
            await room.unpublish_microphone()
            await room.unpublish_microphone()
            assert seat.host.published == []
            await seat.until(lambda: not scene.microphone_sid(), "a room without microphone")
            await room.publish_microphone()
            assert len(seat.host.published) == 1
            await seat.until(scene.microphone_sid, "the microphone again")
            await room.send_text(QUESTION)
            await seat.until_caption(ANSWER, channel="stream")
            assert seat.of(RoomLost) == []

    async def test_a_microphone_that_was_never_published_is_nothing_to_take_back(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene, microphone=False) as seat:
            room = await _ready(seat)
            await room.unpublish_microphone()
            await room.until_microphone_heard()
            assert seat.host.published == []
            assert scene.microphone_sid() == ""
        await room.unpublish_microphone()

    # --- the voice ------------------------------------------------------------------------------------------

    async def test_a_room_that_is_not_heard_tells_everything_and_plays_nothing(self) -> None:
        async with self.scene() as scene:
            seat = Seat()
            room = await seat.rooms.join(scene.grant(), ticket=7, emit=seat.take, hearing=False)
            await room.publish_microphone()
            await seat.until(lambda: seat.of(AgentSoundStopped), "the end of a greeting that nobody heard")
            assert len(seat.of(AgentJoined)) == 1
            assert seat.of(AgentSoundStarted)
            assert seat.captions("agent", "event")
            assert (seat.host.frames, seat.host.heard) == (0, [])

            room.hear(True)
            assert len(seat.host.playing) == 1
            await room.send_text(QUESTION)
            await seat.until(lambda: seat.host.loud > 3, "the answer's sound")

            room.hear(False)
            room.hear(False)
            frames = seat.host.frames
            assert seat.host.playing == []
            await seat.until(lambda: len(seat.of(AgentSoundStopped)) >= 2, "the answer's end")
            assert seat.host.frames == frames
            await room.leave()
            room.hear(True)
            assert seat.host.playing == []

    async def test_an_agent_that_leaves_an_unheard_room_is_told(self) -> None:
        async with self.scene("no greeting") as scene:
            seat = Seat()
            room = await seat.rooms.join(scene.grant(), ticket=7, emit=seat.take, hearing=False)
            await seat.until_one(AgentJoined)
            await scene.agent_leaves()
            await seat.until_one(AgentLeft)
            room.hear(True)
            assert seat.host.heard == []
            await room.leave()

    # --- two rooms ------------------------------------------------------------------------------------------

    async def test_leaving_the_first_of_two_rooms_does_not_touch_the_second(self) -> None:
        async with self._two() as (old_scene, new_scene, seat, old, new):
            await old.publish_microphone()
            await new.publish_microphone()
            await new.until_microphone_heard()
            await seat.until(lambda: old_scene.microphone_sid() and new_scene.microphone_sid(), "both microphones")
            await seat.until(lambda: len(seat.host.playing) == 1, "the voice of the old room")
            old_voice = seat.host.playing[0]
            await old.unpublish_microphone()
            assert len(seat.host.published) == 1
            await seat.until(lambda: not old_scene.microphone_sid(), "the old room without microphone")
            assert seat.host.playing == [old_voice]  # it may finish its sentence

            loud = seat.host.loud
            await old.send_text(QUESTION)
            await seat.until(lambda: seat.host.loud > loud + 3, "the old room's sound")
            await old.leave()
            new.hear(True)
            assert old_voice not in seat.host.playing
            assert len(seat.host.published) == 1
            assert new_scene.microphone_sid()
            loud = seat.host.loud
            await new.send_text(QUESTION)
            await seat.until(lambda: seat.host.loud > loud + 3, "the new room's sound")
            assert not [*seat.of(RoomLost), *seat.of(RoomSilent)]

    async def test_what_two_rooms_say_carries_their_tickets(self) -> None:
        async with self._two() as (_, __, seat, old, new):
            await new.send_text(QUESTION)
            await seat.until(lambda: seat.of(ResponseStarted), "the new room's answer")
            await old.send_text(QUESTION)
            await seat.until(lambda: len(seat.of(ResponseStarted)) == 2, "the old room's answer")
            assert [e.ticket for e in seat.of(ResponseStarted)] == [2, 1]
            assert {e.ticket for e in seat.of(AgentJoined)} == {1, 2}

    @asynccontextmanager
    async def _two(self) -> AsyncIterator[tuple[Scene, Scene, Seat, LivekitRoom, LivekitRoom]]:
        """An old room that is heard and a new one that is not, joined by one adapter."""
        async with self.scene("no greeting") as old_scene, self.scene("no greeting") as new_scene:
            seat = Seat()
            old = await seat.rooms.join(old_scene.grant(), ticket=1, emit=seat.take)
            new = await seat.rooms.join(new_scene.grant(), ticket=2, emit=seat.take, hearing=False)
            try:
                await seat.until(lambda: len(seat.of(AgentJoined)) == 2, "both agents")
                yield old_scene, new_scene, seat, old, new
            finally:
                await old.leave()
                await new.leave()
            assert seat.host.playing == []
            assert seat.host.published == []


async def _ready(seat: Seat) -> LivekitRoom:
    await seat.until_one(AgentJoined)
    assert seat.room is not None
    return seat.room
