"""The token request: how flags, JSON and settings make it, who stands behind it, and how long its token may be."""

from __future__ import annotations

import json

import pytest

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.request import build_request, clean_on_behalf_of, split_continuation, token_warning
from mka1_desktop.domain.settings import Settings

FUNCTION = {"type": "function", "name": "door", "parameters": {"type": "object"}, "strict": True}


# -- building -------------------------------------------------------------------------------------


def test_without_any_choice_the_request_is_small_and_quick() -> None:
    request, warnings = build_request()
    assert request.llm == {"model": "auto", "max_tool_calls": 30, "reasoning": {"effort": "none"}}
    assert request.stt is None
    assert request.language is None
    assert not request.continues
    assert warnings == ()


def test_flags_win_over_json_and_json_over_settings() -> None:
    settings = Settings(
        {
            "assistant.model": "from-settings",
            "assistant.instructions": "from settings",
            "assistant.max_tool_calls": 7,
            "assistant.language": "pt",
            "assistant.silence_timeout_ms": 700,
        }
    )
    request, _ = build_request(
        model="from-flag",
        silence_timeout_ms=600,
        llm_extra={"model": "from-json", "max_tool_calls": 9, "temperature": 0.5},
        stt_extra={"silence_timeout_ms": 900, "initial_silence_timeout_ms": 2000},
        settings=settings,
    )
    assert request.llm == {
        "model": "from-flag",
        "instructions": "from settings",
        "max_tool_calls": 9,
        "temperature": 0.5,
        "reasoning": {"effort": "none"},
    }
    assert request.stt == {"silence_timeout_ms": 600, "initial_silence_timeout_ms": 2000}
    assert request.language == "pt"


def test_an_empty_flag_leaves_the_field_to_the_service() -> None:
    settings = Settings({"assistant.language": "pt", "assistant.silence_timeout_ms": 700})
    request, _ = build_request(
        instructions="",
        language="",
        silence_timeout_ms=0,
        llm_extra={"instructions": "from json"},
        stt_extra={"silence_timeout_ms": 900},
        settings=settings,
    )
    assert "instructions" not in request.llm
    assert request.stt is None
    assert request.language is None


@pytest.mark.parametrize(
    ("flag", "given_reasoning", "sent"),
    [
        (None, ..., {"effort": "none"}),
        ("high", ..., {"effort": "high"}),
        (None, {"effort": "low"}, {"effort": "low"}),
        ("medium", {"effort": "low", "summary": "auto"}, {"effort": "medium", "summary": "auto"}),
        (None, {"summary": "auto"}, {"effort": "none", "summary": "auto"}),
        (None, None, None),
        ("low", None, {"effort": "low"}),
    ],
)
def test_reasoning_is_off_unless_chosen_otherwise(flag: str | None, given_reasoning: object, sent: object) -> None:
    extra = {} if given_reasoning is ... else {"reasoning": given_reasoning}
    request, _ = build_request(reasoning_effort=flag, llm_extra=extra)
    assert request.llm["reasoning"] == sent


@pytest.mark.parametrize("max_tool_calls", [0, 301, -1])
def test_max_tool_calls_is_always_sent_and_in_range(max_tool_calls: int) -> None:
    with pytest.raises(AppError) as caught:
        build_request(max_tool_calls=max_tool_calls)
    assert "llm.max_tool_calls" in str(caught.value.trouble.message)


def test_a_continuation_is_put_where_the_service_looks_for_it() -> None:
    request, _ = build_request(continuation=Continuation(conversation_id="conv_5Qd"))
    assert request.llm["conversation"] == {"id": "conv_5Qd"}
    assert request.continues
    request, _ = build_request(continuation=Continuation(response_id="resp_8f2"))
    assert request.llm["previous_response_id"] == "resp_8f2"
    assert request.continues


def test_a_continuation_and_another_one_in_json_are_refused() -> None:
    with pytest.raises(AppError) as caught:
        build_request(continuation=Continuation(response_id="resp_8f2"), llm_extra={"conversation": "conv_1"})
    assert caught.value.code is Code.BAD_REQUEST
    assert "llm.previous_response_id and llm.conversation" in str(caught.value.trouble.message)


def test_what_was_given_is_not_changed() -> None:
    extra: dict[str, object] = {
        "tools": [{"type": "function", "name": "door", "parameters": {}}],
        "metadata": {"a": "b"},
    }
    before = json.dumps(extra)
    request, _ = build_request(llm_extra=extra, metadata={"client": "desk"})
    assert json.dumps(extra) == before
    assert request.llm["metadata"] == {"a": "b", "client": "desk"}


def test_functions_get_strict_and_a_warning() -> None:
    request, warnings = build_request(
        llm_extra={"tools": [{"type": "function", "name": "door", "parameters": {}}, FUNCTION]}
    )
    tools = request.llm["tools"]
    assert isinstance(tools, list)
    assert [tool["strict"] for tool in tools] == [False, True]
    assert [w.field for w in warnings] == ["llm.tools[0]", "llm.tools[1]"]


def test_the_continuation_can_be_taken_out_of_json() -> None:
    assert split_continuation({"model": "m", "conversation": {"id": "conv_1"}}) == (
        {"model": "m"},
        Continuation(conversation_id="conv_1"),
    )
    assert split_continuation({"conversation": "conv_1"})[1] == Continuation(conversation_id="conv_1")
    assert split_continuation({"previous_response_id": "resp_1"})[1] == Continuation(response_id="resp_1")
    assert split_continuation({"conversation": None}) == ({}, Continuation())


@pytest.mark.parametrize(
    "llm",
    [
        {"previous_response_id": "resp_1", "conversation": "conv_1"},
        {"previous_response_id": 7},
        {"conversation": {}},
        {"conversation": [1]},
    ],
)
def test_a_continuation_that_is_none_is_refused(llm: dict[str, object]) -> None:
    with pytest.raises(AppError) as caught:
        split_continuation(llm)
    assert caught.value.code is Code.BAD_REQUEST


def test_no_words_of_the_person_show_in_a_repr() -> None:
    request, _ = build_request(instructions="my secret diary")
    assert "diary" not in repr(request)


# -- on behalf of, tokens -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "value"), [(None, None), ("", None), ("  \n", None), (" user 7 ", "user 7"), ("x" * 150, "x" * 150)]
)
def test_on_behalf_of_is_trimmed_and_empty_means_nobody(raw: str | None, value: str | None) -> None:
    assert clean_on_behalf_of(raw) == value


@pytest.mark.parametrize("raw", ["*", " * ", "x" * 151, "né", "a\nb", "a\x7f", "a\tb"])
def test_on_behalf_of_refuses_what_the_service_would(raw: str) -> None:
    with pytest.raises(AppError) as caught:
        clean_on_behalf_of(raw)
    assert caught.value.code is Code.BAD_REQUEST


def test_a_token_that_hardly_fits_is_warned_of() -> None:
    assert token_warning("x" * 7500) is None
    warning = token_warning("x" * 7501)
    assert warning is not None
    assert "7501 bytes" in warning.sentence
