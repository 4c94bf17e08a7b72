"""How a room behaves to the rest of the app: one suite for the demo service and for a real LiveKit server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from mka1_desktop.domain.captions import TEXT_LIMIT
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    AgentSoundStarted,
    AgentSoundStopped,
    AgentState,
    AgentStateChanged,
    ResponseStarted,
    RoomLost,
    RoomResumed,
    RoomResuming,
    ServiceErrorReceived,
    Speaker,
)
from mka1_desktop.domain.grant import RoomGrant
from tests.support.room_scene import Ending, Said, Scene, Seat, seated, until_undone

QUESTION, ANSWER = "What is the capital of France?", "Paris"
HTML = "<h1>Hello</h1><script>alert(1)</script> & <b>bold</b>"
RTL = "مرحبا، هذا اختبار 😀👩‍👩‍👧 שלום עולם \u202eabc\u202c 🇵🇹"
SPEAKERS: tuple[Speaker, ...] = ("user", "agent")
# Garbage that holds nothing for us; the mark at the end shows that everything before it was read.
GARBAGE = (
    b"", b"\xff\xfe\x00", b"not json", b"{", b"[]", b"null", b"42", b'"text"', b"[" * 5_000, b'{"a":' * 2_000,
    b'{"response_id": 5}', b'{"response_id": null}', b'{"error": []}', b'{"conversation_id": {}}', b'{"unknown": 1}',
    b'{"response_id": "<img src=x>\\u202e"}', b'{"type":"user_message","content":"delete everything"}', b"x" * 60_000,
    json.dumps({"response_id": "resp_" + "a" * 60_000}).encode(),
)  # fmt: skip


class RoomContract:
    """Subclasses say what `scene(*wishes)` is."""

    scene: Callable[..., AbstractAsyncContextManager[Scene]]

    # --- joining and the voice ------------------------------------------------------------------------------

    async def test_the_microphone_is_published_and_the_agent_is_heard(self) -> None:
        async with self.scene() as scene, seated(scene) as seat:
            assert len(seat.host.published) == 1
            await seat.until(lambda: seat.host.loud > 3, "the greeting's sound")
            assert scene.microphone_sid()
            assert len(seat.of(AgentJoined)) == 1
            assert len(seat.host.playing) == 1
            await seat.until(lambda: seat.of(AgentSoundStopped), "the greeting's end")
            (began, *_), (ended, *_) = seat.of(AgentSoundStarted), seat.of(AgentSoundStopped)
            assert began.at_s < ended.at_s
            assert AgentState.SPEAKING in [e.state for e in seat.of(AgentStateChanged)]
            assert {e.ticket for e in seat.events} == {7}
            assert seat.room is not None
            assert seat.room.ticket == 7

    async def test_without_a_microphone_people_can_still_type(self) -> None:
        async with self.scene("no greeting") as scene:
            seat = Seat()
            seat.host.microphone = False
            room = await seat.join(scene.grant())
            await seat.until_one(AgentJoined)
            await room.send_text(QUESTION)
            await seat.until_caption(ANSWER, channel="stream")
            assert scene.microphone_sid() == ""
            await room.leave()

    async def test_a_typed_text_is_answered_once_on_both_channels(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            assert seat.room is not None
            await seat.room.send_text(QUESTION)
            for channel in ("event", "stream"):
                assert (await seat.until_caption(ANSWER, channel=channel)).speaker == "agent"
            await seat.until(lambda: seat.of(AgentSoundStopped), "the answer's end")
            assert len(seat.of(ResponseStarted)) == 1  # sent as a text stream too, it would be answered twice
            assert len([c for c in seat.captions("agent", "event") if c.final and ANSWER in c.text]) == 1

    async def test_the_round_trip_is_measured(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            room = seat.room
            assert room is not None
            await seat.until_one(AgentJoined)
            found: list[int] = []
            async with asyncio.timeout(20):
                while not found:
                    time_ms = await room.round_trip_ms()
                    found += [] if time_ms is None else [time_ms]
                    await asyncio.sleep(0.05)
            assert 0 <= found[0] < 1_000
        assert await room.round_trip_ms() is None

    # --- captions -------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("speaker", SPEAKERS)
    async def test_an_event_with_several_segments_is_several_captions(self, speaker: Speaker) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await scene.caption_event(speaker, Said("a", "one", final=False), Said("b", "two"), Said("c", "three"))
            await seat.until_caption("three", channel="event")
            found = [(c.segment_id, c.text, c.final) for c in seat.captions(speaker, "event")]
            assert found == [("a", "one", False), ("b", "two", True), ("c", "three", True)]
            assert seat.captions(speaker, "event")[0].language == "en"

    @pytest.mark.parametrize("speaker", SPEAKERS)
    async def test_segments_without_an_id_get_one_each(self, speaker: Speaker) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            for said in (Said("", "one", final=False), Said("", "one two"), Said("", "three")):
                await scene.caption_event(speaker, said)
            await seat.until_caption("three", channel="event")
            first, second, third = [c.segment_id for c in seat.captions(speaker, "event")]
            assert first == second != third

    async def test_the_chunks_of_a_stream_of_the_agent_append(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            attributes = {"lk.segment_id": "s", "lk.transcription_final": "false"}
            end = {"lk.transcription_final": "true"}
            await scene.caption_stream("agent", "How ", "are ", "you?", attributes=attributes, end=end)
            await seat.until_caption("How are you?", channel="stream")
            found = [(c.text, c.final) for c in seat.captions("agent", "stream")]
            assert found == [("How ", False), ("How are ", False), ("How are you?", False), ("How are you?", True)]
            assert {c.segment_id for c in seat.captions("agent", "stream")} == {"s"}

    async def test_guesses_of_the_person_s_words_come_anew_until_they_are_final(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            for text, final in (("what is", "false"), ("what is this", "false"), ("What is this?", "true")):
                attributes = {
                    "lk.segment_id": "u",
                    "lk.transcribed_track_id": scene.microphone_sid(),
                    "lk.transcription_final": final,
                }
                await scene.caption_stream("user", text, attributes=attributes)
            await seat.until_caption("What is this?", channel="stream")
            found = seat.captions("user", "stream")
            assert [c.text for c in found if c.final] == ["What is this?"]
            assert {c.segment_id for c in found} == {"u"}

    @pytest.mark.parametrize("speaker", SPEAKERS)
    async def test_a_stream_without_attributes_is_a_caption_of_its_own(self, speaker: Speaker) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await scene.caption_stream(speaker, "one", attributes={})
            await scene.caption_stream(speaker, "two", attributes={"lk.mood": "😀", "": "empty"})
            await seat.until_caption("one", channel="stream")
            await seat.until_caption("two", channel="stream")
            assert len({c.segment_id for c in seat.captions(speaker, "stream")}) == 2

    @pytest.mark.parametrize("text", [HTML, RTL], ids=["html", "rtl"])
    async def test_words_are_not_touched(self, text: str) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await scene.caption_event("agent", Said("e", text))
            await scene.caption_stream("agent", text, attributes={"lk.segment_id": "s"})
            for channel in ("event", "stream"):
                assert (await seat.until_caption(text, channel=channel)).text == text

    async def test_a_caption_of_a_megabyte_is_cut(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await scene.caption_stream("agent", "huge " * 200_000, attributes={"lk.segment_id": "i" * 5_000})
            await scene.caption_event("agent", Said("after", "after"))
            caption = await seat.until_caption("huge", channel="stream")
            await seat.until_caption("after", channel="event")
            assert len(caption.text) == TEXT_LIMIT
            assert len(caption.segment_id) == 200

    # --- facts ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("topic", ["", "mka1.agent", "lk.chat", "x" * 200])
    async def test_facts_come_in_packets_of_any_topic(self, topic: str) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            error = {"code": "rate_limited", "service": "llm", "message": "HTTP 429"}
            packet = {"response_id": "resp_1", "conversation_id": "conv_1", "error": error}
            await scene.data(json.dumps(packet).encode(), topic)
            trouble = (await seat.until_one(ServiceErrorReceived)).trouble
            assert (trouble.code, trouble.service, trouble.http_status) == (Code.RATE_LIMITED, "llm", 429)
            assert seat.of(ResponseStarted) == [
                ResponseStarted(ticket=7, response_id="resp_1", conversation_id="conv_1")
            ]

    async def test_facts_come_in_text_streams_of_unknown_topics(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await scene.text_stream("mka1.whatever", "no json")
            await scene.text_stream("mka1.whatever", '{"response_id": "resp_2"}')
            await seat.until(lambda: seat.of(ResponseStarted), "the response id")
            assert [e.response_id for e in seat.of(ResponseStarted)] == ["resp_2"]

    async def test_our_own_text_streams_do_not_count(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await scene.text_stream("other", '{"response_id": "resp_mine"}', speaker="user")
            await scene.text_stream("other", '{"response_id": "resp_mark"}')
            assert (await seat.until_one(ResponseStarted)).response_id == "resp_mark"

    async def test_what_holds_nothing_is_counted_and_ignored(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            for packet in GARBAGE:
                await scene.data(packet, "mka1.agent")
            await scene.data(b'{"response_id": "resp_mark"}', "mka1.agent")
            await seat.until(lambda: seat.of(ResponseStarted), "the mark")
            assert [e.response_id for e in seat.of(ResponseStarted)] == ["resp_mark"]
            assert seat.of(ServiceErrorReceived) == []
            assert seat.room is not None
            assert seat.room.ignored == len(GARBAGE)

    # --- agents ---------------------------------------------------------------------------------------------

    async def test_a_late_agent_is_seen_and_heard(self) -> None:
        async with self.scene("late agent") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await seat.until(lambda: seat.host.loud, "the greeting's sound")

    async def test_an_agent_that_leaves_is_told_once(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            identity = (await seat.until_one(AgentJoined)).identity
            await seat.until(lambda: seat.host.playing, "the agent's track")
            await scene.agent_leaves()
            assert (await seat.until_one(AgentLeft)).identity == identity
            await seat.until(lambda: not seat.host.playing, "the track's end")
            assert seat.of(RoomLost) == []

    async def test_of_two_agents_the_newest_is_heard_and_the_older_one_is_not_subscribed_to(self) -> None:
        async with self.scene("two agents") as scene, seated(scene) as seat:
            await seat.until(lambda: seat.host.loud, "the newer one's sound")
            await seat.until(lambda: len(seat.host.playing) == 1, "silence of the older one")
            newer = seat.of(AgentJoined)[-1].identity
            assert newer == "agent"
            await scene.agent_leaves()
            await seat.until(lambda: seat.of(AgentLeft), "the newer one's end")
            assert [e.identity for e in seat.of(AgentLeft)] == ["agent"]
            await seat.until(lambda: seat.of(AgentJoined)[-1].identity == "agent-first", "the older one")

    # --- endings --------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("how", ["room_deleted", "participant_removed"])
    async def test_a_room_is_lost_once_and_says_why(self, how: Ending) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await scene.end(how)
            assert await seat.until_lost() == how
            assert seat.room is not None
            with pytest.raises(AppError) as caught:
                await seat.room.send_text(QUESTION)
            assert caught.value.code is Code.TEXT_NOT_SENT
            assert await seat.room.round_trip_ms() is None
            assert len(seat.of(RoomLost)) == 1
            assert isinstance(seat.events[-1], RoomLost)
            assert seat.host.playing == []
            await seat.room.leave()
            assert not [task for task in asyncio.all_tasks() if task.get_name() == "agent audio"]

    async def test_the_same_person_elsewhere_ends_this_room(self) -> None:
        async with self.scene("no greeting") as scene:
            grant = scene.grant()
            here, there = Seat(), Seat()
            first = await here.join(grant)
            second = await there.join(grant)
            assert await here.until_lost() == "duplicate_identity"
            await there.until_one(AgentJoined)
            assert there.of(RoomLost) == []
            await asyncio.gather(first.leave(), second.leave())

    async def test_a_dropped_socket_is_made_anew(self) -> None:
        async with self.scene("no greeting") as scene, seated(scene) as seat:
            await seat.until_one(AgentJoined)
            await seat.until(lambda: seat.host.playing, "the agent's track")
            await scene.drop_socket()
            await seat.until_one(RoomResuming)
            assert seat.room is not None
            await seat.room.send_text(QUESTION)  # waits
            assert len(seat.of(RoomResumed)) == 1
            await seat.until_caption(ANSWER, channel="stream")
            assert len(seat.of(ResponseStarted)) == 1
            assert seat.of(RoomLost) == []

    async def test_after_leaving_nothing_is_said_and_leaving_again_is_nothing(self) -> None:
        async with self.scene() as scene:
            seat = Seat()
            room = await seat.join(scene.grant())
            await seat.until(lambda: seat.host.loud, "the greeting's sound")
            leaving = asyncio.gather(room.leave(), room.leave())
            await asyncio.sleep(0)  # what was on its way before they began was said before
            said = len(seat.events)
            await leaving
            await scene.until_empty()
            await room.leave()
            assert len(seat.events) == said
            assert seat.host.playing == []
            assert seat.host.published == []
            await room.publish_microphone()
            assert seat.host.published == []

    async def test_leaving_while_joining_leaves_nobody_behind(self) -> None:
        async with self.scene() as scene:
            seat = Seat()
            joining = asyncio.get_running_loop().create_task(seat.join(scene.grant()))
            await asyncio.sleep(0)
            joining.cancel()
            with pytest.raises(asyncio.CancelledError):
                await joining
            assert await until_undone() == 1
            await scene.until_empty()
            assert seat.events == []

    async def test_thirty_rooms_leave_nothing_behind(self) -> None:
        tasks, threads = asyncio.all_tasks(), 0
        async with self.scene("no greeting") as scene:
            for number in range(30):
                async with seated(scene):
                    pass
                await scene.until_empty()
                if number == 4:  # by now the SDK has started what it keeps
                    threads, tasks = _threads(), asyncio.all_tasks()
            assert _threads() <= threads
            assert len(asyncio.all_tasks()) <= len(tasks)

    # --- refusals -------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("kind", ["expired", "garbage"])
    async def test_a_bad_token_is_refused_and_repeated_nowhere(
        self, kind: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with self.scene() as scene:
            grant = scene.grant(ttl_s=-60)
            if kind == "garbage":
                grant = RoomGrant(url=grant.url, token="eyJhbGciOiJIUzI1NiJ9.Z2FyYmFnZS10bHM.tls-ssl-404-certificate")
            with pytest.raises(AppError) as caught:
                await Seat().join(grant)
            assert (caught.value.code, caught.value.trouble.http_status) == (Code.TOKEN_EXPIRED, 401)
            error: BaseException | None = caught.value
            while error is not None:
                assert grant.token not in f"{error!r} {error} {vars(error)}"
                error = error.__cause__ or error.__context__
            ours = [r.getMessage() for r in caplog.records if r.name.startswith("mka1_desktop")]
            assert not any(grant.token in message for message in ours)
            assert grant.token not in repr(grant)


def _threads() -> int:
    """Python threads, without the loop's own workers: those grow with what happens at once, up to a limit."""
    return sum(not thread.name.startswith("asyncio_") for thread in threading.enumerate())
