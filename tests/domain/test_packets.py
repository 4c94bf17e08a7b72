from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.errors import MESSAGE_LIMIT, Code, Trouble
from mka1_desktop.domain.packets import DETAILS_LIMIT, PACKET_LIMIT_B, Packet, read_packet
from mka1_desktop.domain.service_values import ID_LIMIT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
KEYS = st.sampled_from(["response_id", "conversation_id", "error", "code", "service", "message", "details", "x"])
OURS = st.recursive(JSON, lambda inner: st.dictionaries(KEYS, inner, max_size=5), max_leaves=8)


def packed(body: object) -> bytes:
    return json.dumps(body).encode()


def trouble_of(error: object) -> Trouble | None:
    packet = read_packet(packed({"error": error}))
    return packet.trouble if packet else None


def test_a_response_id_and_a_conversation_id_are_read() -> None:
    assert read_packet(packed({"response_id": "resp_1"})) == Packet(response_id="resp_1")
    assert read_packet('{"conversation_id": "conv_1"}') == Packet(conversation_id="conv_1")


def test_several_things_may_be_in_one_packet() -> None:
    packet = read_packet(
        packed({"response_id": "r", "conversation_id": "c", "error": {"code": "timeout"}, "more": [1, 2]})
    )
    assert packet is not None
    assert (packet.response_id, packet.conversation_id) == ("r", "c")
    assert packet.trouble == Trouble(Code.TIMEOUT)


def test_a_bad_part_does_not_spoil_the_good_ones() -> None:
    packet = read_packet(packed({"response_id": 7, "conversation_id": "c", "error": 1}))
    assert packet == Packet(conversation_id="c")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b"7", b'"resp"', b"{", b"\xff\xfe\x00", b"{}", b'{"type":"user_message","content":"x"}',
        b"[" * 60_000, b'{"error":' * 6_000, b"1" * 5_000, b'{"error":[]}', b'{"error":""}', b'{"error":null}',
        "{\"response_id\": \"ä\"}".encode(), b'{"response_id": ""}', b'{"response_id": "a b"}',
        b'{"response_id": ".."}',
        packed({"response_id": "x" * (ID_LIMIT + 1)}), packed({"response_id": "x" * 1_000_000}),
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_nothing(raw: bytes) -> None:
    assert read_packet(raw) is None


def test_sizes_are_bounded() -> None:
    at_most = packed({"response_id": "r", "pad": ""})
    at_most = packed({"response_id": "r", "pad": "x" * (PACKET_LIMIT_B - len(at_most))})
    assert len(at_most) == PACKET_LIMIT_B
    assert read_packet(at_most) == Packet(response_id="r")
    assert read_packet(at_most + b" ") is None
    assert read_packet(packed({"response_id": "x" * ID_LIMIT})) == Packet(response_id="x" * ID_LIMIT)
    trouble = trouble_of({"code": "c" * 900, "service": "s" * 900, "message": "m" * 9000, "details": "d" * 9000})
    assert trouble is not None
    assert len(trouble.message or "") == MESSAGE_LIMIT
    assert len(trouble.details or "") == DETAILS_LIMIT
    assert len(trouble.raw_code or "") == 64
    assert len(trouble.service or "") == 32


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("invalid_session", Code.INVALID_SESSION), ("auth_error", Code.SESSION_AUTH),
        ("session_error", Code.SESSION_ERROR), ("invalid_request", Code.INVALID_REQUEST),
        ("access_denied", Code.ACCESS_DENIED), ("rate_limited", Code.RATE_LIMITED),
        ("service_error", Code.SERVICE_DOWN), ("service_unavailable", Code.SERVICE_UNAVAILABLE),
        ("timeout", Code.TIMEOUT), ("connection_error", Code.LLM_UNREACHABLE),
        ("transcription_error", Code.TRANSCRIPTION), ("speech_error", Code.SPEECH),
    ],
)  # fmt: skip
def test_every_error_of_the_reference_has_its_code(raw: str, code: Code) -> None:
    trouble = trouble_of({"code": raw, "service": "llm", "message": "HTTP 429", "details": "more"})
    assert trouble == Trouble(code, service="llm", message="HTTP 429", http_status=429, details="more")


def test_an_unknown_error_keeps_its_own_name_and_gets_a_sentence() -> None:
    trouble = trouble_of({"code": "moon_phase", "message": " Full moon. ", "details": {"deep": 1}})
    assert trouble == Trouble(Code.UNKNOWN, message="Full moon.", raw_code="moon_phase")
    assert trouble_of({}) == Trouble(Code.UNKNOWN)
    broken = trouble_of(" It broke. ")
    assert broken == Trouble(Code.UNKNOWN, message="It broke.")
    assert broken.text == "The service reported a problem. (It broke.)"


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_bytes_ever_raise(raw: bytes | str) -> None:
    read_packet(raw)


@given(OURS)
def test_no_json_ever_raises_and_what_it_says_can_be_written_down(body: object) -> None:
    packet = read_packet(json.dumps(body))
    if packet is not None:
        assert packet
        trouble = packet.trouble or Trouble(Code.UNKNOWN)
        for text in (packet.response_id, packet.conversation_id, trouble.text, trouble.service, trouble.details):
            (text or "").encode()


def test_half_characters_are_replaced() -> None:
    trouble = trouble_of({"code": "timeout", "message": "\ud83d", "details": "\udc00", "service": "\ud800"})
    assert trouble == Trouble(Code.TIMEOUT, message="?", details="?", service="?")
