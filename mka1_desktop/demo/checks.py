"""Checks of the voice token's request: ranges and choices of mka1-api.md 2.1 to 2.4."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mka1_desktop.demo.http_errors import ApiError
from mka1_desktop.demo.http_read import read_metadata

_CODES = "en zh hi es ar bn pt ru ja pa de ko fr tr it th pl nl id vi ur uk"
LANGUAGES = frozenset(_CODES.split())
MANAGED = ("input", "stream", "store", "background")  # the agent sets these; webhook fields too
MAX_TOOLS = 128
STT_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"silence_timeout_ms": (100, 5_000), "initial_silence_timeout_ms": (1_000, 30_000)}
)
_KINDS = """
    function custom mcp agent web_search web_search_2025_08_26 web_search_preview
    web_search_preview_2025_03_11 file_search code_interpreter image_generation shell local_shell history sleep
"""
TOOLS = frozenset(_KINDS.split())
RESPONSE_ID = re.compile(r"resp[-_][a-zA-Z0-9]{1,200}")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One reason to refuse a request; `param` names the field as a path."""

    message: str
    param: str | None
    code: str = "invalid_value"


Rule = Callable[[object], str | None]  # what is wanted, when the value is not that


def check_llm(llm: Mapping[str, object]) -> Wrong | None:
    """Return the first thing that is wrong with the `llm` object. Unknown fields are let through."""
    for name in llm:
        if name in MANAGED or name.startswith("webhook"):
            return Wrong(f"{name[:40]} is managed by the voice agent.", f"llm.{name[:40]}", "unsupported_parameter")
    if llm.get("model") in (None, ""):
        return Wrong("llm.model is required.", "llm.model", "missing_required_parameter")
    for name, rule in _LLM.items():
        value = llm.get(name)
        if value is not None and (wanted := rule(value)) is not None:
            return Wrong(f"llm.{name} must be {wanted}.", f"llm.{name}")
    if llm.get("previous_response_id") is not None and llm.get("conversation") is not None:
        return Wrong(
            "previous_response_id and conversation cannot be used together.",
            "llm.previous_response_id",
            "mutually_exclusive_parameters",
        )
    return _wrong_metadata(llm.get("metadata")) or _wrong_tools(llm.get("tools"))


def check_stt(stt: object) -> Wrong | None:
    if not isinstance(stt, Mapping):
        return Wrong("stt must be an object.", "stt")
    for name, (low, high) in STT_RANGES.items():
        value = stt.get(name)
        if value is not None and (wanted := _whole(low, high)(value)) is not None:
            return Wrong(f"stt.{name} must be {wanted}.", f"stt.{name}")
    return None


def check_language(language: object) -> Wrong | None:
    if language is None or (isinstance(language, str) and language in LANGUAGES):
        return None
    return Wrong(f"language must be one of {', '.join(sorted(LANGUAGES))}.", "language")


def continuation(llm: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Return (previous_response_id, conversation id) of checked settings; at most one is not None."""
    previous, conversation = llm.get("previous_response_id"), llm.get("conversation")
    if isinstance(conversation, Mapping):
        conversation = conversation.get("id")
    return (
        previous if isinstance(previous, str) else None,
        conversation if isinstance(conversation, str) else None,
    )


def _wrong_metadata(metadata: object) -> Wrong | None:
    marked = isinstance(metadata, Mapping) and "voice_mode" in metadata
    try:
        read_metadata(metadata, reserved=0 if marked else 1)  # the agent adds voice_mode itself
    except ApiError:
        return Wrong(
            "llm.metadata takes at most 15 pairs (voice_mode is added) of a key of up to 64 and a string of "
            "up to 512 characters.",
            "llm.metadata",
        )
    return None


def _wrong_tools(tools: object) -> Wrong | None:
    for place, tool in enumerate(tools if isinstance(tools, list) else []):
        param = f"llm.tools[{place}]"
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        if not isinstance(tool, Mapping) or not isinstance(kind, str):
            return Wrong("A tool must be an object with a type.", param)
        if kind not in TOOLS:
            return Wrong("This tool is not supported.", f"{param}.type", "unsupported_tool")
        if kind == "function" and not _is_function(tool):
            return Wrong("A function tool needs name, parameters and strict.", param)
        if kind == "file_search" and not isinstance(tool.get("vector_store_ids"), list):
            return Wrong("file_search needs vector_store_ids.", param)
    return None


def _is_function(tool: Mapping[str, object]) -> bool:
    name = tool.get("name")
    return (
        isinstance(name, str)
        and name != ""
        and isinstance(tool.get("parameters"), Mapping)
        and isinstance(tool.get("strict"), bool)
    )


# -- rules ----------------------------------------------------------------------------------------


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(most: int, least: int = 0) -> Rule:
    wanted = f"a text of {least} to {most} characters"
    return lambda value: None if isinstance(value, str) and least <= len(value) <= most else wanted


def _whole(low: int, high: int | None = None) -> Rule:
    def rule(value: object) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool)
        if fits and isinstance(value, int) and low <= value and (high is None or value <= high):
            return None
        return f"a whole number of at least {low}" if high is None else f"a whole number from {low} to {high}"

    return rule


def _number(low: float, high: float) -> Rule:
    def rule(value: object) -> str | None:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        return None if fits else f"a number from {low:g} to {high:g}"

    return rule


def _choice(*choices: str) -> Rule:
    wanted = f"one of {', '.join(choices)}"
    return lambda value: None if isinstance(value, str) and value in choices else wanted


def _any_number(value: object) -> str | None:
    return None if _is_number(value) else "a number"


def _yes_or_no(value: object) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def _object(required: tuple[str, ...] = (), **fields: Rule) -> Rule:
    """Rule of an object: fields that must be there, and rules of those that are."""

    def rule(value: object) -> str | None:
        if not isinstance(value, Mapping):
            return "an object"
        for name in required:
            if value.get(name) is None:
                return f"an object with {name}"
        for name, inner in fields.items():
            if value.get(name) is not None and (wanted := inner(value[name])) is not None:
                return f"an object whose {name} is {wanted}"
        return None

    return rule


def _list(most: int, inner: Rule | None = None) -> Rule:
    def rule(value: object) -> str | None:
        if not isinstance(value, list) or len(value) > most:
            return f"a list of at most {most}"
        wrong = (wanted for each in value if inner is not None and (wanted := inner(each)) is not None)
        first = next(wrong, None)
        return None if first is None else f"a list in which each is {first}"

    return rule


def _either(*rules: Rule) -> Rule:
    def rule(value: object) -> str | None:
        complaints = [inner(value) for inner in rules]
        if None in complaints:
            return None
        return ", or ".join(complaint for complaint in complaints if complaint is not None)

    return rule


def _previous(value: object) -> str | None:
    return None if isinstance(value, str) and RESPONSE_ID.fullmatch(value) else "a response id such as resp_…"


_ID = _text(200, 1)
_LLM: Mapping[str, Rule] = MappingProxyType(
    {
        "model": _ID,
        "instructions": _text(100_000),
        "conversation": _either(_ID, _object(("id",), id=_ID)),
        "previous_response_id": _previous,
        "prompt": _object(("id",), id=_ID, version=_ID, variables=_object()),
        "tools": _list(MAX_TOOLS),
        "tool_choice": _either(_choice("none", "auto", "required"), _object(("type",), type=_ID)),
        "parallel_tool_calls": _yes_or_no,
        "max_tool_calls": _whole(1, 300),
        "reasoning": _object(
            effort=_choice("none", "minimal", "low", "medium", "high", "xhigh"),
            summary=_choice("auto", "concise", "detailed"),
        ),
        "max_output_tokens": _whole(1),
        "temperature": _number(0, 2),
        "top_p": _number(0, 1),
        "presence_penalty": _any_number,
        "frequency_penalty": _any_number,
        "truncation": _choice("auto", "disabled"),
        "context_management": _list(
            8,
            _object(("type", "compact_threshold"), type=_choice("compaction"), compact_threshold=_whole(1_000)),
        ),
        "service_tier": _choice("auto", "default", "flex", "priority"),
        "text": _object(
            ("format",),
            format=_object(("type",), type=_choice("text", "json_object", "json_schema")),
            verbosity=_choice("low", "medium", "high"),
        ),
    }
)
