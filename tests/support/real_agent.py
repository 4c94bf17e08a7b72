"""A scripted agent: a participant with the SDK, for rooms of a real server."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Coroutine, Mapping
from typing import Any

import numpy as np
from livekit import rtc

from mka1_desktop.domain.events import Speaker
from tests.support.room_scene import WAIT_S, Said

RATE = 24_000
BLOCK = 480  # 20 ms
HUM = (8_000 * np.sin(np.arange(RATE // 2) * (2 * np.pi * 300 / RATE))).astype(np.int16)  # half a second
STATE, SEGMENT, TRACK, FINAL = (
    "lk.agent.state", "lk.segment_id", "lk.transcribed_track_id", "lk.transcription_final",
)  # fmt: skip


class RealAgent:
    """Greets when told to, and answers every typed text with "Paris." and a hum of half a second."""

    def __init__(self, *, person: str) -> None:
        self.room = rtc.Room()
        self._person = person
        self._source: rtc.AudioSource | None = None
        self.voice_sid = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._came = asyncio.Event()
        self._subscribed = asyncio.Event()
        self._state: str | None = None

    async def join(self, url: str, token: str, *, state: str | None, audio: bool) -> None:
        self.room.on("data_received", self._hear)
        self.room.on("local_track_subscribed", lambda *_: self._subscribed.set())
        self.room.on("track_subscribed", lambda *_: self._came.set())
        self.room.register_text_stream_handler("lk.chat", self._hear_stream)
        await asyncio.wait_for(self.room.connect(url, token), WAIT_S)
        self._state = state
        if state is not None:
            await self.show(state)
        if audio:
            self._source = rtc.AudioSource(RATE, 1, queue_size_ms=200)
            track = rtc.LocalAudioTrack.create_audio_track("voice", self._source)
            publication = await asyncio.wait_for(self._me.publish_track(track), WAIT_S)
            self.voice_sid = publication.sid
            self._start(self._stay_silent(self._source))

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.wait_for(self.room.disconnect(), WAIT_S)
        if self._source is not None:
            await self._source.aclose()

    async def say(self, text: str) -> None:
        """Hum, with captions on both channels and the agent's state."""
        if self._state is not None:
            await self.show("speaking")
        name = f"SG_{uuid.uuid4().hex}"
        attributes = {SEGMENT: name, TRACK: self.voice_sid, FINAL: "false"}
        await self.caption_event("agent", Said(name, text, final=False))
        await self.stream("lk.transcription", text, attributes=attributes, end={FINAL: "true"})
        await self._hum()
        await self.caption_event("agent", Said(name, text))
        if self._state is not None:
            await self.show("listening")

    def greet_when_somebody_comes(self) -> None:
        self._start(self._greet())

    async def until_subscribed(self) -> None:
        """Wait until somebody gets this agent's sound."""
        await asyncio.wait_for(self._subscribed.wait(), WAIT_S)

    def microphone_sid(self) -> str:
        """The person's audio track; "" while there is none."""
        person = self.room.remote_participants.get(self._person)
        return next(iter(person.track_publications), "") if person is not None else ""

    async def show(self, state: str) -> None:
        await asyncio.wait_for(self._me.set_attributes({STATE: state}), WAIT_S)

    async def caption_event(self, speaker: Speaker, *segments: Said) -> None:
        mine = speaker == "agent"
        words = [
            rtc.TranscriptionSegment(
                id=s.segment_id, text=s.text, start_time=0, end_time=0, language="en", final=s.final
            )
            for s in segments
        ]
        event = rtc.Transcription(
            participant_identity=self._me.identity if mine else self._person,
            # SDK 1.2.1 aborts the whole process of whoever receives an id of another form, even an empty one.
            track_sid=(self.voice_sid if mine else self.microphone_sid()) or "TR_none",
            segments=words,
        )
        await asyncio.wait_for(self._me.publish_transcription(event), WAIT_S)

    async def stream(
        self,
        topic: str,
        *chunks: str,
        speaker: Speaker = "agent",
        attributes: Mapping[str, str] | None = None,
        end: Mapping[str, str] | None = None,
    ) -> None:
        writer = await self._me.stream_text(
            topic=topic,
            attributes=dict(attributes or {}),
            sender_identity=self._me.identity if speaker == "agent" else self._person,
        )
        for chunk in chunks:
            await writer.write(chunk)
        await writer.aclose(attributes=dict(end or {}))

    async def data(self, payload: bytes, topic: str) -> None:
        await asyncio.wait_for(self._me.publish_data(payload, reliable=True, topic=topic), WAIT_S)

    @property
    def _me(self) -> rtc.LocalParticipant:
        return self.room.local_participant

    def _hear(self, packet: rtc.DataPacket) -> None:
        body = json.loads(packet.data)
        if packet.topic == "lk.chat" and body["type"] == "user_message":
            self._start(self._answer(body["content"]))

    def _hear_stream(self, reader: rtc.TextStreamReader, _: str) -> None:
        self._start(self._answer_stream(reader))

    async def _answer_stream(self, reader: rtc.TextStreamReader) -> None:
        await self._answer(await reader.read_all())

    async def _answer(self, text: str) -> None:
        await self.data(json.dumps({"response_id": f"resp_{uuid.uuid4().hex}"}).encode(), "")
        await self.say(f"Paris. You said: {text}")

    async def _greet(self) -> None:
        await self._came.wait()
        await self.say("Hello.")

    async def _hum(self) -> None:
        assert self._source is not None
        for start in range(0, len(HUM), BLOCK):
            block = HUM[start : start + BLOCK]
            await self._source.capture_frame(rtc.AudioFrame(block.tobytes(), RATE, 1, block.size))

    async def _stay_silent(self, source: rtc.AudioSource) -> None:
        """A track that never sent a frame is never subscribed to."""
        await source.capture_frame(rtc.AudioFrame(bytes(2 * BLOCK), RATE, 1, BLOCK))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
