"""Every field of a token request: what is refused by name, what is only warned of, and the limits of size."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.errors import MESSAGE_LIMIT, AppError, Code, Trouble
from mka1_desktop.domain.request import SessionRequest, build_request, check_request
from mka1_desktop.domain.settings import LANGUAGES

FUNCTION = {"type": "function", "name": "door", "parameters": {"type": "object"}, "strict": True}


def refused(llm: Mapping[str, object], **parts: object) -> str:
    """Return the sentence by which a request with these fields is refused."""
    with pytest.raises(AppError) as caught:
        check_request(SessionRequest(llm={"model": "auto", **llm}, **parts))  # type: ignore[arg-type]
    assert caught.value.code is Code.BAD_REQUEST
    assert caught.value.trouble.http_status is None
    message = caught.value.trouble.message
    assert message is not None
    return message


def warned(llm: Mapping[str, object]) -> list[str]:
    """Return the fields that are warned of."""
    return [w.field for w in check_request(SessionRequest(llm={"model": "auto", **llm}))]


# -- fields ---------------------------------------------------------------------------------------

EVERYTHING: dict[str, object] = {
    "instructions": "Speak briefly. 🎈",
    "conversation": {"id": "conv_5Qd"},
    "prompt": {"id": "pmpt_1", "version": "2", "variables": {"name": "Ada"}},
    "tools": [
        {
            "type": "web_search",
            "search_context_size": "low",
            "user_location": {"type": "approximate", "country": "PT", "city": None},
            "filters": {"allowed_domains": ["example.org"]},
        },
        {"type": "web_search_preview", "search_context_size": "high"},
        {"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 5},
        {"type": "mcp", "server_label": "x", "server_url": "https://x.example", "require_approval": "never"},
        {"type": "mcp", "mcp_server_id": "m1", "require_approval": "never", "allowed_tools": {"read_only": True}},
        {"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "1g"}},
        {"type": "code_interpreter", "container": "cntr_1"},
        {"type": "history"},
    ],
    "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]},
    "parallel_tool_calls": False,
    "max_tool_calls": 300,
    "reasoning": {"effort": "xhigh", "summary": "detailed"},
    "max_output_tokens": 1,
    "temperature": 2,
    "top_p": 0.0,
    "presence_penalty": -1.5,
    "frequency_penalty": 1,
    "truncation": "disabled",
    "context_management": [{"type": "compaction", "compact_threshold": 1000}],
    "service_tier": "priority",
    "metadata": {f"key{n}": "v" * 100 for n in range(15)},
    "text": {"format": {"type": "text"}, "verbosity": "low"},
}


def test_every_field_of_the_reference_is_accepted_without_a_warning() -> None:
    request = SessionRequest(
        llm={"model": "meetkai:qwen3.5-35b-a3b", **EVERYTHING},
        stt={"silence_timeout_ms": 100, "initial_silence_timeout_ms": 30000},
        language="uk",
    )
    assert check_request(request) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_accepted(language: str) -> None:
    assert check_request(SessionRequest(llm={"model": "auto"}, language=language)) == ()


@pytest.mark.parametrize("name", ["input", "stream", "store", "background", "webhook", "webhook_url", "webhooks"])
def test_what_the_agent_manages_is_refused_by_name(name: str) -> None:
    assert refused({name: None}) == f"llm.{name} is managed by the voice assistant and cannot be set."


@pytest.mark.parametrize(
    ("llm", "field"),
    [
        ({"model": ""}, "llm.model"),
        ({"model": None}, "llm.model"),
        ({"model": "two words"}, "llm.model"),
        ({"instructions": 5}, "llm.instructions"),
        ({"instructions": None}, "llm.instructions"),
        ({"conversation": ""}, "llm.conversation"),
        ({"conversation": {}}, "llm.conversation.id"),
        ({"conversation": {"id": "a b"}}, "llm.conversation.id"),
        ({"conversation": 5}, "llm.conversation"),
        ({"previous_response_id": ""}, "llm.previous_response_id"),
        ({"previous_response_id": "resp_a b"}, "llm.previous_response_id"),
        ({"previous_response_id": "resp_1\n"}, "llm.previous_response_id"),
        ({"previous_response_id": "resp_1", "conversation": {"id": "c"}}, "llm.previous_response_id"),
        ({"prompt": "p"}, "llm.prompt"),
        ({"prompt": {"version": "1"}}, "llm.prompt.id"),
        ({"prompt": {"id": "p", "variables": []}}, "llm.prompt.variables"),
        ({"tools": {}}, "llm.tools"),
        ({"tools": [7]}, "llm.tools[0]"),
        ({"tools": [{}]}, "llm.tools[0].type"),
        ({"tools": [{"type": "computer_use_preview"}]}, "llm.tools[0]"),
        ({"tools": [{"type": "history"}, {"type": "agent", "agent_id": "a"}]}, "llm.tools[1]"),
        ({"tools": [{"type": "function", "name": "f", "parameters": {}}]}, "llm.tools[0].strict"),
        ({"tools": [{"type": "function", "parameters": {}, "strict": True}]}, "llm.tools[0].name"),
        ({"tools": [{**FUNCTION, "parameters": "x"}]}, "llm.tools[0].parameters"),
        ({"tools": [{"type": "file_search"}]}, "llm.tools[0].vector_store_ids"),
        ({"tools": [{"type": "file_search", "vector_store_ids": []}]}, "llm.tools[0].vector_store_ids"),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "llm.tools[0]"),
        ({"tools": [{"type": "mcp", "server_url": "u", "allowed_tools": 1}]}, "llm.tools[0].allowed_tools"),
        ({"tools": [{"type": "web_search", "search_context_size": "huge"}]}, "llm.tools[0].search_context_size"),
        ({"tools": [{"type": "web_search", "user_location": {}}]}, "llm.tools[0].user_location.type"),
        ({"tools": [{"type": "code_interpreter", "container": {"type": "auto", "memory_limit": "64g"}}]},
         "llm.tools[0].container.memory_limit"),
        ({"tools": [{"type": "custom"}]}, "llm.tools[0].name"),
        ({"tool_choice": "always"}, "llm.tool_choice"),
        ({"tool_choice": {"type": "function"}}, "llm.tool_choice.name"),
        ({"tool_choice": {"type": "mcp"}}, "llm.tool_choice.server_label"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "none", "tools": []}}, "llm.tool_choice.mode"),
        ({"tool_choice": {"type": "computer_use_preview"}}, "llm.tool_choice"),
        ({"parallel_tool_calls": "yes"}, "llm.parallel_tool_calls"),
        ({"max_tool_calls": 0}, "llm.max_tool_calls"),
        ({"max_tool_calls": 301}, "llm.max_tool_calls"),
        ({"max_tool_calls": 1.5}, "llm.max_tool_calls"),
        ({"max_tool_calls": True}, "llm.max_tool_calls"),
        ({"reasoning": "none"}, "llm.reasoning"),
        ({"reasoning": {"effort": "maximal"}}, "llm.reasoning.effort"),
        ({"reasoning": {"summary": "long"}}, "llm.reasoning.summary"),
        ({"max_output_tokens": 0}, "llm.max_output_tokens"),
        ({"temperature": 2.1}, "llm.temperature"),
        ({"temperature": float("nan")}, "llm.temperature"),
        ({"temperature": False}, "llm.temperature"),
        ({"top_p": -0.1}, "llm.top_p"),
        ({"presence_penalty": float("inf")}, "llm.presence_penalty"),
        ({"frequency_penalty": "1"}, "llm.frequency_penalty"),
        ({"truncation": "middle"}, "llm.truncation"),
        ({"context_management": {}}, "llm.context_management"),
        ({"context_management": [{"type": "compaction", "compact_threshold": 999}]},
         "llm.context_management[0].compact_threshold"),
        ({"service_tier": "gold"}, "llm.service_tier"),
        ({"metadata": []}, "llm.metadata"),
        ({"metadata": {f"k{n}": "" for n in range(16)}}, "llm.metadata"),
        ({"metadata": {"k" * 65: ""}}, "llm.metadata"),
        ({"metadata": {"": "x"}}, "llm.metadata"),
        ({"metadata": {"k": "v" * 513}}, "llm.metadata.k"),
        ({"metadata": {"k": 5}}, "llm.metadata.k"),
        ({"text": {}}, "llm.text.format"),
        ({"text": {"format": {"type": "yaml"}}}, "llm.text.format.type"),
        ({"text": {"format": {}}}, "llm.text.format.type"),
        ({"text": {"format": {"type": "json_schema"}}}, "llm.text.format.name"),
        ({"text": {"format": {"type": "text"}, "verbosity": "chatty"}}, "llm.text.verbosity"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_by_name(llm: dict[str, object], field: str) -> None:
    assert refused(llm).startswith(f"{field}")


@pytest.mark.parametrize(
    ("stt", "field"),
    [
        ({"silence_timeout_ms": 99}, "stt.silence_timeout_ms"),
        ({"silence_timeout_ms": 5001}, "stt.silence_timeout_ms"),
        ({"silence_timeout_ms": 100.0}, "stt.silence_timeout_ms"),
        ({"initial_silence_timeout_ms": 999}, "stt.initial_silence_timeout_ms"),
        ({"initial_silence_timeout_ms": 30001}, "stt.initial_silence_timeout_ms"),
        ([], "stt"),
    ],
)
def test_a_wrong_timing_is_refused_by_name(stt: object, field: str) -> None:
    assert refused({}, stt=stt).startswith(field)


@pytest.mark.parametrize("language", ["xx", "EN", "", 5])
def test_an_unknown_language_is_refused(language: object) -> None:
    assert refused({}, language=language).startswith("language must be one of: en,")


@pytest.mark.parametrize(
    ("llm", "fields"),
    [
        ({"reasoning": None, "conversation": None}, []),
        ({"previous_response_id": "resp-1", "conversation": None}, []),
        ({"brand_new": 1}, ["llm.brand_new"]),
        ({"audio": {"voice": "x"}}, ["llm.audio"]),
        ({"reasoning": {"efort": "low"}}, ["llm.reasoning.efort"]),
        ({"tools": [FUNCTION]}, ["llm.tools[0]"]),
        ({"tools": [{"type": "telepathy"}]}, ["llm.tools[0].type"]),
        ({"tools": [{"type": "image_generation", "size": "auto"}]}, ["llm.tools[0]"]),
        ({"tools": [{"type": "mcp", "server_url": "u"}]}, ["llm.tools[0].require_approval"]),
        (
            {"tools": [{"type": "mcp", "server_url": "u", "require_approval": "always"}]},
            ["llm.tools[0].require_approval"],
        ),
        (
            {"tools": [{"type": "mcp", "server_url": "u", "require_approval": "never", "authorization": "s3cret"}]},
            ["llm.tools[0].authorization"],
        ),
        ({"text": {"format": {"type": "json_object"}}}, ["llm.text.format"]),
        ({"metadata": {"voice_mode": "true", **{f"k{n}": "" for n in range(15)}}}, ["llm.metadata.voice_mode"]),
        ({"tool_choice": {"type": "telepathy"}}, ["llm.tool_choice.type"]),
        ({"tool_choice": {"type": "web_search"}}, []),
    ],
)
def test_doubtful_fields_are_sent_with_a_warning(llm: dict[str, object], fields: list[str]) -> None:
    assert warned(llm) == fields


def test_unknown_timing_is_sent_with_a_warning() -> None:
    warnings = check_request(SessionRequest(llm={"model": "auto"}, stt={"new_ms": 1}))
    assert [w.field for w in warnings] == ["stt.new_ms"]


def test_sentences_hold_names_but_no_values_and_nothing_unprintable() -> None:
    secret = "sk-very-private"
    assert secret not in refused({"temperature": secret, "metadata": {}})
    message = refused({"metadata": {"\x1b[31m\u202e" + "n" * 500: ""}})
    assert message.isprintable()
    assert len(message) <= MESSAGE_LIMIT


# -- size -----------------------------------------------------------------------------------------


def sized(bytes_wanted: int) -> SessionRequest:
    """A request whose `llm` takes exactly so many bytes of compact UTF-8 JSON, two of them for one letter."""
    llm = {"model": "auto", "instructions": "é"}
    room = bytes_wanted - len(json.dumps(llm, ensure_ascii=False, separators=(",", ":")).encode())
    return SessionRequest(llm={**llm, "instructions": "é" + "x" * room})


@pytest.mark.parametrize(("size", "warnings"), [(4500, 0), (4501, 1), (5500, 1)])
def test_size_is_warned_of_above_4500_bytes(size: int, warnings: int) -> None:
    assert len(check_request(sized(size))) == warnings


def test_size_needs_consent_above_5500_bytes() -> None:
    with pytest.raises(AppError) as caught:
        check_request(sized(5501))
    assert caught.value.code is Code.NEEDS_CONSENT
    assert caught.value.trouble.text.endswith("Shorten it, or allow large ones to try anyway.")
    assert [w.field for w in check_request(sized(8000), allow_large=True)] == ["llm"]


def test_size_is_refused_above_8000_bytes_whatever_was_allowed() -> None:
    with pytest.raises(AppError) as caught:
        check_request(sized(8001), allow_large=True)
    assert caught.value.code is Code.TOO_LARGE
    assert caught.value.trouble.text.endswith("Shorten the instructions or remove tools.")


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [float("nan"), "\ud800", {1, 2}, nested(5000)])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    assert refused({"brand_new": value}) == "llm cannot be written as JSON."


def test_endless_nesting_is_refused_while_building() -> None:
    with pytest.raises(AppError) as caught:
        build_request(llm_extra={"brand_new": nested(5000)})
    assert caught.value.code is Code.BAD_REQUEST


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*EVERYTHING, "model", "input", "other"]), JSON_VALUES, max_size=4),
    st.dictionaries(st.sampled_from(["silence_timeout_ms", "initial_silence_timeout_ms", "x"]), JSON_VALUES),
)
def test_any_json_is_sent_or_refused_and_nothing_else_happens(llm: dict[str, object], stt: dict[str, object]) -> None:
    trouble: Trouble | None = None
    try:
        request, _ = build_request(llm_extra=llm, stt_extra=stt)
        json.dumps(request.llm, allow_nan=False)
    except AppError as e:
        trouble = e.trouble
    assert trouble is None or trouble.code in {Code.BAD_REQUEST, Code.NEEDS_CONSENT, Code.TOO_LARGE}
    assert trouble is None or trouble.message
