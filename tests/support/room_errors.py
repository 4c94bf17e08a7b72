"""The table of the API reference (3.1): what a room's error leads to."""

from __future__ import annotations

import json

from mka1_desktop.domain.errors import Action, Policy, Trouble
from mka1_desktop.domain.packets import read_packet

# What the reference advises: stay; a new token once; later and later; stop and ask for the key.
ROWS: dict[tuple[str, str | None], tuple[Action, Policy]] = {
    ("invalid_session", None): (Action.RETRY, Policy.RENEW_ONCE),
    ("auth_error", None): (Action.RETRY, Policy.RENEW_ONCE),
    ("session_error", None): (Action.RETRY, Policy.BACK_OFF),
    ("invalid_request", "llm"): (Action.START_FRESH, Policy.STAY),
    ("auth_error", "llm"): (Action.EDIT_KEY, Policy.STOP),
    ("access_denied", "llm"): (Action.EDIT_KEY, Policy.STOP),
    ("rate_limited", "llm"): (Action.REPEAT, Policy.STAY),
    ("service_error", "llm"): (Action.REPEAT, Policy.STAY),
    ("service_unavailable", "llm"): (Action.REPEAT, Policy.STAY),
    ("timeout", "llm"): (Action.REPEAT, Policy.STAY),
    ("connection_error", "llm"): (Action.REPEAT, Policy.STAY),
    ("transcription_error", "stt"): (Action.REPEAT, Policy.STAY),
    ("speech_error", "tts"): (Action.NONE, Policy.STAY),
}


def trouble_of(code: str, service: str | None, *, message: str = "HTTP 500", details: str = "window 60s") -> Trouble:
    """As it comes out of a packet of the room."""
    error = {"code": code, "message": message, "details": details} | ({"service": service} if service else {})
    packet = read_packet(json.dumps({"error": error}))
    assert packet is not None
    assert packet.trouble is not None
    return packet.trouble
