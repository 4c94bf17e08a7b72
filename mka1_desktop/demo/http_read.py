"""Reading of requests: who asks, the JSON body, the query. Everything is bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from mka1_desktop.demo.data import Owner
from mka1_desktop.demo.http_errors import ApiError, invalid, too_large, unauthorized
from mka1_desktop.demo.settings import DemoSettings

MAX_BODY_B = 512_000
MAX_ON_BEHALF = 150  # characters, mka1-api.md 1
BODY_TIME_S = 10.0
MAX_PAIRS, MAX_KEY, MAX_VALUE = 16, 64, 512  # metadata, mka1-api.md 4.3


def owner_of(request: web.Request, settings: DemoSettings) -> Owner:
    """Return who asks; raises ApiError 401 for a missing or wrong key, 400 for an odd end user."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not settings.accepts(key.strip()):
        raise unauthorized()
    return Owner(key=key.strip(), on_behalf_of=_on_behalf_of(request.headers.get("X-On-Behalf-Of")))


def _on_behalf_of(value: str | None) -> str | None:
    if value is None:
        return None
    printable = value.isascii() and value.isprintable() and value.strip() != ""
    if not printable or "*" in value or len(value) > MAX_ON_BEHALF:
        raise invalid(
            f"X-On-Behalf-Of takes 1 to {MAX_ON_BEHALF} printable ASCII characters and no *.",
            param="X-On-Behalf-Of",
        )
    return value.strip()


async def read_object(request: web.Request, *, limit_b: int = MAX_BODY_B) -> dict[str, object]:
    """Return the body as a JSON object, {} for an empty body; raises ApiError 400, 408, 413 or 415."""
    raw = await _read_bounded(request, limit_b)
    if not raw.strip():
        return {}
    if request.content_type != "application/json":
        raise invalid("The body must be application/json.", code="unsupported_media_type", status=415)
    try:
        value = json.loads(raw, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise invalid("The body is not valid JSON.", code="invalid_json") from None
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object.", code="invalid_json")
    return value


async def _read_bounded(request: web.Request, limit_b: int) -> bytes:
    parts, size = [], 0
    if (request.content_length or 0) > limit_b:
        raise _body_too_large(limit_b)
    try:
        async with asyncio.timeout(BODY_TIME_S):
            async for part in request.content.iter_chunked(65_536):
                size += len(part)
                if size > limit_b:
                    raise _body_too_large(limit_b)
                parts.append(part)
    except TimeoutError:
        raise invalid("The body did not arrive in time.", code="timeout", status=408) from None
    return b"".join(parts)


def _body_too_large(limit_b: int) -> ApiError:
    return too_large(f"The body may have at most {limit_b} bytes.")


def _no_constant(name: str) -> object:
    raise ValueError(name)


def read_metadata(value: object, *, reserved: int = 0) -> dict[str, str] | None:
    """Check the limits of a metadata map; None stays None. Raises ApiError 400.

    Args:
        value: as it came.
        reserved: pairs that must stay free, for marks that the agent adds itself.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise invalid("metadata must be an object of strings.", param="metadata")
    if len(value) > MAX_PAIRS - reserved:
        raise invalid(f"metadata takes at most {MAX_PAIRS - reserved} pairs here.", param="metadata")
    for key, text in value.items():
        if not isinstance(text, str) or len(key) > MAX_KEY or len(text) > MAX_VALUE:
            raise invalid(
                f"metadata takes keys of up to {MAX_KEY} and string values of up to {MAX_VALUE} characters.",
                param="metadata",
            )
    return dict(value)


def query_int(request: web.Request, name: str, *, default: int, low: int, high: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and low <= int(text) <= high):
        raise invalid(f"{name} must be a whole number from {low} to {high}.", param=name)
    return int(text)


def query_order(request: web.Request, *, default: str) -> str:
    order = request.query.get("order", default)
    if order not in ("asc", "desc"):
        raise invalid("order must be asc or desc.", param="order")
    return order
