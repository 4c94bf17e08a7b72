"""A participant with the unmodified LiveKit SDK, for tests of the demo service's rooms."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import numpy as np
from livekit import rtc
from livekit.rtc.data_stream import StreamError
from numpy.typing import NDArray

from mka1_desktop.adapters.media_engine import keep_media_engine

WAIT_S = 20.0
RATE = 24_000
BLOCK = 240  # 10 ms
LOUD = 300.0  # RMS of int16 samples


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption event; `speaker` is a participant's identity."""

    channel: str  # event or stream
    speaker: str
    segment_id: str
    text: str
    final: bool


@dataclass
class Guest:
    """Joins, records what happens, and waits for it. Leaves at the end of `async with`."""

    url: str
    token: str
    single: bool = True
    room: rtc.Room = field(default_factory=rtc.Room)
    captions: list[Caption] = field(default_factory=list)
    data: list[tuple[str, bytes, str]] = field(default_factory=list)  # topic, payload, sender
    events: list[tuple[str, str]] = field(default_factory=list)  # name, detail
    states: list[str] = field(default_factory=list)  # of the agent
    loud: list[tuple[float, float]] = field(default_factory=list)  # monotonic time, RMS of agent's blocks

    def __post_init__(self) -> None:
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._source: rtc.AudioSource | None = None
        self._microphone_sid = ""
        self._speech: NDArray[np.int16] = np.zeros(0, np.int16)
        self._spoken = asyncio.Event()
        for name, handler in self._handlers().items():
            self.room.on(name, handler)
        self.room.register_text_stream_handler("lk.transcription", self._take_stream)

    async def __aenter__(self) -> Self:
        await self.join()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.wait_for(self.room.disconnect(), WAIT_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- doing -----------------------------------------------------------------------------------

    async def join(self) -> None:
        """Join the room. Raises rtc.ConnectError when it is refused."""
        await keep_media_engine()
        options = rtc.RoomOptions() if self.single else rtc.RoomOptions(single_peer_connection=False)
        await asyncio.wait_for(self.room.connect(self.url, self.token, options), WAIT_S)

    async def say(self, text: str) -> None:
        """Send a typed text as MKA1 documents it."""
        payload = json.dumps({"type": "user_message", "content": text})
        await asyncio.wait_for(self.room.local_participant.publish_data(payload, topic="lk.chat"), WAIT_S)

    async def publish_microphone(self) -> None:
        """Publish a microphone that brings silence until `speak`."""
        self._source = rtc.AudioSource(RATE, 1, queue_size_ms=100)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        me = self.room.local_participant
        publication = await asyncio.wait_for(me.publish_track(track, options), WAIT_S)
        self._microphone_sid = publication.sid
        self._begin(self._feed(self._source))

    async def unpublish_microphone(self) -> None:
        """Take the microphone away; its feed runs on unheard."""
        await asyncio.wait_for(self.room.local_participant.unpublish_track(self._microphone_sid), WAIT_S)

    async def speak(self, samples: NDArray[np.int16]) -> None:
        """Say something (24 kHz) into the microphone; returns when the last sample was handed over."""
        self._spoken.clear()
        self._speech = samples
        await asyncio.wait_for(self._spoken.wait(), WAIT_S + len(samples) / RATE)

    # -- waiting ---------------------------------------------------------------------------------

    async def until(self, condition: Callable[[], Any], what: str = "the condition") -> None:
        """Wait until `condition` holds; looked at after every event."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            self._changed.clear()
            left = deadline - time.monotonic()
            assert left > 0, f"waited in vain for {what}: {self.events}, {self.captions[-3:]}"
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                continue

    async def until_event(self, name: str) -> str:
        """Wait for a room event and return its detail."""
        await self.until(lambda: self.details(name), name)
        return self.details(name)[-1]

    async def until_said(self, part: str, *, final: bool = True) -> Caption:
        """Wait for a caption of the agent that holds `part`."""
        found: list[Caption] = []

        def look() -> bool:
            found[:] = [c for c in self.agent_captions() if part in c.text and c.final >= final]
            return bool(found)

        await self.until(look, f"a caption with {part!r}")
        return found[0]

    async def until_response(self, count: int = 1) -> str:
        """Wait for the n-th response id."""
        await self.until(lambda: len(self.response_ids()) >= count, f"response {count}")
        return self.response_ids()[count - 1]

    # -- looking ---------------------------------------------------------------------------------

    @property
    def identity(self) -> str:
        return self.room.local_participant.identity

    def details(self, name: str) -> list[str]:
        return [detail for known, detail in self.events if known == name]

    def agent_captions(self, channel: str | None = None) -> list[Caption]:
        return [c for c in self.captions if c.speaker != self.identity and channel in (None, c.channel)]

    def own_captions(self, channel: str | None = None) -> list[Caption]:
        return [c for c in self.captions if c.speaker == self.identity and channel in (None, c.channel)]

    def json_packets(self) -> list[dict[str, Any]]:
        found = []
        for _, payload, _ in self.data:
            try:
                packet = json.loads(payload)
            except (ValueError, RecursionError):
                continue
            if isinstance(packet, dict):
                found.append(packet)
        return found

    def response_ids(self) -> list[str]:
        return [p["response_id"] for p in self.json_packets() if isinstance(p.get("response_id"), str)]

    def errors(self) -> list[Any]:
        return [p["error"] for p in self.json_packets() if "error" in p]

    def is_loud(self) -> bool:
        """True when the agent's newest 10 ms are no silence."""
        return bool(self.loud) and self.loud[-1][1] > LOUD

    def loud_since(self, at_s: float) -> Iterable[float]:
        """Return the times (monotonic) after `at_s` at which the agent was heard."""
        return [when for when, level in self.loud if when > at_s and level > LOUD]

    # -- recording -------------------------------------------------------------------------------

    def _handlers(self) -> dict[Any, Callable[..., None]]:
        return {
            "transcription_received": self._take_segments,
            "data_received": self._take_data,
            "participant_attributes_changed": self._take_attributes,
            "track_subscribed": self._take_track,
            "disconnected": lambda reason: self._note("disconnected", rtc.DisconnectReason.Name(reason)),
            "reconnecting": lambda: self._note("reconnecting"),
            "reconnected": lambda: self._note("reconnected"),
            "token_refreshed": lambda *_: self._note("token_refreshed"),
            "participant_connected": lambda p: self._note("participant_connected", p.identity),
            "participant_disconnected": lambda p: self._note("participant_disconnected", p.identity),
        }

    def _note(self, name: str, detail: str = "") -> None:
        self.events.append((name, detail))
        self._changed.set()

    def _take_segments(self, segments: list[Any], participant: Any, _: Any) -> None:
        for s in segments:
            who = participant.identity if participant is not None else ""
            self.captions.append(Caption("event", who, s.id, s.text, s.final))
        self._changed.set()

    def _take_stream(self, reader: rtc.TextStreamReader, who: str) -> None:
        self._begin(self._read_stream(reader, who))

    async def _read_stream(self, reader: rtc.TextStreamReader, who: str) -> None:
        try:
            text = await reader.read_all()
        except StreamError:  # the room ended before the stream did
            self._note("stream cut")
            return
        attributes = reader.info.attributes or {}
        final = attributes.get("lk.transcription_final") == "true"
        self.captions.append(Caption("stream", who, attributes.get("lk.segment_id", ""), text, final))
        self._changed.set()

    def _take_data(self, packet: rtc.DataPacket) -> None:
        who = packet.participant.identity if packet.participant is not None else ""
        self.data.append((packet.topic or "", packet.data, who))
        self._changed.set()

    def _take_attributes(self, changed: dict[str, str], _: rtc.Participant) -> None:
        if "lk.agent.state" in changed:
            self.states.append(changed["lk.agent.state"])
            self._changed.set()

    def _take_track(self, track: rtc.Track, _: rtc.RemoteTrackPublication, who: rtc.Participant) -> None:
        self._note("track", who.identity)
        self._begin(self._listen(track))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        try:
            async for event in stream:
                block = np.frombuffer(event.frame.data, np.int16).astype(np.float64)
                self.loud.append((time.monotonic(), float(np.sqrt(np.mean(np.square(block))))))
                self._changed.set()
        finally:
            await stream.aclose()

    async def _feed(self, source: rtc.AudioSource) -> None:
        while True:
            block = np.zeros(BLOCK, np.int16)
            if source is not self._source:
                return  # another microphone was published
            now, self._speech = self._speech[:BLOCK], self._speech[BLOCK:]
            block[: len(now)] = now
            await source.capture_frame(rtc.AudioFrame(block.tobytes(), RATE, 1, BLOCK))
            if not len(self._speech):
                self._spoken.set()

    def _begin(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
