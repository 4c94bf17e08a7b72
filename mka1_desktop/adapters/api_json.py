"""JSON of the HTTP API <-> domain values; the only reader of its wire names. Tolerant of all that is not needed.

Everything here takes what a stranger may have sent: unknown fields are ignored, missing ones are None, and the only
exception is AppError(BAD_ANSWER | INSECURE_URL).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterable, Mapping

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.grant import DEFAULT_LIFETIME_S, Model, RoomGrant
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.domain.urls import room_url

TOKEN_LIMIT, ROOM_LIMIT, ID_LIMIT, NAME_LIMIT = 64_000, 200, 200, 200  # characters
MODEL_LIMIT = 2_000  # rows of the models list that are kept
LONGEST_LIFETIME_S = 86_400.0


def read_json(raw: bytes) -> object:
    """Parse one body; raises AppError(BAD_ANSWER), also for nesting and numbers beyond reason."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        pass
    raise AppError(Code.BAD_ANSWER)  # out here, because the parser's exception holds the whole body


def read_object(raw: bytes) -> Mapping[str, object]:
    """Parse one body that must be an object; raises AppError(BAD_ANSWER)."""
    body = read_json(raw)
    if not isinstance(body, dict):
        raise AppError(Code.BAD_ANSWER)
    return body


def write_json(body: Mapping[str, object]) -> bytes:
    """Write compact UTF-8 JSON, the form whose size was checked."""
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def grant_body(request: SessionRequest, *, with_language: bool) -> Mapping[str, object]:
    """Return the body of a token request (API reference 2.1)."""
    body: dict[str, object] = {"llm": dict(request.llm)}
    if request.stt:
        body["stt"] = dict(request.stt)
    if with_language and request.language is not None:
        body["language"] = request.language
    return body


def read_grant(raw: bytes) -> RoomGrant:
    """Read the answer to a token request (2.6); `roomName` and `room_name` are both known, and optional."""
    body = read_object(raw)
    token = body.get("token")
    if not isinstance(token, str) or not 0 < len(token) <= TOKEN_LIMIT or not all("!" <= c <= "~" for c in token):
        raise AppError(Code.BAD_ANSWER, message="The answer holds no room token. Check the base URL.")
    room = _text(body.get("roomName"), ROOM_LIMIT) or _text(body.get("room_name"), ROOM_LIMIT)
    return RoomGrant(url=room_url(body.get("url")), token=token, room=room, lifetime_s=token_lifetime_s(token))


def token_lifetime_s(token: str) -> float:
    """Return `exp - nbf` of a JSON web token, in seconds; 300 when unreadable. The signature is not looked at."""
    parts = token.split(".")
    if len(parts) != 3:
        return DEFAULT_LIFETIME_S
    try:
        claims = json.loads(base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error):
        return DEFAULT_LIFETIME_S
    if not isinstance(claims, dict):
        return DEFAULT_LIFETIME_S
    expires, begins = _number(claims.get("exp")), _number(claims.get("nbf"))
    if expires is None or begins is None or not 0 < expires - begins <= LONGEST_LIFETIME_S:
        return DEFAULT_LIFETIME_S
    return expires - begins


def read_models(raw: bytes) -> tuple[Model, ...]:
    """Read the models list (6); rows without an id are left out, and so is a row that comes again."""
    rows = read_object(raw).get("data")
    if not isinstance(rows, list):
        raise AppError(Code.BAD_ANSWER)
    return tuple({model.id: model for model in _models(rows[:MODEL_LIMIT])}.values())


def _models(rows: Iterable[object]) -> Iterable[Model]:
    for row in rows:
        if isinstance(row, dict) and (model_id := _text(row.get("id"), ID_LIMIT)) is not None:
            yield _model(model_id, row)


def _model(model_id: str, row: Mapping[str, object]) -> Model:
    can, life = row.get("capabilities"), row.get("lifecycle")
    abilities: Mapping[str, object] = can if isinstance(can, dict) else {}
    status = life.get("status") if isinstance(life, dict) else life
    return Model(
        id=model_id,
        model_type=_text(row.get("model_type"), NAME_LIMIT),
        name=_text(row.get("name"), NAME_LIMIT),
        input_modalities=_words(row.get("input_modalities")),
        output_modalities=_words(row.get("output_modalities")),
        supports_reasoning=_flag(abilities.get("supports_reasoning")),
        supports_reasoning_effort=_flag(abilities.get("supports_reasoning_effort")),
        supports_temperature=_flag(abilities.get("supports_temperature")),
        lifecycle=_text(status, NAME_LIMIT),
        context_window=_whole(row.get("context_window")),
    )


def _text(value: object, limit: int) -> str | None:
    """Return one short printable line, else None."""
    if isinstance(value, str) and 0 < len(value) <= limit and value.isprintable() and value.strip():
        return value
    return None


def _words(value: object) -> tuple[str, ...]:
    rows = value[:20] if isinstance(value, list) else []
    return tuple(word for row in rows if (word := _text(row, NAME_LIMIT)) is not None)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return float(value) if abs(value) < 1e15 else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number > 0 else None
