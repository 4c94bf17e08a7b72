"""The demo's voice token: what it holds, and every request that is refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mka1_desktop.demo.data import Owner
from mka1_desktop.demo.tokens import InvalidToken
from tests.support.demo_http import KEY, OTHER_KEY, OWNER, TOKEN, Api, error_of, serving


@pytest_asyncio.fixture
async def api() -> AsyncIterator[Api]:
    async with serving() as api:
        yield api


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


async def test_a_token_that_has_run_out(api: Api) -> None:
    api.faults.set("token-expired", "1")
    _, body = await api.token({"model": "auto"})
    with pytest.raises(InvalidToken, match="expired"):
        api.tokens.verify(str(body["token"]))
    _, body = await api.token({"model": "auto"})
    api.tokens.verify(str(body["token"]))
