"""Speaking with the demo service: microphone, endpoint, recogniser, barge-in, echo."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from mka1_desktop.demo.audio import EARS_RATE
from mka1_desktop.demo.ears_process import HearingFailed
from mka1_desktop.demo.speak import Voice
from mka1_desktop.demo.turn import NOT_UNDERSTOOD
from tests.support.demo_process import DemoProcess
from tests.support.demo_service import OWNER, rooms
from tests.support.room_guest import RATE, Guest

pytestmark = pytest.mark.timeout(90)

QUESTION = "What is the capital of France?"


@pytest.fixture(scope="module")
def question() -> NDArray[np.int16]:
    return Voice().say(QUESTION).samples


async def test_a_spoken_question_is_captioned_and_answered_by_the_real_recogniser(
    question: NDArray[np.int16],
) -> None:
    async with DemoProcess("--fault", "no-greeting") as demo:
        url, token = await demo.token()
        async with Guest(url, token) as guest:
            await guest.publish_microphone()
            await guest.speak(question)
            ended = time.monotonic()
            await guest.until(lambda: any(guest.loud_since(ended)), "the answer's sound")
            await guest.until_said("Paris")
            response_id = await guest.until_response()
            await guest.until(lambda: guest.states[-1:] == ["listening"], "the agent listening")
        stored = await demo.get(f"/api/v1/llm/responses/{response_id}")

    for channel in ("event", "stream"):
        own = guest.own_captions(channel)
        assert own[-1].text == QUESTION
        assert [c.final for c in own] == [False] * (len(own) - 1) + [True]
    assert len({c.segment_id for c in guest.own_captions()}) == 1
    assert next(iter(guest.loud_since(ended))) - ended < 5
    assert stored["status"] == "completed"


async def test_speaking_cuts_the_answer_and_the_words_that_were_not_spoken(question: NDArray[np.int16]) -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        demo.ears.answers = [QUESTION]
        await guest.publish_microphone()
        await guest.say("Tell me a long story")
        story = await guest.until_response()
        await guest.until(lambda: len(guest.agent_captions("event")) >= 3, "some words")
        await guest.speak(question[: RATE // 2])
        cut = await guest.until_said("")
        await guest.until(lambda: not guest.is_loud(), "silence")
        silent = time.monotonic()
        await guest.until_said("Paris")

        assert demo.service.data.response(OWNER, story).status == "incomplete"
        assert len(cut.text.split()) < 40
        assert guest.own_captions("event")[-1].text == QUESTION
        assert any(guest.loud_since(silent))


async def test_what_is_not_understood_is_said_to_be_so(question: NDArray[np.int16]) -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        demo.ears.answers = [None]
        await guest.publish_microphone()
        await guest.speak(question)
        await guest.until_said("catch", final=False)
        assert [c.text for c in guest.own_captions("event")] == [NOT_UNDERSTOOD]


async def test_a_recogniser_that_fails_is_an_error_of_the_stt_and_the_next_words_are_heard(
    question: NDArray[np.int16],
) -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        demo.ears.answers = [HearingFailed()]
        await guest.publish_microphone()
        await guest.speak(question)
        await guest.until(guest.errors, "the error")
        assert (guest.errors()[0]["code"], guest.errors()[0]["service"]) == ("transcription_error", "stt")
        demo.ears.answers = [QUESTION]
        await guest.speak(question)
        await guest.until_said("Paris", final=False)


async def test_a_microphone_that_is_published_again_is_heard_once(question: NDArray[np.int16]) -> None:
    async with rooms("no-greeting") as demo, demo.guest() as guest:
        demo.ears.answers = [QUESTION]
        await guest.publish_microphone()
        await guest.speak(question)
        await guest.until_said("Paris", final=False)
        await guest.unpublish_microphone()
        await guest.publish_microphone()
        demo.ears.heard.clear()
        await guest.speak(question)
        await guest.until(lambda: [c.final for c in guest.own_captions("event")].count(True) == 2, "the second caption")
        seconds = max(len(samples) for samples in demo.ears.heard) / EARS_RATE
        assert seconds < len(question) / RATE + 1.0


async def test_no_user_captions_when_switched_off(question: NDArray[np.int16]) -> None:
    async with rooms("no-greeting", "no-user-captions") as demo, demo.guest() as guest:
        demo.ears.answers = [QUESTION]
        await guest.publish_microphone()
        await guest.speak(question)
        await guest.until_said("Paris", final=False)
        assert guest.own_captions() == []


async def test_the_silence_timeout_of_the_token_is_kept(question: NDArray[np.int16]) -> None:
    waits = []
    for silence_ms in (100, 1_200):
        async with rooms("no-greeting") as demo:
            demo.ears.answers = [QUESTION]
            async with Guest(demo.url, demo.token(silence_timeout_ms=silence_ms)) as guest:
                await guest.publish_microphone()
                await guest.speak(question)
                ended = time.monotonic()
                await guest.until_response()
                waits.append(time.monotonic() - ended)
    assert waits[1] - waits[0] > 0.7


async def test_the_echo_agent_sends_the_microphone_back_at_once(question: NDArray[np.int16]) -> None:
    async with rooms(echo=True) as demo, demo.guest() as guest:
        await guest.publish_microphone()
        began = time.monotonic()
        await guest.speak(question)
        await guest.until(lambda: any(guest.loud_since(began)), "the echo")
        first = next(iter(guest.loud_since(began)))
        assert first - began < 1.0  # the figure itself belongs to the benches
        assert guest.captions == []
