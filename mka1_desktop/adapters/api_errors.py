"""A failing HTTP answer -> AppError. All ten body shapes of the API reference (8.1); a raw body is never kept."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from mka1_desktop.domain.errors import MESSAGE_LIMIT, AppError, Code

CODE_LIMIT = 64  # characters of a service's own code
LONGEST_WAIT_S = 3_600.0  # of a Retry-After that is believed
_QUOTA = re.compile(r"quota|budget|insufficient[ _]funds", re.IGNORECASE)
_CONTINUATION = re.compile(r"previous[ _]response|conversation", re.IGNORECASE)
_MODEL = re.compile(r"\bmodel", re.IGNORECASE)
_OTHER_FIELD = re.compile(
    r"\bmodel|language|instruction|\btool|reasoning|temperature|top_p|penalty|max_|metadata|\bstt\b|silence|prompt"
    r"|truncation|verbosity|\btext\.format|service_tier|context_management|too (large|long)",
    re.IGNORECASE,
)
_EVENT_DATA = re.compile(r"^data:(.*)$", re.MULTILINE)

_BY_STATUS: Mapping[int, Code] = {
    401: Code.KEY_REJECTED,
    402: Code.QUOTA,
    403: Code.NOT_ALLOWED,
    404: Code.NOT_FOUND,
    405: Code.NOT_FOUND,
    407: Code.PROXY,
    408: Code.TIMED_OUT,
    410: Code.NOT_FOUND,
    413: Code.TOO_LARGE,
    429: Code.RATE_LIMITED,
    431: Code.TOO_LARGE,
    501: Code.NOT_AVAILABLE,  # asking again changes nothing
    504: Code.TIMED_OUT,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a failing answer said in words; every part may be missing."""

    message: str | None = None
    code: str | None = None
    param: str | None = None
    details: str | None = None

    def mentions(self, pattern: re.Pattern[str]) -> bool:
        return any(part is not None and pattern.search(part) for part in (self.message, self.code, self.param))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failing answer, understood: the error to raise, and which field it names."""

    error: AppError
    param: str | None = None
    vague: bool = False  # it names nothing; that it is about the continuation is our guess


def refusal(
    status: int,
    headers: Mapping[str, str],
    raw: bytes,
    *,
    continues: bool = False,
    now: float,
    clean: Callable[[str], str] = str,
) -> Refusal:
    """Explain an answer that is no success.

    Args:
        status: HTTP status, anything but 200 to 299.
        headers: names in lower case.
        raw: the body, cut or whole.
        continues: whether the request named an earlier response or a conversation.
        now: Unix seconds, for a Retry-After that is a date and an answer that has none of its own.
        clean: masks secrets, in case the service repeats the key.
    """
    said = extract(raw, clean)
    if 300 <= status < 400:
        message = "The service answered with a redirect, which is not followed."
        return Refusal(AppError(Code.BAD_ANSWER, message=message, http_status=status))
    error = AppError(
        code_of(status, said, continues=continues),
        message=said.message,
        http_status=status,
        retry_after_s=retry_after_s(headers, now=now),
        details=said.details,
        raw_code=said.code,
    )
    vague = error.code is Code.CONTINUATION_REFUSED and not said.mentions(_CONTINUATION)
    return Refusal(error, said.param, vague)


def code_of(status: int, said: Said, *, continues: bool) -> Code:
    """Return our code for a status and the words with it."""
    if continues and _is_about_continuation(status, said):
        return Code.CONTINUATION_REFUSED
    if status in (402, 403, 429) and said.mentions(_QUOTA):
        return Code.QUOTA
    if status == 403 and "inbound_ip_denied" in (said.code, said.message):
        return Code.ADDRESS_DENIED
    if status == 404 and said.mentions(_MODEL):
        return Code.BAD_REQUEST  # the address is right, the model in the request is not
    if (code := _BY_STATUS.get(status)) is not None:
        return code
    if status >= 500:
        return Code.SERVICE_DOWN
    return Code.BAD_REQUEST if status >= 400 else Code.BAD_ANSWER


def _is_about_continuation(status: int, said: Said) -> bool:
    """Whether a request that names what it goes on from was refused for that.

    No body is documented (open questions 3 and 43), so 400 and 404 mean that unless they blame something else: trying
    the answer before, or a fresh start, then shows what it was.
    """
    if said.mentions(_CONTINUATION):
        return status in (400, 403, 404, 409, 410, 422)
    if status == 400:
        return said.param is None and not said.mentions(_OTHER_FIELD)
    return status in (404, 410) and not said.mentions(_MODEL)


def extract(raw: bytes, clean: Callable[[str], str] = str) -> Said:
    """Find message, code and field in a body of any of the ten shapes; nothing for HTML, and never an exception.

    Secrets are masked before anything is cut, so that no half of one is left over.
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        found = _from_text(raw.decode("utf-8", "replace"))
    else:
        found = _from_json(body)

    def shown(part: str | None, limit: int) -> str | None:
        return None if part is None else _line(clean(part), limit)

    return Said(
        message=shown(found.message, MESSAGE_LIMIT),
        code=shown(found.code, CODE_LIMIT),
        param=shown(found.param, CODE_LIMIT),
        details=shown(found.details, MESSAGE_LIMIT),
    )


def _from_text(text: str) -> Said:
    """Shapes (h), a server-sent event, and (j), plain text; markup, cut JSON and binary say nothing to a person."""
    if (event := _EVENT_DATA.search(text)) is not None:
        try:
            return _from_json(json.loads(event[1]))
        except (ValueError, RecursionError):
            return Said()
    return Said() if any(sign in text for sign in "<{[\x00\ufffd") else Said(message=_words(text))


def _from_json(body: object) -> Said:
    """Shapes (a) to (i): `error` text, `error.message`, `message`, `detail`, `title`, in this order."""
    if isinstance(body, str):
        return Said(message=_words(body))
    if not isinstance(body, dict):
        return Said()
    inner = body.get("error")
    error: Mapping[str, object] = inner if isinstance(inner, dict) else {}
    spoken = (inner, error.get("message"), body.get("message"), _detail(body.get("detail")), body.get("title"))
    named = (error.get("code"), body.get("code"), error.get("type"), body.get("type"))
    placed = (error.get("param"), body.get("param"), _place(body.get("detail")))
    return Said(message=_first(spoken), code=_first(named), param=_first(placed), details=_words(error.get("details")))


def _first_entry(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _detail(value: object) -> object:
    """Shape (d): a text, or a list whose first entry has `msg`."""
    first = _first_entry(value)
    return first.get("msg") if isinstance(first, dict) else first


def _place(value: object) -> str | None:
    """Shape (d) again: `loc`, the way to the field."""
    first = _first_entry(value)
    steps = first.get("loc") if isinstance(first, dict) else None
    return ".".join(str(step) for step in steps[:8] if isinstance(step, str | int)) if isinstance(steps, list) else None


def _first(values: Iterable[object]) -> str | None:
    return next((words for value in values if (words := _words(value)) is not None), None)


def _words(value: object) -> str | None:
    """Return a text that says something and is no markup; codes may be numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return str(value)
    return value if isinstance(value, str) and value.strip() and value.lstrip()[0] != "<" else None


def _line(text: str, limit: int) -> str | None:
    """Return one line of at most `limit` characters, with what cannot be printed escaped; None for nothing."""
    line = " ".join(text[: limit * 4].split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
    return (shown if len(shown) <= limit else shown[: limit - 1] + "…") or None


def retry_after_s(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return how long the service wants us to wait: `retry-after-ms`, seconds, or a date (8.2); None for no wish.

    A date is compared with the answer's own Date where there is one, so a wrong clock here does no harm.
    """
    if (wait := _seconds(headers.get("retry-after-ms"))) is not None:
        return min(wait / 1000, LONGEST_WAIT_S)
    wish = headers.get("retry-after")
    if (wait := _seconds(wish)) is not None:
        return min(wait, LONGEST_WAIT_S)
    until = _moment(wish)
    if until is None:
        return None
    sent = _moment(headers.get("date"))
    return min(max(until - (now if sent is None else sent), 0.0), LONGEST_WAIT_S)


def _seconds(text: str | None) -> float | None:
    try:
        value = float((text or "").strip()[:30])
    except ValueError:
        return None
    return max(value, 0.0) if math.isfinite(value) else None


def _moment(text: str | None) -> float | None:
    try:
        moment = parsedate_to_datetime((text or "")[:60])
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):  # what it raises on garbage differs by version
        return None
