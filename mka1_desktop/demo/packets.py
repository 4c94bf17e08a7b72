"""Data packets that the service sends into a room, in LiveKit's protocol.

The SDK shows a packet's sender only when identity and session id of a known participant are in it, and
orders reliable packets by a sequence number for each sender.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from livekit.protocol import models

TRANSCRIPTION_TOPIC = "lk.transcription"
CHAT_TOPIC = "lk.chat"
STREAM_CHUNK_B = 15_000  # what LiveKit's own senders put into one chunk


@dataclass(frozen=True, slots=True)
class Sender:
    """A participant as data packets name it."""

    identity: str
    sid: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One caption segment of the legacy transcription packet; `text` is the whole text so far."""

    segment_id: str
    text: str
    final: bool
    language: str = "en"


class Packets:
    """Builds packets and numbers the reliable ones of each sender, from 1."""

    def __init__(self) -> None:
        self._sequence: Counter[str] = Counter()

    def user_data(self, sender: Sender, payload: bytes, topic: str) -> bytes:
        """Return a packet that the SDK reports as `data_received`."""
        packet = self._packet(sender)
        packet.user.payload = payload
        packet.user.topic = topic
        packet.user.participant_identity = sender.identity
        packet.user.participant_sid = sender.sid
        return packet.SerializeToString()

    def transcription(self, sender: Sender, *, speaker: str, track_sid: str, segments: Iterable[Segment]) -> bytes:
        """Return a packet that the SDK reports as `transcription_received`.

        Args:
            sender: who sends it: the agent, for both speakers.
            speaker: identity of the participant who spoke.
            track_sid: the speaker's audio track, TR_… even when there is none: SDK 1.2.1 aborts the whole
                process ("panicked at livekit/src/room/mod.rs:1927") on an id of another form.
            segments: whole texts; a later one with the same id replaces the earlier.
        """
        packet = self._packet(sender)
        packet.transcription.transcribed_participant_identity = speaker
        packet.transcription.track_id = track_sid
        for segment in segments:
            packet.transcription.segments.add(
                id=segment.segment_id, text=segment.text, final=segment.final, language=segment.language
            )
        return packet.SerializeToString()

    def stream_header(self, sender: Sender, stream_id: str, topic: str, attributes: Mapping[str, str]) -> bytes:
        """Return the packet that opens a text stream."""
        packet = self._packet(sender)
        header = packet.stream_header
        header.stream_id = stream_id
        header.timestamp = int(time.time() * 1000)
        header.topic = topic
        header.mime_type = "text/plain"
        header.attributes.update(attributes)
        header.text_header.operation_type = models.DataStream.CREATE
        return packet.SerializeToString()

    def stream_chunk(self, sender: Sender, stream_id: str, index: int, content: bytes) -> bytes:
        """Return one piece of a text stream; `index` counts from 0."""
        packet = self._packet(sender)
        packet.stream_chunk.stream_id = stream_id
        packet.stream_chunk.chunk_index = index
        packet.stream_chunk.content = content
        return packet.SerializeToString()

    def stream_trailer(self, sender: Sender, stream_id: str, attributes: Mapping[str, str]) -> bytes:
        """Return the packet that ends a text stream; its attributes join those of the header."""
        packet = self._packet(sender)
        packet.stream_trailer.stream_id = stream_id
        packet.stream_trailer.attributes.update(attributes)
        return packet.SerializeToString()

    def _packet(self, sender: Sender) -> models.DataPacket:
        self._sequence[sender.sid] += 1
        return models.DataPacket(
            kind=models.DataPacket.RELIABLE,
            participant_identity=sender.identity,
            participant_sid=sender.sid,
            sequence=self._sequence[sender.sid],
        )


class TextStream:
    """The packets of one text stream, in order: open, any number of writes, close."""

    def __init__(self, packets: Packets, sender: Sender, topic: str, attributes: Mapping[str, str]) -> None:
        self._packets = packets
        self._sender = sender
        self._topic = topic
        self._attributes = attributes
        self._id = f"stream_{uuid.uuid4().hex}"
        self._chunks = 0

    def open(self) -> bytes:
        return self._packets.stream_header(self._sender, self._id, self._topic, self._attributes)

    def write(self, text: str) -> list[bytes]:
        """Return the packets that carry `text`, cut where the bytes of a character end."""
        content = text.encode()
        found = []
        while content:
            cut = _character_boundary(content, STREAM_CHUNK_B)
            found.append(self._packets.stream_chunk(self._sender, self._id, self._chunks, content[:cut]))
            self._chunks += 1
            content = content[cut:]
        return found

    def close(self, attributes: Mapping[str, str]) -> bytes:
        return self._packets.stream_trailer(self._sender, self._id, attributes)


def _character_boundary(content: bytes, limit_b: int) -> int:
    """Return the largest cut of at most `limit_b` bytes that splits no UTF-8 character."""
    cut = min(len(content), limit_b)
    while cut < len(content) and content[cut] & 0xC0 == 0x80:
        cut -= 1
    return cut
