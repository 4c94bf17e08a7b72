"""Data packets and text streams of the demo service."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models

from mka1_desktop.demo.packets import STREAM_CHUNK_B, Packets, Segment, Sender, TextStream

AGENT, USER = Sender("agent", "PA_1"), Sender("user", "PA_2")


def _read(raw: bytes) -> models.DataPacket:
    return models.DataPacket.FromString(raw)


def test_packets_are_numbered_for_each_sender() -> None:
    packets = Packets()
    sent = [packets.user_data(who, b"x", "t") for who in (AGENT, AGENT, USER, AGENT)]
    assert [_read(raw).sequence for raw in sent] == [1, 2, 1, 3]
    assert _read(sent[0]).participant_identity == "agent"
    assert _read(sent[0]).participant_sid == "PA_1"


def test_a_transcription_names_who_spoke() -> None:
    raw = Packets().transcription(
        AGENT, speaker="user", track_sid="TR_1", segments=[Segment("SG_1", "one", False), Segment("SG_2", "two", True)]
    )
    said = _read(raw).transcription
    assert (said.transcribed_participant_identity, said.track_id) == ("user", "TR_1")
    assert [(s.id, s.text, s.final) for s in said.segments] == [("SG_1", "one", False), ("SG_2", "two", True)]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(0, 300))
def test_a_stream_carries_any_text_in_whole_characters(text: str, times: int) -> None:
    text *= times
    stream = TextStream(Packets(), AGENT, "topic", {"a": "b"})
    header = _read(stream.open()).stream_header
    chunks = [_read(raw).stream_chunk for raw in stream.write(text)]
    trailer = _read(stream.close({"final": "true"})).stream_trailer
    assert (header.topic, dict(header.attributes)) == ("topic", {"a": "b"})
    assert [c.chunk_index for c in chunks] == list(range(len(chunks)))
    assert all(0 < len(c.content) <= STREAM_CHUNK_B for c in chunks)
    assert "".join(c.content.decode() for c in chunks) == text
    assert {c.stream_id for c in chunks} <= {header.stream_id}
    assert (trailer.stream_id, dict(trailer.attributes)) == (header.stream_id, {"final": "true"})
