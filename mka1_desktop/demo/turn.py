"""One answer of the agent, from the question to the last word or the interruption."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mka1_desktop.demo.audio import AgentTrack, Playback, Samples
from mka1_desktop.demo.captions import AgentCaption, Channels
from mka1_desktop.demo.data import Data
from mka1_desktop.demo.faults import Faults, error_packet
from mka1_desktop.demo.mischief import flood, odd_words
from mka1_desktop.demo.records import FinalStatus, Owner
from mka1_desktop.demo.speak import Speech, SpeechUnavailable
from mka1_desktop.demo.stage import Stage
from mka1_desktop.demo.think import Mind

NEWS_TOPIC = "mka1.agent"  # the service states no topic, so clients must not look at it
NOT_UNDERSTOOD = "(not understood)"  # the user's words when the recogniser found none


@dataclass(frozen=True, slots=True, kw_only=True)
class Faculties:
    """What every agent of the service shares."""

    data: Data
    mind: Mind
    faults: Faults
    channels: Channels
    speak: Callable[[str], Awaitable[Speech]]
    hear: Callable[[Samples], Awaitable[str | None]]


@dataclass(slots=True, kw_only=True)
class Thread:
    """Where a room's talk stands; outlives a reconnect into the same room."""

    owner: Owner
    model: str
    metadata: Mapping[str, str]
    language: str | None
    conversation_id: str | None
    previous_response_id: str | None
    greeted: bool = False


class Turn:
    """One utterance of the agent. Used once: `greet` or `answer`."""

    def __init__(self, *, stage: Stage, track: AgentTrack, faculties: Faculties, thread: Thread) -> None:
        self._stage = stage
        self._track = track
        self._able = faculties
        self._faults = faculties.faults
        self._thread = thread
        self._playback: Playback | None = None
        self._interrupted = False
        self._said = ""

    def interrupt(self) -> None:
        """Cut it: no sound leaves after this; whoever runs the turn sees it end soon after."""
        self._interrupted = True
        if self._playback is not None:
            self._playback.stop()

    def fail(self, error: str) -> None:
        """Send an error packet (`CODE:SERVICE`) instead of an answer."""
        self._tell(error_packet(error))
        self._stage.show_state("listening")

    async def greet(self, text: str) -> None:
        """Say something that answers nothing: no response is made."""
        flood(self._stage, self._faults)
        try:
            await self._say(text, mid_error=None)
        finally:
            self._stage.show_state("listening")

    async def answer(self, question: str | None, *, spoken: bool) -> None:
        """Answer the user's words; None: they were not understood.

        What was asked is known from the start: also when the user goes, or says something else, before a word of the
        answer.
        """
        self._stage.show_state("thinking")
        try:
            if not self._refused():
                await self._answer(question, spoken=spoken)
        finally:
            self._stage.show_state("listening")

    def take(self, question: str | None) -> str:
        """Begin a response to this question, and return its id."""
        thread = self._thread
        response_id = self._able.data.start_response(
            thread.owner, model=thread.model, text=question or NOT_UNDERSTOOD, metadata=thread.metadata,
            previous_response_id=thread.previous_response_id, conversation_id=thread.conversation_id,
        )  # fmt: skip
        if thread.conversation_id is None:
            thread.previous_response_id = response_id
        return response_id

    async def _answer(self, question: str | None, *, spoken: bool) -> None:
        thread, data = self._thread, self._able.data
        earlier = data.history(
            thread.owner, previous_response_id=thread.previous_response_id, conversation_id=thread.conversation_id
        )
        response_id = self.take(question)
        status: FinalStatus = "incomplete"  # also when the user hangs up in the middle
        try:
            await self._think_long()
            if not self._interrupted:
                if not self._faults.is_on("response-id-late"):
                    self._tell_response(response_id)
                now = datetime.now().astimezone()
                mind, language = self._able.mind, thread.language
                text = mind.answer(question, spoken=spoken, earlier=earlier, now=now, language=language)
                status = await self._say(text, mid_error=self._faults.take("error-mid"))
        finally:
            data.finish_response(response_id, text=self._said, status=status)
        if self._said and self._faults.is_on("response-id-late"):
            self._tell_response(response_id)

    async def _think_long(self) -> None:
        if (slow_s := self._faults.seconds("answer-slow")) is not None:
            await asyncio.sleep(slow_s)  # the fault itself
        flood(self._stage, self._faults)

    def _refused(self) -> bool:
        """Send an error packet instead of an answer, when there is a reason."""
        if (error := self._faults.take("error")) is not None:
            self._tell(error_packet(error))
            return True
        thread = self._thread
        reason = self._able.data.check_continuation(
            thread.owner,
            previous_response_id=thread.previous_response_id,
            conversation_id=thread.conversation_id,
        )
        if reason is not None:
            refusal = {"code": "invalid_request", "message": "HTTP 400", "service": "llm", "details": reason}
            self._tell({"error": refusal})
        return reason is not None

    async def _say(self, text: str, *, mid_error: str | None) -> FinalStatus:
        """Speak with captions; `_said` grows with the words that have left. Returns how it ended."""
        before = odd_words(self._faults)  # in the caption only: spelling all that aloud takes long
        caption = AgentCaption(self._stage, self._faults, self._able.channels)
        try:
            speech = await self._able.speak(text)
        except SpeechUnavailable:
            self._tell(error_packet("speech_error:tts"))
            self._said = text
            caption.finish(before + text)
            return "completed"
        if self._interrupted:
            return "incomplete"
        self._stage.show_state("speaking")
        playback = self._playback = self._track.play(speech.samples)
        stop_at = len(speech.words) // 2 if mid_error is not None else None
        for number, (end, sample) in enumerate(speech.words):
            if number == stop_at or not await playback.reached(sample):
                break
            self._said = text[:end]
            caption.show(before + self._said)
        if stop_at is not None:
            playback.stop()
        whole = await playback.finished()
        self._said = text if whole else text[: speech.reached(playback.position)]
        if self._said:
            caption.finish(before + self._said)
        if mid_error is not None and not self._interrupted:
            self._tell(error_packet(mid_error))
            return "failed"
        return "completed" if whole else "incomplete"

    def _tell_response(self, response_id: str) -> None:
        if self._faults.is_on("no-response-id"):
            return
        news = {"response_id": response_id}
        if self._thread.conversation_id is not None:
            news["conversation_id"] = self._thread.conversation_id
        self._tell(news)

    def _tell(self, news: Mapping[str, object]) -> None:
        self._stage.send_data(json.dumps(news, ensure_ascii=False).encode(), NEWS_TOPIC)
