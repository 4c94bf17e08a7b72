"""The HTTP side of the demo service: who may ask, the voice token, models, faults, browsers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
import pytest_asyncio

from mka1_desktop.demo.faults import FAULTS
from mka1_desktop.demo.http_guard import is_loopback_name
from tests.support.demo_http import KEY, LLM, TOKEN, Api, error_of, serving


@pytest_asyncio.fixture
async def api() -> AsyncIterator[Api]:
    async with serving() as api:
        yield api


# -- who may ask ----------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer mk-wrong", f"Basic {KEY}", KEY, "Bearer \u00e4"])
async def test_without_the_right_key_everything_is_refused(api: Api, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", f"{LLM}/models"), ("POST", TOKEN), ("POST", "/demo/faults")):
        status, body = await api.ask(method, path, {}, key=None, headers=headers)
        assert status == 401
        assert body == {"message": "The API key is missing or invalid.", "code": "invalid_api_key"}


async def test_the_word_bearer_may_be_written_as_one_likes(api: Api) -> None:
    status, _ = await api.ask("GET", f"{LLM}/models", key=None, headers={"Authorization": f"bearer {KEY}"})
    assert status == 200


@pytest.mark.parametrize("user", ["a*b", "", "x" * 151, "J\u00fcrgen"])
async def test_an_odd_end_user_is_refused(api: Api, user: str) -> None:
    status, body = await api.ask("GET", f"{LLM}/models", user=user)
    assert status == 400
    assert error_of(body)["param"] == "X-On-Behalf-Of"


# -- models ---------------------------------------------------------------------------------------


async def test_models_are_listed_with_the_guides_model_among_them(api: Api) -> None:
    status, body = await api.ask("GET", f"{LLM}/models")
    assert (status, body["object"]) == (200, "list")
    models = body["data"]
    assert isinstance(models, list)
    ids = [model["id"] for model in models]
    assert "meetkai:qwen3.5-35b-a3b" in ids
    assert {model["model_type"] for model in models} == {"llm", "text_to_speech", "speech_to_text"}
    for model in models:
        assert await api.ask("GET", f"{LLM}/models/{model['id']}") == (200, model)


async def test_one_model_and_its_quota(api: Api) -> None:
    assert (await api.ask("GET", f"{LLM}/models/auto"))[0] == 404
    assert (await api.ask("GET", f"{LLM}/models/nothing"))[0] == 404
    assert await api.ask("GET", f"{LLM}/models/demo:plain/quota") == (
        200,
        {"model_id": "demo:plain", "limits": []},
    )
    assert (await api.ask("GET", f"{LLM}/models/auto/quota"))[0] == 400


# -- faults ---------------------------------------------------------------------------------------


async def switch(api: Api, **faults: object) -> tuple[int, dict[str, object]]:
    body = {name.replace("_", "-"): value for name, value in faults.items()}
    return await api.ask("POST", "/demo/faults", body)


async def test_faults_are_switched_all_or_none(api: Api) -> None:
    assert await switch(api, token_slow=0, no_pong=True, room_delete="now") == (
        200,
        {"on": {"token-slow": "0", "no-pong": "", "room-delete": "now"}},
    )
    assert await switch(api, no_pong=None, token_slow=False) == (200, {"on": {"room-delete": "now"}})
    refused: list[dict[str, object]] = [
        {"no_pong": "", "nonsense": ""},
        {"no_pong": "", "packet_loss": "many"},
        {"no_pong": []},
    ]
    for wrong in refused:
        assert (await switch(api, **wrong))[0] == 400
    status, body = await api.ask("GET", "/demo/faults")
    assert (status, body["on"], body["known"], body["rooms"]) == (200, {"room-delete": "now"}, dict(FAULTS), 0)


@pytest.mark.parametrize(
    ("status", "fits"),
    [
        (400, lambda text: json.loads(text)["error"]["type"] == "invalid_request_error"),
        (401, lambda text: json.loads(text)["code"] == "invalid_api_key"),
        (403, lambda text: json.loads(text)["message"] == "inbound_ip_denied"),
        (413, lambda text: text.startswith("<!DOCTYPE html>")),
        (422, lambda text: json.loads(text)["detail"][0]["msg"] == "Field required"),
        (429, lambda text: json.loads(text) == {"error": "Rate limit exceeded"}),
        (431, lambda text: text.startswith("<!DOCTYPE html>")),
        (500, lambda text: json.loads(text)["error"]["message"] == "Internal error"),
        (502, lambda text: text.startswith("<!DOCTYPE html>")),
        (503, lambda text: not text),
    ],
)
async def test_each_status_comes_in_its_own_body_shape(api: Api, status: int, fits: Callable[[str], bool]) -> None:
    await switch(api, token_status=f"{status}:1")
    answer = await api.answer("POST", TOKEN, {"llm": {"model": "auto"}})
    assert answer.status == status
    assert fits(await answer.text())
    assert "Retry-After" not in answer.headers
    assert (await api.token({"model": "auto"}))[0] == 200  # only once


async def test_retry_after_and_the_number_of_times(api: Api) -> None:
    await switch(api, token_status="429:2", token_retry_after="7")
    for _ in range(2):
        answer = await api.answer("POST", TOKEN, {"llm": {"model": "auto"}})
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert (await api.token({"model": "auto"}))[0] == 200
    assert (await api.ask("GET", f"{LLM}/models"))[0] == 200


async def test_faults_of_the_other_requests_spare_the_token(api: Api) -> None:
    await switch(api, http_status="500", http_slow="0.001")
    assert (await api.ask("GET", f"{LLM}/models"))[0] == 500
    assert (await api.ask("GET", f"{LLM}/conversations"))[0] == 500
    assert (await api.token({"model": "auto"}))[0] == 200
    assert (await switch(api, http_status=None))[0] == 200


async def test_a_spoilt_token_answer(api: Api) -> None:
    ask = {"llm": {"model": "auto"}}
    await switch(api, token_html="1")
    answer = await api.answer("POST", TOKEN, ask)
    assert (answer.status, answer.content_type) == (200, "text/html")

    await switch(api, token_no_url=True, token_room_name_key="room_name")
    assert set((await api.ask("POST", TOKEN, ask))[1]) == {"token", "room_name"}

    await switch(api, token_no_url=None, token_url="ws://192.0.2.1/x", token_room_name_key="none")
    body = (await api.ask("POST", TOKEN, ask))[1]
    assert (set(body), body["url"]) == ({"token", "url"}, "ws://192.0.2.1/x")

    await switch(api, token_redirect="https://gw.example/token")
    answer = await api.answer("POST", TOKEN, ask)
    assert (answer.status, answer.headers["Location"]) == (307, "https://gw.example/token")

    await switch(api, token_bad_json=True)
    text = await (await api.answer("POST", TOKEN, ask)).text()
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        json.loads(text)


async def test_a_cut_connection(api: Api) -> None:
    await switch(api, token_cut="1")
    with pytest.raises(aiohttp.ClientError):
        await api.token({"model": "auto"})
    assert (await api.token({"model": "auto"}))[0] == 200


# -- browsers and other hosts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("LocalHost:1", True),
        ("[::1]:8000", True),
        ("[::1]", True),
        ("127.0.0.1", True),
        ("evil.example", False),
        ("evil.example:127", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example:80", False),
        ("localhost:x", False),
        ("localhost:", False),
        ("[::2]", False),
        ("", False),
        (None, False),
    ],
)
def test_only_loopback_names_are_served(host: str | None, ours: bool) -> None:
    assert is_loopback_name(host) is ours


async def test_another_host_name_is_refused_everywhere(api: Api) -> None:
    for path in (f"{LLM}/models", "/", "/rtc/v1", "/demo/faults"):
        answer = await api.answer("GET", path, headers={"Host": "evil.example"})
        assert answer.status == 421


async def test_no_page_of_another_origin_may_read_without_cors(api: Api) -> None:
    answer = await api.answer("GET", f"{LLM}/models", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    ask = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    answer = await api.answer("OPTIONS", f"{LLM}/models", headers=ask)
    assert answer.status == 405
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_with_cors_pages_may_ask_and_read() -> None:
    async with serving(cors=True) as api:
        ask = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        answer = await api.answer("OPTIONS", TOKEN, key=None, headers=ask)
        assert answer.status == 204
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        for path, key in ((f"{LLM}/models", KEY), (f"{LLM}/models", None), ("/nothing", KEY)):
            answer = await api.answer("GET", path, key=key)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_unknown_paths_and_methods_are_answered_in_json(api: Api) -> None:
    status, body = await api.ask("GET", f"{LLM}/nothing")
    assert (status, error_of(body)["code"]) == (404, "not_found")
    answer = await api.answer("PUT", f"{LLM}/models")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD".replace(",", ", "))
    assert error_of(await answer.json())["code"] == "method_not_allowed"
