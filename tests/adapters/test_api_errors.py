"""Failing answers of every known body shape become codes, short sentences and waits, whatever the bytes are."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.api_errors import Said, extract, refusal, retry_after_s
from mka1_desktop.domain.errors import MESSAGE_LIMIT, Code, Trouble
from mka1_desktop.domain.redact import Redactor

NOW = 1_790_000_000.0


def trouble(status: int, body: object = b"", *, continues: bool = False, **headers: str) -> Trouble:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal(status, named, raw, continues=continues, now=NOW).error.trouble


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param({"error": "Rate limit exceeded"}, Said("Rate limit exceeded"), id="a"),
        pytest.param({"error": {"message": "m", "details": "d"}}, Said("m", details="d"), id="b"),
        pytest.param({"error": {"message": "m", "details": {"x": 1}}}, Said("m"), id="b, details that are no text"),
        pytest.param({"message": "no", "code": "invalid_api_key"}, Said("no", "invalid_api_key"), id="c"),
        pytest.param(
            {"detail": [{"loc": ["body", "llm", 0], "msg": "Field required", "type": "missing"}]},
            Said("Field required", param="body.llm.0"),
            id="d",
        ),
        pytest.param({"detail": "Not here"}, Said("Not here"), id="d, a text"),
        pytest.param(
            {"error": {"message": "m", "type": "invalid_request_error", "param": "llm.model", "code": "c"}},
            Said("m", "c", "llm.model"),
            id="e",
        ),
        pytest.param(
            {"error": {"message": "m", "type": "invalid_request_error", "param": None, "code": None}},
            Said("m", "invalid_request_error"),
            id="e, without a code",
        ),
        pytest.param({"code": "BAD_REQUEST", "message": "m"}, Said("m", "BAD_REQUEST"), id="f"),
        pytest.param(
            {"id": "resp_1", "status": "failed", "error": {"code": "server_error", "message": "m"}},
            Said("m", "server_error"),
            id="g",
        ),
        pytest.param(
            {"type": "error", "code": "c", "message": "m", "param": "p", "sequence_number": 3},
            Said("m", "c", "p"),
            id="h",
        ),
        pytest.param(
            b'event: error\ndata: {"type":"error","code":"c","message":"m","sequence_number":3}\n\n',
            Said("m", "c"),
            id="h, as an event",
        ),
        pytest.param(
            {"error": {"code": "rate_limited", "message": "HTTP 429", "service": "llm", "details": "window 60s"}},
            Said("HTTP 429", "rate_limited", details="window 60s"),
            id="i",
        ),
        pytest.param(b"", Said(), id="j, empty"),
        pytest.param(b"<html><body><h1>502 Bad Gateway</h1></body></html>", Said(), id="j, HTML"),
        pytest.param(b"  upstream\n timed out ", Said("upstream timed out"), id="j, plain text"),
        pytest.param({"title": "Conflict"}, Said("Conflict"), id="title"),
        pytest.param({"message": "<!DOCTYPE html><p>no"}, Said(), id="HTML in JSON"),
        pytest.param({"message": "no", "code": 404}, Said("no", "404"), id="a number as code"),
        pytest.param(b'{"error": {"mess', Said(), id="cut JSON"),
        pytest.param(b"\x00\xff\xfe", Said(), id="binary"),
        pytest.param(b"data: {", Said(), id="a broken event"),
        pytest.param(b"[1, 2]", Said(), id="a list"),
        pytest.param(b'"just text"', Said("just text"), id="a text in JSON"),
        pytest.param(b"[" * 100_000, Said(), id="nested beyond reason"),
    ],
)
def test_what_a_body_says(body: object, said: Said) -> None:
    assert extract(body if isinstance(body, bytes) else json.dumps(body).encode()) == said


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {}, Code.BAD_REQUEST),
        (401, {"message": "no", "code": "invalid_api_key"}, Code.KEY_REJECTED),
        (402, {}, Code.QUOTA),
        (403, {}, Code.NOT_ALLOWED),
        (403, {"message": "inbound_ip_denied", "code": "inbound_ip_denied"}, Code.ADDRESS_DENIED),
        (403, {"error": "Monthly budget spent"}, Code.QUOTA),
        (404, {"message": "no Route matched with those values"}, Code.NOT_FOUND),
        (404, {"error": {"message": "The model x does not exist", "code": "model_not_found"}}, Code.BAD_REQUEST),
        (405, {}, Code.NOT_FOUND),
        (407, {}, Code.PROXY),
        (408, {}, Code.TIMED_OUT),
        (409, {}, Code.BAD_REQUEST),
        (413, b"<html>", Code.TOO_LARGE),
        (422, {}, Code.BAD_REQUEST),
        (429, {"error": "Rate limit exceeded"}, Code.RATE_LIMITED),
        (429, {"error": {"message": "m", "code": "insufficient_quota"}}, Code.QUOTA),
        (431, b"", Code.TOO_LARGE),
        (500, {}, Code.SERVICE_DOWN),
        (502, b"<html>", Code.SERVICE_DOWN),
        (501, {}, Code.NOT_AVAILABLE),
        (503, b"", Code.SERVICE_DOWN),
        (504, b"", Code.TIMED_OUT),
        (599, b"", Code.SERVICE_DOWN),
        (302, b"", Code.BAD_ANSWER),
        (101, b"", Code.BAD_ANSWER),
    ],
)
def test_what_a_status_means(status: int, body: object, code: Code) -> None:
    found = trouble(status, body)
    assert found.code is code
    assert found.http_status == status


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "Previous response with id 'resp_1' not found."}}),
        (400, {"error": {"message": "gone", "param": "llm.previous_response_id"}}),
        (404, {"error": {"message": "gone", "code": "conversation_not_found"}}),
        (403, {"error": {"message": "No access to this conversation"}}),
    ],
)
def test_a_refused_continuation_is_told_from_other_refusals(status: int, body: object) -> None:
    assert trouble(status, body, continues=True).code is Code.CONTINUATION_REFUSED
    assert trouble(status, body).code is not Code.CONTINUATION_REFUSED


ANY_SHAPE = [
    {"error": "Bad request"},
    {"error": {"message": "Not found", "details": "d"}},
    {"message": "not here", "code": "not_found"},
    {"detail": "Not Found"},
    {"error": {"message": "m", "type": "invalid_request_error", "param": None, "code": None}},
    {"code": "BAD_REQUEST", "message": "m"},
    {"error": {"code": "invalid_request", "message": "HTTP 400", "service": "llm", "details": "d"}},
    {},
    b"",
    b"<html><h1>404 Not Found</h1></html>",
    b"not here",
]


@pytest.mark.parametrize("body", ANY_SHAPE)
@pytest.mark.parametrize(("status", "without"), [(400, Code.BAD_REQUEST), (404, Code.NOT_FOUND)])
def test_a_refusal_that_blames_nothing_else_is_one_of_the_continuation(
    status: int, without: Code, body: object
) -> None:
    assert trouble(status, body, continues=True).code is Code.CONTINUATION_REFUSED
    assert trouble(status, body).code is without


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": {"message": "m", "param": "llm.tools[0].type"}}, Code.BAD_REQUEST),
        (400, {"error": {"message": "Unknown model x"}}, Code.BAD_REQUEST),
        (400, {"message": "language is not supported"}, Code.BAD_REQUEST),
        (404, {"error": {"message": "m", "code": "model_not_found"}}, Code.BAD_REQUEST),
        (422, {"detail": [{"loc": ["body", "llm", "temperature"], "msg": "too hot"}]}, Code.BAD_REQUEST),
        (401, {}, Code.KEY_REJECTED),
        (403, {}, Code.NOT_ALLOWED),
        (409, {}, Code.BAD_REQUEST),
        (429, {}, Code.RATE_LIMITED),
        (503, {}, Code.SERVICE_DOWN),
    ],
)
def test_what_has_another_reason_is_not_blamed_on_the_continuation(status: int, body: object, code: Code) -> None:
    assert trouble(status, body, continues=True).code is code


def test_a_redirect_is_not_followed_and_says_so() -> None:
    found = trouble(307, b"", location="https://evil.example/")
    assert found.code is Code.BAD_ANSWER
    assert "redirect" in str(found.message)
    assert "evil" not in repr(found)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "1e9"}, 3600.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:50 GMT"}, 30.0),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:50 GMT", "date": "Mon, 21 Sep 2026 14:13:45 GMT"}, 5.0),
        ({"retry-after": "Mon, 21 Sep 2020 00:00:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 99 Sep 2026 14:14:50 GMT"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait: float | None) -> None:
    assert retry_after_s(headers, now=NOW) == wait


def test_the_wait_goes_with_the_error() -> None:
    assert trouble(429, {}, retry_after="7").retry_after_s == 7.0


def test_messages_are_one_short_printable_line() -> None:
    found = trouble(400, {"message": "a\nb\x1b[31m\u202e\ud800 " + "x" * 1000})
    assert found.message is not None
    assert found.message.startswith("a b\\x1b[31m\\u202e\\ud800 x")
    assert len(found.message) == MESSAGE_LIMIT
    assert found.message.isprintable()


def test_a_service_that_repeats_the_key_does_not_get_it_shown_not_even_half_of_it() -> None:
    redactor = Redactor()
    redactor.register("opaque-secret-0123456789")
    body = {"error": {"message": "x" * (MESSAGE_LIMIT - 8) + "opaque-secret-0123456789", "code": "mk-abcdef"}}
    found = refusal(401, {}, json.dumps(body).encode(), now=NOW, clean=redactor.redact).error.trouble
    assert "opaque" not in repr(found)
    assert "abcdef" not in repr(found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "detail", "details", "msg", "loc", "title", "type", "param", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()), st.integers(100, 999))
def test_any_body_gives_an_error_that_can_be_shown(raw: bytes, status: int) -> None:
    found = trouble(status, raw, continues=True)
    for part in (found.message, found.raw_code, found.details):
        assert part is None or (part.isprintable() and 0 < len(part) <= MESSAGE_LIMIT)


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text()))
def test_any_header_gives_a_wait_or_none(headers: dict[str, str]) -> None:
    wait = retry_after_s(headers, now=NOW)
    assert wait is None or 0 <= wait <= 3600
