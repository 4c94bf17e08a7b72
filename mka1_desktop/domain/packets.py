"""Bytes of a data packet or of a text stream -> facts. Never raises: the room may hold anything."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mka1_desktop.domain.errors import MESSAGE_LIMIT, Code, Trouble
from mka1_desktop.domain.service_values import read_id, sound

PACKET_LIMIT_B = 64_000  # LiveKit's own limit for a reliable packet; larger ones are counted and ignored
DETAILS_LIMIT = 2000

# In-room names (API reference 3.1) that are spelled differently here.
_ROOM_CODES = {
    "invalid_session": Code.INVALID_SESSION,
    "auth_error": Code.SESSION_AUTH,
    "session_error": Code.SESSION_ERROR,
    "invalid_request": Code.INVALID_REQUEST,
    "access_denied": Code.ACCESS_DENIED,
    "rate_limited": Code.RATE_LIMITED,
    "service_error": Code.SERVICE_DOWN,
    "service_unavailable": Code.SERVICE_UNAVAILABLE,
    "timeout": Code.TIMEOUT,
    "connection_error": Code.LLM_UNREACHABLE,
    "transcription_error": Code.TRANSCRIPTION,
    "speech_error": Code.SPEECH,
}


@dataclass(frozen=True, slots=True)
class Packet:
    """What one packet said; several things may be in one."""

    response_id: str | None = None
    conversation_id: str | None = None
    trouble: Trouble | None = None

    def __bool__(self) -> bool:
        return self.response_id is not None or self.conversation_id is not None or self.trouble is not None


def read_packet(raw: bytes | str) -> Packet | None:
    """Read one packet of any topic; None when it is none of ours (garbage, too large, other JSON)."""
    if len(raw) > PACKET_LIMIT_B:
        return None
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    packet = Packet(
        response_id=read_id(body.get("response_id")),
        conversation_id=read_id(body.get("conversation_id")),
        trouble=_trouble(body.get("error")),
    )
    return packet if packet else None


def _short(value: object, limit: int = MESSAGE_LIMIT) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return sound(value.strip()[:limit])


def _trouble(value: object) -> Trouble | None:
    if isinstance(value, str) and value.strip():  # shape (a) of the reference, should it ever come in a room
        return Trouble(Code.UNKNOWN, message=_short(value))
    if not isinstance(value, dict):
        return None
    raw_code = _short(value.get("code"), 64)
    code = _ROOM_CODES.get(raw_code or "", Code.UNKNOWN)
    return Trouble(
        code,
        service=_short(value.get("service"), 32),
        message=_short(value.get("message")),
        http_status=_status(value),
        details=_short(value.get("details"), DETAILS_LIMIT),
        raw_code=raw_code if code is Code.UNKNOWN else None,
    )


def _status(error: dict[str, object]) -> int | None:
    """The message of a model failure is often just `HTTP 429` (API reference 3)."""
    message = error.get("message")
    found = re.search(r"\bHTTP (\d{3})\b", message) if isinstance(message, str) else None
    return int(found[1]) if found else None
