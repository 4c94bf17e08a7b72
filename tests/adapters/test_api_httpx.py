"""The HTTP client against a real loopback server: what is sent, and what comes of every answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import Callable, Mapping

import pytest

from mka1_desktop import __version__
from mka1_desktop.adapters.api_httpx import MODELS_PATH, TOKEN_PATH, HttpxApi
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.ports.api import ApiPort
from tests.support.api_client import GRANT, KEY, MODELS, REQUEST, TOKEN, client, failure, without_proxy
from tests.support.http_stub import Answer, HttpStub, answer_json


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxy(monkeypatch)


# -- what is sent ---------------------------------------------------------------------------------


async def test_a_token_request_is_one_post_with_all_its_headers() -> None:
    async with HttpStub(GRANT) as stub, client(stub.base_url + "/", on_behalf_of=" user-7 ") as api:
        request = SessionRequest(
            llm={"model": "auto", "instructions": "é"}, stt={"silence_timeout_ms": 600}, language="pt"
        )
        grant = await api.fetch_grant(request)
    assert (grant.url, grant.token, grant.room, grant.lifetime_s) == ("wss://gw.example/livekit", TOKEN, "room-1", 60.0)
    (seen,) = stub.seen
    assert (seen.method, seen.path) == ("POST", TOKEN_PATH)
    assert seen.body.decode() == (
        '{"llm":{"model":"auto","instructions":"é"},"stt":{"silence_timeout_ms":600},"language":"pt"}'
    )
    wanted = {
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "identity",
        "x-on-behalf-of": "user-7",
        "user-agent": f"mka1-desktop/{__version__}",
    }
    assert {name: seen.headers.get(name) for name in wanted} == wanted


async def test_a_path_in_the_base_url_is_kept_and_nobody_stands_behind_the_key() -> None:
    async with (
        HttpStub(MODELS) as stub,
        client(stub.base_url + "/team/a/", key=f"bearer {KEY}", on_behalf_of=" ") as api,
    ):
        (model,) = await api.models()
    assert model.id == "m1"
    (seen,) = stub.seen
    assert (seen.method, seen.path, seen.body) == ("GET", "/team/a" + MODELS_PATH, b"")
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert "x-on-behalf-of" not in seen.headers
    assert "content-type" not in seen.headers


async def test_it_is_an_api_port_and_has_what_other_calls_need() -> None:
    async with HttpStub(answer_json({"id": "c 1"})) as stub, client(stub.base_url) as api:
        port: ApiPort = api
        with pytest.raises(AppError) as caught:
            await port.models()
        assert caught.value.code is Code.BAD_ANSWER
        calls = api._calls
        assert json.loads(await calls.get("/a", params={"metadata": '{"app":"desk"}'})) == {"id": "c 1"}
        await calls.post("/b", {"metadata": {"title": "é"}})
        await calls.delete("/c")
    assert [(seen.method, seen.path) for seen in stub.seen[1:]] == [
        ("GET", "/a?metadata=%7B%22app%22%3A%22desk%22%7D"),
        ("POST", "/b"),
        ("DELETE", "/c"),
    ]
    assert stub.seen[2].json == {"metadata": {"title": "é"}}
    assert all(seen.headers["authorization"] == f"Bearer {KEY}" for seen in stub.seen)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"key": "<your key>"}, Code.NO_KEY),
        ({"key": "mk-a\r\nX-Evil: 1"}, Code.NO_KEY),
        ({"base_url": "http://gw.example"}, Code.INSECURE_URL),
        ({"base_url": "gw.example"}, Code.BAD_SETTING),
        ({"on_behalf_of": "a\r\nX-Evil: 1"}, Code.BAD_REQUEST),
    ],
)
async def test_nothing_is_opened_with_parts_that_cannot_be_right(parts: Mapping[str, str], code: Code) -> None:
    wanted = {"base_url": "https://gw.example", "key": KEY, "on_behalf_of": "", **parts}
    with pytest.raises(AppError) as caught:
        await HttpxApi.open(base_url=wanted["base_url"], key=wanted["key"], on_behalf_of=wanted["on_behalf_of"])
    assert caught.value.code is code


# -- language (open question 16) ------------------------------------------------------------------

SPOKEN = SessionRequest(llm={"model": "auto"}, language="uk")


def invalid(message: str, param: str | None = None) -> Answer:
    return answer_json({"error": {"message": message, "type": "invalid_request_error", "param": param}}, 400)


@pytest.mark.parametrize("answer", [invalid("Unknown field language"), invalid("no", "language"), Answer(400)])
async def test_a_service_that_does_not_know_the_language_is_asked_once_more_without_it(answer: Answer) -> None:
    async with HttpStub(answer, GRANT) as stub, client(stub.base_url) as api:
        assert (await api.fetch_grant(SPOKEN)).token == TOKEN
    assert [seen.json for seen in stub.seen] == [
        {"llm": {"model": "auto"}, "language": "uk"},
        {"llm": {"model": "auto"}},
    ]


@pytest.mark.parametrize(
    ("answer", "request_", "asked"),
    [
        (invalid("model is missing", "llm.model"), SPOKEN, 1),
        (answer_json({"error": "Rate limit exceeded"}, 429), SPOKEN, 1),
        (answer_json({"message": "no"}, 401), SPOKEN, 1),
        (invalid("bad"), REQUEST, 1),
        (invalid("bad"), SPOKEN, 2),
    ],
)
async def test_other_refusals_are_not_blamed_on_the_language(
    answer: Answer, request_: SessionRequest, asked: int
) -> None:
    async with HttpStub(answer) as stub:
        await failure(stub, request=request_)
    assert len(stub.seen) == asked


async def test_when_it_was_not_the_language_the_first_answer_stands() -> None:
    async with HttpStub(invalid("the first"), answer_json({"error": "Rate limit exceeded"}, 429)) as stub:
        error = await failure(stub, request=SPOKEN)
    assert (error.code, error.trouble.message) == (Code.BAD_REQUEST, "the first")


# -- answers that are none ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (answer_json({"message": "no", "code": "invalid_api_key"}, 401), Code.KEY_REJECTED),
        (answer_json({"message": "no"}, 403), Code.NOT_ALLOWED),
        (answer_json({"code": "inbound_ip_denied", "message": "inbound_ip_denied"}, 403), Code.ADDRESS_DENIED),
        (answer_json({"error": {"message": "no such model"}}, 400), Code.BAD_REQUEST),
        (Answer(413, b"<html>too large</html>"), Code.TOO_LARGE),
        (Answer(431), Code.TOO_LARGE),
        (answer_json({"error": "Rate limit exceeded"}, 429), Code.RATE_LIMITED),
        (Answer(500, b"<html>"), Code.SERVICE_DOWN),
        (Answer(503), Code.SERVICE_DOWN),
        (Answer(200, b"<!DOCTYPE html><html>Welcome to this network</html>"), Code.BAD_ANSWER),
        (Answer(200), Code.BAD_ANSWER),
        (Answer(204), Code.BAD_ANSWER),
        (Answer(200, b'{"token": "abc'), Code.BAD_ANSWER),
        (answer_json({"token": TOKEN}), Code.BAD_ANSWER),
        (answer_json({"token": TOKEN, "url": "ws://gw.example"}), Code.INSECURE_URL),
        (Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), Code.BAD_ANSWER),
        (Answer(raw=b""), Code.CUT),
        (Answer(200, GRANT.body, cut=80), Code.CUT),
        (Answer(200, GRANT.body, cut=10), Code.CUT),
        (Answer(200, b"x" * 1_000_001), Code.BAD_ANSWER),
        (Answer(400, b"x" * 1_000_001), Code.BAD_ANSWER),
        (Answer(200, b"x", {"Content-Encoding": "br"}), Code.BAD_ANSWER),
        (Answer(200, b"x", {"Content-Encoding": "gzip"}), Code.BAD_ANSWER),
        (Answer(200, gzip.compress(b" " * 5_000_000), {"Content-Encoding": "gzip"}), Code.BAD_ANSWER),
        (Answer(200, GRANT.body, {"Content-Encoding": "gzip", "Content-Length": "-1"}), Code.BAD_ANSWER),
    ],
)
async def test_every_other_answer_is_a_typed_error(answer: Answer, code: Code) -> None:
    async with HttpStub(answer) as stub:
        error = await failure(stub)
    assert error.code is code
    assert "<" not in str(error.trouble.message)
    assert error.trouble.sentence.endswith(".")


async def test_a_wait_that_the_service_wants_is_passed_on() -> None:
    async with HttpStub(answer_json({"error": "Rate limit exceeded"}, 429, Retry_After="7")) as stub:
        error = await failure(stub)
    assert error.trouble.retry_after_s == 7.0


async def test_a_refused_continuation_has_a_code_of_its_own() -> None:
    refused = answer_json({"error": {"message": "previous_response not found"}}, 400)
    going_on = SessionRequest(llm={"model": "auto", "previous_response_id": "resp_1"}, language="pt")
    async with HttpStub(refused) as stub:
        assert (await failure(stub, request=going_on)).code is Code.CONTINUATION_REFUSED
        assert len(stub.seen) == 1
        assert (await failure(stub)).code is Code.BAD_REQUEST


async def test_a_refusal_without_words_may_be_the_language_before_it_is_the_continuation() -> None:
    going_on = SessionRequest(llm={"model": "auto", "conversation": {"id": "conv_1"}}, language="pt")
    async with HttpStub(Answer(400), GRANT) as stub, client(stub.base_url) as api:
        assert (await api.fetch_grant(going_on)).token == TOKEN
        asked = {"llm": {"model": "auto", "conversation": {"id": "conv_1"}}}
        assert [seen.json for seen in stub.seen] == [{**asked, "language": "pt"}, asked]
    async with HttpStub(Answer(400)) as stub:
        assert (await failure(stub, request=going_on)).code is Code.CONTINUATION_REFUSED
        assert len(stub.seen) == 2


async def test_a_wrong_address_is_told_from_a_continuation_that_is_gone() -> None:
    going_on = SessionRequest(llm={"model": "auto", "conversation": {"id": "conv_1"}})
    async with HttpStub(Answer(404)) as stub:
        assert (await failure(stub, request=going_on)).code is Code.CONTINUATION_REFUSED
        assert (await failure(stub)).code is Code.NOT_FOUND


async def test_an_answer_that_came_compressed_all_the_same_is_read() -> None:
    zipped = Answer(200, gzip.compress(GRANT.body), {"Content-Encoding": "gzip"})
    async with HttpStub(zipped) as stub, client(stub.base_url) as api:
        assert (await api.fetch_grant(REQUEST)).token == TOKEN


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(status: int) -> None:
    async with HttpStub(GRANT) as other:
        async with HttpStub(Answer(status, b"", {"Location": other.base_url + TOKEN_PATH})) as stub:
            error = await failure(stub)
            async with client(stub.base_url) as api:
                with pytest.raises(AppError):
                    await api.models()
        assert other.seen == []
    assert error.code is Code.BAD_ANSWER
    assert "redirect" in str(error.trouble.message)


async def test_a_closed_client_says_so_and_closes_twice() -> None:
    async with HttpStub(MODELS) as stub:
        api = await HttpxApi.open(base_url=stub.base_url, key=KEY)
        await api.models()
        await api.close()
        await api.close()
        with pytest.raises(AppError) as caught:
            await api.models()
    assert caught.value.code is Code.CUT


async def test_a_call_that_is_cancelled_leaves_the_client_usable() -> None:
    async with HttpStub(Answer(raw=b"", hang=True), MODELS) as stub, client(stub.base_url) as api:
        async with asyncio.TaskGroup() as tasks:
            call = tasks.create_task(api.models())
            await stub.arrived.wait()
            call.cancel()
        assert call.cancelled()
        assert [model.id for model in await api.models()] == ["m1"]


# -- secrets --------------------------------------------------------------------------------------

OPAQUE = "opaque/key+with=signs.0123456789"
Spoil = Callable[[str], Answer]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: answer_json({"error": {"message": f"bad key {key}", "details": key, "code": key}}, 401),
        lambda key: answer_json({"message": key}, 400, X_Request_Id=f"id-{key}"),
        lambda key: Answer(200, json.dumps({"token": "room-token-opaque", "url": f"ws://{key}"}).encode()),
        lambda key: Answer(302, b"", {"Location": f"https://evil.example/?{key}"}),
        lambda key: Answer(raw=b""),
        lambda key: Answer(200, GRANT.body, cut=80),
        lambda key: Answer(raw=f"nonsense {key}\r\n\r\n".encode()),
    ],
)
@pytest.mark.parametrize("key", [KEY, OPAQUE])
async def test_neither_errors_nor_logs_hold_the_key(spoil: Spoil, key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with HttpStub(spoil(key)) as stub, client(stub.base_url, key=key, on_behalf_of="someone-7") as api:
        with pytest.raises(AppError) as caught:
            await api.fetch_grant(REQUEST)
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("mka1_desktop"))
    for text in (str(caught.value), repr(caught.value), repr(caught.value.trouble), repr(api), ours):
        assert key not in text
        assert "someone-7" not in text
    assert key in stub.seen[0].headers["authorization"]


@pytest.mark.parametrize("token", [TOKEN, "room-token-opaque"])
async def test_neither_logs_nor_reprs_hold_a_token_and_it_is_masked_from_then_on(
    token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    redactor = Redactor()
    answer = answer_json({"token": token, "url": "wss://gw.example"})
    async with HttpStub(answer) as stub, client(stub.base_url, redactor=redactor) as api:
        grant = await api.fetch_grant(REQUEST)
    assert token not in repr(grant)
    assert token not in caplog.text
    assert KEY not in caplog.text
    assert token not in redactor.redact(f"ConnectError: 401 {token}")


async def test_a_long_token_is_warned_of_in_the_log_without_it(caplog: pytest.LogCaptureFixture) -> None:
    long = "eyJ" + "x" * 8000
    async with HttpStub(answer_json({"token": long, "url": "wss://gw.example"})) as stub, client(stub.base_url) as api:
        await api.fetch_grant(REQUEST)
    (warning,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert warning.getMessage().startswith("token is 8003 bytes long.")
