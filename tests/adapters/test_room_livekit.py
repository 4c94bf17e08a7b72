"""The room adapter against the demo service, and against a real LiveKit server where there is one."""

from __future__ import annotations

import asyncio

import pytest
from livekit import rtc

from mka1_desktop.adapters.room_listener import STREAMS_LIMIT
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentState,
    AgentStateChanged,
    CaptionReceived,
    ResponseStarted,
    RoomEvent,
    RoomLost,
    RoomResuming,
)
from mka1_desktop.domain.grant import RoomGrant
from tests.contracts.room_contract import RoomContract
from tests.support.demo_process import DemoProcess
from tests.support.demo_room import demo_scene
from tests.support.real_agent import RealAgent
from tests.support.real_room import missing_server, real_scene
from tests.support.room_scene import Said, Seat, seated

pytestmark = pytest.mark.timeout(90)


class TestDemoRooms(RoomContract):
    scene = staticmethod(demo_scene)

    async def test_a_defect_of_ours_goes_where_defects_go_and_no_word_into_the_log(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        defects: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: defects.append(context["exception"]))
        async with demo_scene("no greeting") as scene:
            seat = Seat()

            def take(event: RoomEvent) -> None:
                seat.take(event)
                if isinstance(event, CaptionReceived | ResponseStarted):
                    raise TypeError("secret words")  # the one kind that the SDK itself lets through

            room = await seat.rooms.join(scene.grant(), ticket=1, emit=take)
            await seat.until_one(AgentJoined)
            await scene.caption_event("agent", Said("a", "secret words"))
            await scene.caption_stream("agent", "secret words", attributes={"lk.segment_id": "secret words"})
            await scene.data(b'{"response_id": "resp_1"}', "secret words")
            await seat.until(lambda: len(defects) == 3, "three defects")
            await room.leave()
        assert {type(defect) for defect in defects} == {TypeError}
        assert not [record for record in caplog.records if "secret words" in record.getMessage()]

    async def test_a_flood_of_text_streams_is_bounded(self) -> None:
        async with demo_scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            for number in range(STREAMS_LIMIT + 20):
                await scene.open_stream(f"half {number}")
            await scene.data(b'{"response_id": "resp_mark"}', "")
            await seat.until_one(ResponseStarted)
            await seat.until(lambda: len(seat.captions("agent", "stream")) >= STREAMS_LIMIT, "the first streams")
            assert seat.room is not None
            await seat.until(lambda: seat.room is not None and seat.room.ignored == 20, "the rest being dropped")
            assert len(seat.captions("agent", "stream")) == STREAMS_LIMIT


async def test_a_service_that_was_killed_is_given_up_once_and_takes_no_text() -> None:
    async with DemoProcess(expect_exit=None) as demo:
        here, there = Seat(), Seat()
        rooms = [await seat.join(await grant(demo)) for seat in (here, there)]
        await asyncio.gather(here.until_one(AgentJoined), there.until_one(AgentJoined))
        demo.kill()
        await asyncio.gather(here.until_one(RoomResuming), there.until_one(RoomResuming))
        said = len(there.events)
        async with asyncio.timeout(2):
            await rooms[1].leave()  # while the SDK reconnects
        with pytest.raises(AppError) as caught:
            await rooms[0].send_text("Are you there?")
        assert caught.value.code is Code.TEXT_NOT_SENT
        assert await rooms[0].round_trip_ms() is None
        assert await here.until_lost()
        await rooms[0].leave()
        assert len(here.of(RoomLost)) == 1
        assert len(there.events) == said
        assert here.host.playing == there.host.playing == []
        assert len(asyncio.all_tasks()) == 1


@pytest.mark.skipif(missing_server() is not None, reason=missing_server() or "")
class TestRealRooms(RoomContract):
    scene = staticmethod(real_scene)

    async def test_the_older_of_two_agents_is_heard_again_when_the_newer_one_has_left(self) -> None:
        async with real_scene("no agent") as scene, seated(scene) as seat:
            first = await scene.add_agent("first")
            await seat.until(lambda: seat.host.playing, "the first one's track")
            second = await scene.add_agent("second")
            await seat.until(lambda: seat.host.playing == [second.voice_sid], "only the second one's track")
            await seat.until(lambda: not subscribed(seat, first), "the end of the first one's subscription")
            await second.leave()
            scene.agents.remove(second)
            await seat.until(lambda: seat.host.playing == [first.voice_sid], "the first one's track again")
            loud = seat.host.loud
            await first.say("It is me again.")
            await seat.until(lambda: seat.host.loud > loud, "its sound")
            assert [e.identity for e in seat.of(AgentJoined)] == ["first", "second", "first"]
            assert [e.identity for e in seat.of(AgentLeft)] == ["second"]

    @pytest.mark.parametrize("sign", ["kind", "attribute", "audio"])
    async def test_an_agent_is_known_by_kind_by_its_state_or_by_an_audio_track(self, sign: str) -> None:
        async with real_scene("no agent") as scene, seated(scene) as seat:
            kind, state = "agent" if sign == "kind" else None, "listening" if sign == "attribute" else None
            await scene.add_agent("somebody", kind=kind, state=state, audio=sign == "audio")
            assert (await seat.until_one(AgentJoined)).identity == "somebody"

    async def test_an_audio_track_of_somebody_else_is_not_heard_beside_an_agent(self) -> None:
        async with real_scene("no agent") as scene, seated(scene) as seat:
            agent = await scene.add_agent("agent")
            await seat.until(lambda: seat.host.playing == [agent.voice_sid], "the agent's track")
            guest = await scene.add_agent("guest", kind=None, state=None)
            await guest.until_subscribed()
            await seat.until(lambda: not subscribed(seat, guest), "the end of the guest's subscription")
            assert seat.host.playing == [agent.voice_sid]
            assert [e.identity for e in seat.of(AgentJoined)] == ["agent"]

    async def test_the_state_of_an_older_agent_does_not_count(self) -> None:
        async with real_scene("no agent") as scene, seated(scene) as seat:
            first = await scene.add_agent("first")
            second = await scene.add_agent("second")
            await seat.until(lambda: seat.host.playing == [second.voice_sid], "the second one's track")
            await first.show("thinking")
            await second.show("speaking")
            await seat.until(lambda: AgentState.SPEAKING in _states(seat), "the state of the second one")
            assert AgentState.THINKING not in _states(seat)

    async def test_a_packet_in_nobody_s_name_counts(self) -> None:
        async with real_scene("no greeting") as scene, seated(scene) as seat:
            await scene.server_data(b'{"response_id": "resp_3"}', "")
            assert (await seat.until_one(ResponseStarted)).response_id == "resp_3"

    async def test_a_server_that_is_gone_is_told_once(self) -> None:
        async with real_scene("no agent") as scene, seated(scene) as seat:
            scene.process.kill()
            await seat.until_one(RoomResuming)
            assert await seat.until_lost()
            assert len(seat.of(RoomLost)) == 1


async def grant(demo: DemoProcess) -> RoomGrant:
    url, token = await demo.token()
    return RoomGrant(url=url, token=token)


def _states(seat: Seat) -> list[AgentState]:
    return [e.state for e in seat.of(AgentStateChanged)]


def subscribed(seat: Seat, agent: RealAgent) -> bool:
    assert seat.room is not None
    who = seat.room._room.remote_participants[agent.room.local_participant.identity]
    publication = who.track_publications[agent.voice_sid]
    assert isinstance(publication, rtc.RemoteTrackPublication)
    return publication.subscribed
