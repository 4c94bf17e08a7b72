"""Rooms of the demo service, joined with the unmodified SDK: joining, greeting, captions, typed turns."""

from __future__ import annotations

import time

import pytest
from livekit import rtc

from mka1_desktop.demo.agent import GREETING, GREETING_AGAIN
from mka1_desktop.demo.captions import Channels
from mka1_desktop.demo.speak import Voice
from tests.support.demo_service import OWNER, rooms

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("single", [True, False], ids=["v1", "v0"])
async def test_the_agent_greets_by_itself_with_sound_and_captions_on_both_channels(single: bool) -> None:
    async with rooms(voice=Voice()) as demo, demo.guest(single=single) as guest:
        began = time.monotonic()
        await guest.until(guest.is_loud, "the greeting's sound")
        assert time.monotonic() - began < 5
        await guest.until_said(GREETING)
        await guest.until(lambda: [c for c in guest.agent_captions("stream") if c.final], "the stream's end")
        await guest.until(lambda: [c for c in guest.agent_captions("event") if c.final], "the events' end")

        (agent,) = guest.room.remote_participants.values()
        events, (stream,) = guest.agent_captions("event"), guest.agent_captions("stream")
        assert agent.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        assert stream.text == GREETING
        assert {c.segment_id for c in events} == {stream.segment_id}
        assert [c.final for c in events] == [False] * (len(events) - 1) + [True]
        assert all(GREETING.startswith(c.text) for c in events)
        assert len({c.text for c in events}) == len(GREETING.split())
        await guest.until(lambda: guest.states[-1:] == ["listening"], "the agent listening")
        assert guest.states[-2:] == ["speaking", "listening"]
        assert guest.response_ids() == []  # a greeting is no answer
        await guest.until_event("token_refreshed")


@pytest.mark.parametrize("single", [True, False], ids=["v1", "v0"])
async def test_a_typed_text_is_answered_with_id_sound_and_captions(single: bool) -> None:
    async with rooms("no-greeting") as demo, demo.guest(single=single, metadata={"client": "t"}) as guest:
        await guest.say("What is the capital of France?")
        response_id = await guest.until_response()
        caption = await guest.until_said("Paris")
        await guest.until(lambda: guest.states[-2:] == ["speaking", "listening"], "the end of the answer")

        assert {who for _, _, who in guest.data} == {"agent"}
        assert "thinking" in guest.states
        assert any(guest.loud_since(0))
        assert guest.own_captions() == []
        stored = demo.service.data.response(OWNER, response_id)
        assert stored.status == "completed"
        assert stored.metadata == {"client": "t", "voice_mode": "true"}
        assert stored.answer is not None
        assert stored.answer.text == caption.text
        assert stored.question.text == "What is the capital of France?"


async def test_turns_of_a_session_are_chained_and_remembered() -> None:
    async with rooms("no-greeting") as demo:
        async with demo.guest() as guest:
            await guest.say("What is the capital of France?")
            first = await guest.until_response()
            await guest.until_said("Paris")
            await guest.say("What did I ask you earlier?")
            second = await guest.until_response(2)
            await guest.until_said("capital of France")
        async with demo.guest(previous_response_id=second) as later:
            await later.say("Hello")
            third = await later.until_response()

        data = demo.service.data
        assert data.response(OWNER, first).previous_response_id is None
        assert data.response(OWNER, second).previous_response_id == first
        assert data.response(OWNER, third).previous_response_id == second


async def test_a_conversation_is_named_with_each_response_and_holds_the_turns() -> None:
    async with rooms("no-greeting") as demo:
        conversation = demo.service.data.create_conversation(OWNER, metadata=None, items=[])
        async with demo.guest(conversation={"id": conversation.id}) as guest:
            await guest.say("What is the capital of Italy?")
            await guest.until_said("Rome")
            await guest.until(lambda: guest.states[-1:] == ["listening"], "the agent listening")

        assert [p["conversation_id"] for p in guest.json_packets()] == [conversation.id]
        texts = [item.text for item in demo.service.data.conversation(OWNER, conversation.id).items.values()]
        assert texts[0] == "What is the capital of Italy?"
        assert "Rome" in texts[1]


async def test_a_continued_session_is_greeted_as_such_and_a_foreign_one_is_refused() -> None:
    async with rooms() as demo:
        async with demo.guest(previous_response_id="resp_unknown") as guest:
            await guest.until_said(GREETING_AGAIN[:5], final=False)
            await guest.say("Hello")
            await guest.until(guest.errors, "the refusal")
        assert guest.errors()[0]["code"] == "invalid_request"
        assert guest.errors()[0]["service"] == "llm"
        assert guest.response_ids() == []


async def test_a_typed_text_interrupts_and_the_caption_keeps_what_was_spoken() -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        await guest.say("Tell me a long story")
        story = await guest.until_response()
        await guest.until(lambda: len(guest.agent_captions("event")) >= 4, "some words")
        await guest.until(guest.is_loud, "the story's sound")
        await guest.say("What is the capital of Spain?")
        cut = await guest.until_said("", final=True)
        await guest.until_said("Madrid")
        await guest.until(lambda: guest.states[-1:] == ["listening"], "the agent listening")

        stored = demo.service.data.response(OWNER, story)
        assert stored.status == "incomplete"
        assert stored.answer is not None
        assert stored.answer.text == cut.text
        assert 3 <= len(cut.text.split()) <= 30
        assert demo.service.data.response(OWNER, await guest.until_response(2)).previous_response_id == story


@pytest.mark.parametrize(
    ("channels", "expected"), [(Channels.EVENT, {"event"}), (Channels.STREAM, {"stream"})], ids=["event", "stream"]
)
async def test_captions_can_come_on_one_channel_only(channels: Channels, expected: set[str]) -> None:
    async with rooms("no-greeting", channels=channels) as demo, demo.guest() as guest:
        await guest.say("What is the capital of France?")
        await guest.until_said("Paris")
        await guest.until(lambda: guest.states[-1:] == ["listening"], "the agent listening")
        assert {c.channel for c in guest.captions} == expected


async def test_what_is_no_user_message_is_ignored() -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        me = guest.room.local_participant
        for topic, payload in (
            ("lk.chat", b"plain text"), ("lk.chat", b"[]"), ("lk.chat", b'{"type":"user_message","content":5}'),
            ("lk.chat", b'{"type":"other","content":"hello"}'), ("other", b'{"type":"user_message","content":"hello"}'),
            ("lk.chat", b"[" * 20_000), ("lk.chat", b'{"type":"user_message","content":"  "}'),
        ):  # fmt: skip
            await me.publish_data(payload, topic=topic)
        await me.send_text("a stream is not the documented way", topic="lk.chat")
        await guest.say("What is the capital of France?")
        await guest.until_said("Paris")
        assert len(guest.response_ids()) == 1


@pytest.mark.parametrize("single", [True, False], ids=["v1", "v0"])
async def test_a_client_that_unsubscribes_hears_nothing_until_it_subscribes_again(single: bool) -> None:
    async with rooms("no-greeting") as demo, demo.guest(single=single) as guest:
        await guest.say("Tell me a long story")
        await guest.until(guest.is_loud, "the story's sound")
        (agent,) = guest.room.remote_participants.values()
        (publication,) = agent.track_publications.values()
        publication.set_subscribed(False)
        await guest.until(lambda: len(guest.loud) > 20 and not any(x > 0 for _, x in guest.loud[-20:]), "silence")
        publication.set_subscribed(True)
        await guest.until(guest.is_loud, "the story's sound again")
