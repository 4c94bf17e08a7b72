"""The HTTP side of the demo service: who may ask, the voice token, models, faults, browsers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
import pytest_asyncio
from tests.support.demo_http import KEY, LLM, OTHER_KEY, OWNER, TOKEN, Api, error_of, serving

from mka1_desktop.demo.data import Owner
from mka1_desktop.demo.faults import FAULTS
from mka1_desktop.demo.http_guard import is_loopback_name


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


# -- the voice token ------------------------------------------------------------------------------


async def test_a_token_opens_a_room_of_its_own_with_the_settings_inside(api: Api) -> None:
    llm = {"model": "auto", "reasoning": {"effort": "none"}, "metadata": {"client": "test"}, "max_tool_calls": 8}
    status, body = await api.ask(
        "POST",
        TOKEN,
        {"llm": llm, "stt": {"silence_timeout_ms": 600}, "language": "pt"},
        user="user-7",
    )
    assert status == 200
    assert set(body) == {"token", "url", "roomName"}
    assert body["url"] == f"ws://127.0.0.1:{api.client.port}/api/v1/livekit"
    grant = api.tokens.verify(str(body["token"]))
    assert grant.owner == Owner(key=KEY, on_behalf_of="user-7")
    assert (grant.room, grant.llm, grant.language) == (body["roomName"], llm, "pt")
    assert grant.stt == {"silence_timeout_ms": 600}
    assert grant.expires_at - grant.issued_at == 300
    assert KEY not in str(body["token"])


async def test_the_example_of_the_reference_is_accepted(api: Api) -> None:
    conversation = api.data.create_conversation(OWNER, metadata=None, items=[])
    status, _ = await api.token(
        {
            "model": "auto",
            "instructions": "Answer in one or two short spoken sentences.",
            "reasoning": {"effort": "none"},
            "conversation": {"id": conversation.id},
            "max_tool_calls": 8,
            "tools": [{"type": "web_search", "user_location": {"type": "approximate", "country": "PT"}}],
            "metadata": {"client": "desk-1.0"},
        },
        stt={"silence_timeout_ms": 600, "initial_silence_timeout_ms": 10000},
        language="pt",
    )
    assert status == 200


FUNCTION = {"type": "function", "name": "f", "parameters": {}, "strict": True}


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"model": None}, "llm.model"),
        ({"model": ""}, "llm.model"),
        ({"model": 5}, "llm.model"),
        ({"input": "x"}, "llm.input"),
        ({"stream": True}, "llm.stream"),
        ({"store": False}, "llm.store"),
        ({"background": False}, "llm.background"),
        ({"webhook_url": "x"}, "llm.webhook_url"),
        ({"max_tool_calls": 0}, "llm.max_tool_calls"),
        ({"max_tool_calls": 301}, "llm.max_tool_calls"),
        ({"max_tool_calls": True}, "llm.max_tool_calls"),
        ({"reasoning": {"effort": "huge"}}, "llm.reasoning"),
        ({"reasoning": {"summary": "x"}}, "llm.reasoning"),
        ({"max_output_tokens": 0}, "llm.max_output_tokens"),
        ({"temperature": 2.1}, "llm.temperature"),
        ({"top_p": -0.1}, "llm.top_p"),
        ({"presence_penalty": "1"}, "llm.presence_penalty"),
        ({"parallel_tool_calls": "yes"}, "llm.parallel_tool_calls"),
        ({"truncation": "x"}, "llm.truncation"),
        ({"service_tier": "x"}, "llm.service_tier"),
        ({"tool_choice": "x"}, "llm.tool_choice"),
        ({"tool_choice": {}}, "llm.tool_choice"),
        ({"context_management": [{"type": "compaction", "compact_threshold": 999}]}, "llm.context_management"),
        ({"text": {"verbosity": "low"}}, "llm.text"),
        ({"prompt": {}}, "llm.prompt"),
        ({"instructions": 5}, "llm.instructions"),
        ({"conversation": {}}, "llm.conversation"),
        ({"conversation": 5}, "llm.conversation"),
        ({"previous_response_id": ""}, "llm.previous_response_id"),
        ({"previous_response_id": "resp_a", "conversation": "conv_a"}, "llm.previous_response_id"),
        ({"metadata": {f"k{n}": "v" for n in range(16)}}, "llm.metadata"),
        ({"metadata": {"k" * 65: "v"}}, "llm.metadata"),
        ({"metadata": {"k": "v" * 513}}, "llm.metadata"),
        ({"metadata": {"k": 5}}, "llm.metadata"),
        ({"tools": {}}, "llm.tools"),
        ({"tools": ["web_search"]}, "llm.tools[0]"),
        ({"tools": [{"type": "web_search"}, {"type": "computer_use_preview"}]}, "llm.tools[1].type"),
        ({"tools": [{**FUNCTION, "strict": None}]}, "llm.tools[0]"),
        ({"tools": [{"type": "file_search"}]}, "llm.tools[0]"),
    ],
)
async def test_wrong_model_settings_are_refused_by_name(api: Api, more: dict[str, object], param: str) -> None:
    status, body = await api.token({"model": "auto", **more})
    assert status == 400
    assert error_of(body)["param"] == param


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {f"k{n}": "v" for n in range(15)}},
        {"reasoning": None, "conversation": None},
        {"temperature": 2, "top_p": 0, "max_tool_calls": 300, "max_output_tokens": 1},
        {"tools": [FUNCTION, {"type": "file_search", "vector_store_ids": []}], "tool_choice": "required"},
        {"text": {"format": {"type": "text"}}, "truncation": "auto", "service_tier": "auto"},
        {"something_new": 5},
    ],
)
async def test_settings_inside_the_limits_are_accepted(api: Api, more: dict[str, object]) -> None:
    assert (await api.token({"model": "meetkai:qwen3.5-35b-a3b", **more}))[0] == 200


@pytest.mark.parametrize(
    "more",
    [
        {"stt": {"silence_timeout_ms": 99}},
        {"stt": {"silence_timeout_ms": 5001}},
        {"stt": {"silence_timeout_ms": 600.5}},
        {"stt": {"initial_silence_timeout_ms": 999}},
        {"stt": {"initial_silence_timeout_ms": 30001}},
        {"stt": [1]},
        {"language": "xx"},
        {"language": 5},
    ],
)
async def test_wrong_speech_settings_are_refused_as_speech_endpoints_do(api: Api, more: dict[str, object]) -> None:
    status, body = await api.token({"model": "auto"}, **more)
    assert status == 400
    assert body["code"] == "BAD_REQUEST"
    assert isinstance(body["message"], str)


async def test_without_llm_it_is_a_missing_parameter(api: Api) -> None:
    for body in ({}, {"llm": None}, {"llm": "auto"}):
        status, answer = await api.ask("POST", TOKEN, body)
        assert (status, error_of(answer)["code"]) == (400, "missing_required_parameter")


async def test_only_the_owner_continues_a_response_or_a_conversation(api: Api) -> None:
    mine = Owner(key=KEY, on_behalf_of="user-7")
    conversation = api.data.create_conversation(mine, metadata=None, items=[]).id
    response = api.data.start_response(
        mine, model="auto", text="hi", previous_response_id=None, conversation_id=None, metadata={}
    )
    chain = {"llm": {"model": "auto", "previous_response_id": response}}
    talk = {"llm": {"model": "auto", "conversation": {"id": conversation}}}
    plain = {"llm": {"model": "auto", "conversation": conversation}}

    for body in (chain, talk, plain):
        assert (await api.ask("POST", TOKEN, body, user="user-7"))[0] == 200
    for key, user in ((KEY, None), (KEY, "user-8"), (OTHER_KEY, "user-7")):
        status, answer = await api.ask("POST", TOKEN, chain, key=key, user=user)
        assert (status, error_of(answer)["code"]) == (400, "previous_response_not_found")
        status, answer = await api.ask("POST", TOKEN, talk, key=key, user=user)
        assert (status, error_of(answer)["code"]) == (404, "conversation_not_found")


async def test_a_large_configuration_is_refused_with_413(api: Api) -> None:
    def llm(size_b: int) -> dict[str, object]:
        frame = len(json.dumps({"model": "auto", "instructions": ""}, separators=(",", ":")))
        return {"model": "auto", "instructions": "x" * (size_b - frame)}

    assert (await api.token(llm(8_000)))[0] == 200
    assert (await api.token(llm(8_001)))[0] == 413
    assert (await api.token(llm(70_000)))[0] == 413


async def test_a_body_in_pieces_is_bounded_too(api: Api) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    answer = await api.client.post(TOKEN, data=pieces(), headers=headers)
    assert answer.status == 413


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"llm": NaN}',
        b"[" * 30_000,
        b'{"a":' * 9_000,
        b'{"llm": {"model": "\\ud800"}}',
        b'{"llm": ' + b"9" * 5_000 + b"}",
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(api: Api, raw: bytes) -> None:
    status, body = await api.ask("POST", TOKEN, raw=raw)
    assert (status, error_of(body)["code"]) == (400, "invalid_json")


async def test_a_form_is_no_json(api: Api) -> None:
    status, _ = await api.ask("POST", TOKEN, raw=b'{"llm":{}}', headers={"Content-Type": "text/plain"})
    assert status == 415


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
    for wrong in ({"no_pong": "", "nonsense": ""}, {"no_pong": "", "packet_loss": "many"}, {"no_pong": []}):
        assert (await switch(api, **wrong))[0] == 400
    status, body = await api.ask("GET", "/demo/faults")
    assert (status, body["on"], body["known"]) == (200, {"room-delete": "now"}, dict(FAULTS))


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
    with pytest.raises(ValueError, match="delimiter|Unterminated|Expecting"):
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
def test_only_loopback_names_are_served(host: str | None, ours: bool) -> None:  # noqa: FBT001 - a table's column
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
