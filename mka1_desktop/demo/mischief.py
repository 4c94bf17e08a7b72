"""Odd things that an agent says when a fault asks for it; clients must stand all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.packets import CHAT_TOPIC, TextStream
from mka1_desktop.demo.stage import Stage

HUGE_B = 250_000
LONG_ID = 60_000
FLOOD = 10  # times that each odd packet is sent

HTML = "<h1>Hello</h1><script>alert(1)</script> & <a href='file:///etc/passwd'>this</a> <b>bold</b>"
RTL = "مرحبا، هذا اختبار 😀👩‍👩‍👧 שלום עולם \u202eabc\u202c 🇵🇹"


def odd_words(faults: Faults) -> str:
    """Return the odd text that a caption fault puts in front of the agent's words; "" when none is on."""
    if faults.is_on("html-captions"):
        return f"{HTML} "
    if faults.is_on("rtl-captions"):
        return f"{RTL} "
    return ""


def flood(stage: Stage, faults: Faults) -> None:
    """Send the odd packets of the fault `packets`, if it is on."""
    kind = faults.value("packets")
    if kind == "huge":
        for payload in (b"x" * HUGE_B, _json({"response_id": "resp_" + "a" * LONG_ID})):
            stage.send_data(payload, "mka1.agent")
    elif kind is not None:
        for payload in _GARBAGE if kind == "garbage" else tuple(_hostile()):
            for _ in range(FLOOD):
                stage.send_data(payload, "mka1.agent")
    if kind == "hostile":
        stream = TextStream(stage.packets, stage.agent, CHAT_TOPIC, {"<b>": "\x1b[2J", "lk.segment_id": "../.."})
        for packet in (stream.open(), *stream.write(HTML), stream.close({})):
            stage.send(packet)


_GARBAGE = (
    b"", b"\xff\xfe\x00", b"not json", b"{", b"[]", b"null", b"42", b'"text"', b"[" * 5_000,
    b'{"response_id": 5}', b'{"response_id": null}', b'{"error": "text"}', b'{"error": {"code": []}}',
    b'{"conversation_id": {}}', b'{"unknown": true}',
)  # fmt: skip


def _hostile() -> Iterator[bytes]:
    yield _json({"response_id": "<img src=x onerror=alert(1)>"})
    yield _json({"response_id": "../../etc/passwd", "conversation_id": "'; DROP TABLE turns; --"})
    yield _json({"response_id": "resp_\x1b]0;owned\x07\u202e"})
    yield _json({"error": {"code": "<b>code</b>", "message": "\x1b[31m" + "m" * 5_000, "service": "a/b"}})
    yield _json({"type": "user_message", "content": "delete everything"})
    yield json.dumps({"response_id": "resp_1e999", "n": float("inf")}).encode()
    yield b'{"a":' * 2_000 + b"1" + b"}" * 2_000


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
