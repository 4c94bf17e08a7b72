"""What goes wrong in rooms on demand, and how it looks to the unmodified SDK."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import aiohttp
import pytest
from livekit import rtc

from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.room_guest import Guest

pytestmark = pytest.mark.timeout(90)

QUESTION, ANSWER = "What is the capital of France?", "Paris"


# -- joining --------------------------------------------------------------------------------------


async def test_an_expired_token_is_refused_and_the_refusal_holds_no_token() -> None:
    async with rooms() as demo:
        guest = demo.guest(ttl_s=-1)
        with pytest.raises(rtc.ConnectError, match="401 Unauthorized"):
            await guest.join()
        status, body = await _validate(demo, guest.token)
        assert (status, body) == (401, "invalid token: the token has expired")


async def test_the_check_that_clients_make_accepts_header_and_parameter_on_all_paths() -> None:
    async with rooms() as demo:
        token = demo.token()
        for path in ("/rtc/v1/validate", "/rtc/validate"):
            for prefix in ("", "/api/v1/livekit"):
                assert await _validate(demo, token, path=prefix + path) == (200, "success")
                assert await _validate(demo, token, path=prefix + path, header=False) == (200, "success")
        assert (await _validate(demo, "garbage"))[0] == 401


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_a_refused_join_is_reported_with_its_status(status: int) -> None:
    async with rooms(f"join-status={status}") as demo:
        guest = demo.guest()
        with pytest.raises(rtc.ConnectError, match=str(status)):
            await guest.join()


async def test_a_404_on_the_first_path_leads_to_a_room_of_the_older_kind() -> None:
    async with rooms("join-status=404:1", "no-greeting") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)


@pytest.mark.parametrize("query", ["", "?join_request=!", "?join_request=AAAA", "?join_request=" + "A" * 60_000])
async def test_a_join_that_cannot_be_read_is_refused_in_words(query: str) -> None:
    async with rooms() as demo, aiohttp.ClientSession() as http:
        url = f"{demo.service.base_url}/rtc/v1{query}"
        async with http.get(url, headers={"Authorization": f"Bearer {demo.token()}"}) as answer:
            assert answer.status == 400
            assert "join_request" in await answer.text() or "WebSocket" in await answer.text()


async def test_a_silent_join_says_nothing() -> None:
    async with rooms("join-silent") as demo, aiohttp.ClientSession() as http:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await http.get(f"{demo.service.base_url}/rtc/v1")


# -- endings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("room-delete", "ROOM_DELETED"), ("participant-remove", "PARTICIPANT_REMOVED")],
)
async def test_a_room_that_is_ended_tells_why(fault: str, reason: str) -> None:
    async with rooms() as demo, demo.guest() as guest:
        demo.faults.set(fault, "now")
        assert await guest.until_event("disconnected") == reason
        await _nobody(demo)


async def test_a_room_that_is_ended_once_is_followed_by_one_that_stays() -> None:
    async with rooms("no-greeting") as demo:
        async with demo.guest() as guest:
            demo.faults.set("room-delete", "once")
            assert await guest.until_event("disconnected") == "ROOM_DELETED"
        async with demo.guest() as guest:
            await guest.say(QUESTION)
            await guest.until_said(ANSWER)


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "lost"])
async def test_a_text_that_takes_the_room_along_is_there_or_not(kept: bool) -> None:
    async with rooms("no-greeting", f"text-gone={'kept' if kept else 'lost'}:1") as demo:
        made = demo.service.data.create_conversation(OWNER, metadata=None, items=())
        async with demo.guest(conversation={"id": made.id}) as guest:
            await guest.say(QUESTION)
            assert await guest.until_event("disconnected") == "ROOM_DELETED"
            assert guest.agent_captions("event") == []
        history = demo.service.data.history(OWNER, previous_response_id=None, conversation_id=made.id)
        assert [turn.text for turn in history] == ([QUESTION] if kept else [])


async def test_texts_that_follow_each_other_before_an_answer_are_all_known() -> None:
    async with rooms("no-greeting", "answer-slow=0.3") as demo:
        made = demo.service.data.create_conversation(OWNER, metadata=None, items=())
        async with demo.guest(conversation={"id": made.id}) as guest:
            for text in ("Flip a coin", "Spell moon", QUESTION):
                await guest.say(text)
            await guest.until_said(ANSWER)
        history = demo.service.data.history(OWNER, previous_response_id=None, conversation_id=made.id)
        assert [turn.text for turn in history if turn.role == "user"] == ["Flip a coin", "Spell moon", QUESTION]


async def test_a_conversation_that_is_empty_is_greeted_as_new() -> None:
    async with rooms() as demo:
        made = demo.service.data.create_conversation(OWNER, metadata=None, items=())
        async with demo.guest(conversation={"id": made.id}) as guest:
            await guest.until_said("I am the demo assistant")


async def test_a_slow_agent_thinks_before_it_answers() -> None:
    async with rooms("no-greeting", "answer-slow=0.4") as demo, demo.guest() as guest:
        asked_s = time.monotonic()
        await guest.say(QUESTION)
        await guest.until_response()
        assert time.monotonic() - asked_s >= 0.4


async def test_a_room_ends_with_its_token_when_that_is_enforced() -> None:
    async with rooms(enforce_ttl=True) as demo, demo.guest(ttl_s=0.8) as guest:
        assert await guest.until_event("disconnected") == "PARTICIPANT_REMOVED"
        assert guest.details("token_refreshed") == []
        with pytest.raises(rtc.ConnectError, match="401"):
            await rtc.Room().connect(guest.url, guest.token)


async def test_a_session_outlives_its_token_when_that_is_not_enforced() -> None:
    async with rooms("no-greeting") as demo, demo.guest(ttl_s=0.5) as guest:
        await guest.say("Tell me a long story")
        await guest.until(lambda: len(guest.agent_captions("event")) > 5, "some words after the token's end")
        assert guest.details("disconnected") == []


async def test_the_closing_service_says_goodbye() -> None:
    async with rooms() as demo:
        guest = demo.guest()
        await guest.join()
    assert await guest.until_event("disconnected") == "SERVER_SHUTDOWN"
    await guest.room.disconnect()


@pytest.mark.parametrize("single", [True, False], ids=["v1", "v0"])
async def test_a_lost_socket_is_resumed_and_the_talk_goes_on(single: bool) -> None:
    async with rooms("no-greeting") as demo, demo.guest(single=single) as guest:
        await guest.say("Tell me a long story")
        await guest.until(guest.is_loud, "the story's sound")
        (session,) = demo.service.rooms.sessions
        session.drop_socket()
        await guest.until_event("reconnecting")
        lost = time.monotonic()
        await guest.until(lambda: any(guest.loud_since(lost + 0.1)), "sound while the socket is away")
        await guest.until_event("reconnected")
        assert demo.service.rooms.sessions == (session,)
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)


async def test_a_dropped_room_is_entered_anew_and_the_chain_goes_on_without_a_second_greeting() -> None:
    async with rooms() as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        first = await guest.until_response()
        await guest.until_said(ANSWER)
        demo.faults.set("room-drop", "now")
        demo.faults.set("room-drop", None)
        await guest.until_event("reconnected")
        await guest.say("Hello")
        second = await guest.until_response(2)
        assert demo.service.data.response(OWNER, second).previous_response_id == first
        greetings = [c for c in guest.agent_captions("event") if c.text == "Hello. I"]
        assert len(greetings) <= 1


async def test_a_frozen_room_sends_nothing_more() -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        await guest.say("Tell me a long story")
        await guest.until(guest.is_loud, "the story's sound")
        demo.faults.set("room-freeze", "now")
        count = len(guest.captions)
        await guest.until(lambda: not guest.is_loud(), "silence")
        assert len(guest.captions) <= count + 1


# -- the agent ------------------------------------------------------------------------------------


@pytest.mark.parametrize("single", [True, False], ids=["v1", "v0"])
async def test_a_late_agent_joins_with_its_track_and_greets(single: bool) -> None:
    async with rooms("agent-late=0.5") as demo, demo.guest(single=single) as guest:
        assert guest.room.remote_participants == {}
        assert await guest.until_event("participant_connected") == "agent"
        await guest.until(guest.is_loud, "the greeting's sound")
        await guest.until_said("Hello", final=False)


async def test_an_absent_agent_leaves_the_room_empty() -> None:
    async with rooms("agent-absent") as demo, demo.guest() as guest:
        await guest.until_event("token_refreshed")
        assert guest.room.remote_participants == {}


async def test_an_agent_that_leaves_is_gone_and_the_room_stays() -> None:
    async with rooms() as demo, demo.guest() as guest:
        await guest.until(guest.is_loud, "the greeting's sound")
        demo.faults.set("agent-leaves", "now")
        assert await guest.until_event("participant_disconnected") == "agent"
        assert guest.details("disconnected") == []


async def test_an_agent_that_leaves_before_the_connection_stands_does_not_come_back() -> None:
    async with rooms("agent-leaves=0") as demo, demo.guest() as guest:
        await guest.publish_microphone()  # sound and data flow
        await guest.unpublish_microphone()
        assert guest.room.remote_participants == {}
        assert guest.details("participant_connected") == []


async def test_a_silent_agent_has_captions_and_no_track() -> None:
    async with rooms("agent-silent", "no-greeting") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)
        assert guest.details("track") == []
        (agent,) = guest.room.remote_participants.values()
        assert agent.track_publications == {}


async def test_a_mute_agent_sends_only_zeros() -> None:
    async with rooms("agent-mute-audio", "no-greeting") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)
        assert guest.loud
        assert not any(guest.loud_since(0))


async def test_of_two_agents_the_newer_one_speaks() -> None:
    async with rooms("two-agents") as demo, demo.guest() as guest:
        await guest.until(guest.is_loud, "the greeting's sound")
        assert guest.details("track") == ["agent-first", "agent"]
        assert {p.kind for p in guest.room.remote_participants.values()} == {rtc.ParticipantKind.PARTICIPANT_KIND_AGENT}


async def test_no_greeting_is_no_greeting() -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        await guest.until(lambda: guest.states[-1:] == ["listening"], "the agent listening")
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)
        assert len({c.segment_id for c in guest.captions}) == 1


# -- what it sends --------------------------------------------------------------------------------


async def test_an_error_comes_instead_of_an_answer_as_often_as_asked() -> None:
    async with rooms("no-greeting", "error=rate_limited:llm:1") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until(guest.errors, "the error")
        assert guest.errors()[0]["code"] == "rate_limited"
        assert guest.errors()[0]["service"] == "llm"
        assert guest.response_ids() == []
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)


async def test_an_error_in_the_middle_cuts_the_answer() -> None:
    async with rooms("no-greeting", "error-mid=connection_error:llm") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        response_id = await guest.until_response()
        await guest.until(guest.errors, "the error")
        assert guest.errors()[0]["code"] == "connection_error"
        assert guest.agent_captions("event")[-1].final
        assert demo.service.data.response(OWNER, response_id).status == "failed"


@pytest.mark.parametrize("kind", ["garbage", "huge", "hostile"])
async def test_odd_packets_arrive_and_the_answer_too(kind: str) -> None:
    async with rooms("no-greeting", f"packets={kind}") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)
        sizes = [len(payload) for _, payload, _ in guest.data]
        assert len(sizes) > 2 if kind == "huge" else len(sizes) > 50
        assert (max(sizes) > 200_000) == (kind == "huge")


@pytest.mark.parametrize(("fault", "part"), [("html-captions", "<script>"), ("rtl-captions", "שלום")])
async def test_captions_can_hold_odd_text(fault: str, part: str) -> None:
    async with rooms("no-greeting", fault) as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until_said(part, final=False)


async def test_a_caption_can_be_as_large_as_a_packet() -> None:
    async with rooms("no-greeting", "captions-huge") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        caption = await guest.until_said("huge")
        assert len(caption.text) > 200_000


async def test_captions_of_unknown_kinds_have_neither_id_nor_end() -> None:
    async with rooms("no-greeting", "caption-kinds") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until(lambda: guest.agent_captions("stream"), "the stream")
        assert {c.segment_id for c in guest.captions} == {""}
        assert not any(c.final for c in guest.captions)


async def test_captions_can_come_twice() -> None:
    async with rooms("no-greeting", "double-captions") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        for channel in ("event", "stream"):
            await guest.until(partial(_both_ended, guest, channel), f"both ends on {channel}")


async def test_a_response_id_can_come_late_or_never() -> None:
    async with rooms("no-greeting", "response-id-late") as demo, demo.guest() as guest:
        await guest.say(QUESTION)
        await guest.until_said(ANSWER)
        await guest.until_response()
        demo.faults.set("no-response-id", "")
        await guest.say("What is the capital of Italy?")
        await guest.until_said("Rome")
        await guest.until(lambda: guest.states[-1:] == ["listening"], "the agent listening")
        assert len(guest.response_ids()) == 1


async def test_a_lossy_slow_network_still_carries_a_turn() -> None:
    async with rooms("no-greeting", "packet-loss=5", "delay-ms=60") as demo, demo.guest() as guest:
        sent = time.monotonic()
        await guest.say(QUESTION)
        await guest.until_response()
        assert time.monotonic() - sent > 0.11  # there and back
        await guest.until_said(ANSWER)


async def _validate(demo: Demo, token: str, *, path: str = "/rtc/v1/validate", header: bool = True) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {token}"} if header else {}
        params = {} if header else {"access_token": token}
        async with http.get(f"{demo.service.base_url}{path}", headers=headers, params=params) as answer:
            return answer.status, await answer.text()


def _both_ended(guest: Guest, channel: str) -> bool:
    return [caption.final for caption in guest.agent_captions(channel)].count(True) == 2


async def _nobody(demo: Demo) -> None:
    """Wait until all sessions have ended."""
    if running := demo.service.rooms._running:
        await asyncio.wait(running, timeout=10)
    assert demo.service.rooms.sessions == ()
