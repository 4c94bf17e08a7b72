"""What only a real LiveKit server can show: transports, lifetimes of tokens, an end and a new start."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from livekit import rtc

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import AgentJoined, RoomHeard, RoomLost, RoomResumed, RoomResuming, RoomSilent
from tests.support.real_room import RealScene, missing_server, real_scene
from tests.support.room_scene import Seat, seated

QUESTION, ANSWER = "What is the capital of France?", "Paris"
LEEWAY_S = 60.0  # a LiveKit server takes a token for so long after its end
SOON_S = 1.0
LOAD_S = 1.0  # what a loaded test machine may add

pytestmark = [
    pytest.mark.timeout(90),
    pytest.mark.skipif(missing_server() is not None, reason=missing_server() or ""),
]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_media_comes_over_either_transport(transport: str) -> None:
    async with real_scene(media="udp" if transport == "udp" else "tcp") as scene, seated(scene) as seat:
        await seat.until(lambda: seat.host.loud > 3, "the greeting's sound")
        assert seat.room is not None
        await seat.room.send_text(QUESTION)
        await seat.until_caption(ANSWER, channel="stream")
        assert scene.microphone_sid()
        assert await protocol(seat.room._room) == transport
        await until_connected(seat)
        assert not [*seat.of(RoomSilent), *seat.of(RoomResuming)]


async def test_a_frozen_server_is_silent_over_tcp_too() -> None:
    async with real_scene("no agent", media="tcp") as scene, seated(scene) as seat:
        await until_connected(seat)
        with frozen(scene):
            await seat.until_one(RoomSilent)
            assert seat.of(RoomResuming) == []
        await seat.until_one(RoomHeard)
        assert seat.of(RoomLost) == []


@pytest.mark.parametrize("how", ["room_deleted", "participant_removed"])
async def test_an_end_is_told_within_a_second(how: str) -> None:
    async with real_scene("no greeting") as scene, seated(scene) as seat:
        await seat.until_one(AgentJoined)
        began_s = time.monotonic()
        await scene.end("room_deleted" if how == "room_deleted" else "participant_removed")
        assert await seat.until_lost() == how
        assert time.monotonic() - began_s < SOON_S + LOAD_S


async def test_a_server_that_was_killed_is_noticed_at_once_and_joined_again_when_it_is_back() -> None:
    async with real_scene("no agent") as scene:
        seat = Seat()
        lost = await seat.join(scene.grant())
        began_s = time.monotonic()
        scene.process.kill()
        await seat.until_one(RoomResuming)
        assert time.monotonic() - began_s < SOON_S + LOAD_S
        await scene.restart()
        await lost.leave()
        again = Seat()
        room = await again.join(scene.grant())
        await scene.add_agent("agent")
        await again.until_one(AgentJoined)
        await again.until(lambda: again.host.playing, "the agent's track")
        await room.send_text(QUESTION)
        await again.until_caption(ANSWER, channel="stream")
        await room.leave()
        assert again.host.playing == seat.host.playing == []


async def test_a_joined_room_outlives_its_token() -> None:
    async with real_scene("no greeting") as scene:
        grant = scene.grant(ttl_s=5.0 - LEEWAY_S)
        ends_s = time.monotonic() + 7.0  # the server counts whole seconds
        seat = Seat()
        room = await seat.join(grant)
        await seat.until_one(AgentJoined)
        await seat.until(lambda: time.monotonic() > ends_s, "the token's end")
        with pytest.raises(AppError) as caught:
            await Seat().join(grant)
        assert caught.value.code is Code.TOKEN_EXPIRED
        await scene.drop_socket()
        await seat.until_one(RoomResumed)  # with the token that the server renewed
        await room.send_text(QUESTION)
        await seat.until_caption(ANSWER, channel="stream")
        assert seat.of(RoomLost) == []
        await room.leave()


async def until_connected(seat: Seat) -> None:
    """Wait until WebRTC has measured the connection."""
    room = seat.room
    assert room is not None
    async with asyncio.timeout(20):
        while await room.round_trip_ms() is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)


@contextmanager
def frozen(scene: RealScene) -> Iterator[None]:
    scene.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        scene.process.send_signal(signal.SIGCONT)


async def protocol(room: rtc.Room) -> str:
    """By which transport the pair in use sends."""
    stats = await room.get_rtc_stats()
    rows = [*stats.publisher_stats, *stats.subscriber_stats]
    local = {
        row.local_candidate.rtc.id: row.local_candidate.candidate for row in rows if row.HasField("local_candidate")
    }
    pairs = [row.candidate_pair.candidate_pair for row in rows if row.HasField("candidate_pair")]
    (used,) = {local[pair.local_candidate_id].protocol for pair in pairs if pair.nominated}
    return str(used)
