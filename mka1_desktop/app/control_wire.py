"""The control protocol: one JSON object a line, both ways."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mka1_desktop.domain.errors import AppError, Code, Trouble

VERSION = 1
MESSAGE_LIMIT_B = 64 * 1024
CONNECTIONS = 16
MESSAGES_A_SECOND = 50
MESSAGE_LIMIT_S = 5.0


def read_request(line: bytes) -> tuple[str, dict[str, object]]:
    """Return verb and fields. Raises AppError(BAD_MESSAGE) for anything else than one JSON object with a verb."""
    if len(line) > MESSAGE_LIMIT_B:
        raise AppError(Code.BAD_MESSAGE, message="The message is longer than 64 KiB.")
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        raise AppError(Code.BAD_MESSAGE, message="The message is not JSON.") from None
    if not isinstance(body, dict) or not isinstance(body.get("verb"), str):
        raise AppError(Code.BAD_MESSAGE, message="The message has no verb.")
    if body.get("version", VERSION) != VERSION:
        raise AppError(Code.BAD_MESSAGE, message="The message has another version.")
    fields = {str(k): v for k, v in body.items() if k not in ("verb", "version")}
    return body["verb"], fields


def request(verb: str, fields: Mapping[str, object]) -> bytes:
    return _line({"version": VERSION, "verb": verb, **fields})


def success(fields: Mapping[str, object]) -> bytes:
    return _line({"version": VERSION, "ok": True, **fields})


def failure(trouble: Trouble) -> bytes:
    """Return an answer that says what went wrong; `error` has code, message and action."""
    error = {
        "code": trouble.raw_code or trouble.code.value,
        "message": trouble.text,
        "action": trouble.advice.action.value,
    }
    return _line({"version": VERSION, "ok": False, "error": error})


def _line(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
