"""Every field of a token request against the API reference (2.1 to 2.5), before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.request_rules import (
    Findings,
    RequestWarning,
    Rule,
    anything,
    as_object,
    child,
    choice,
    fields,
    items,
    mapping,
    number,
    or_null,
    refuse,
    text,
    warned,
    whole,
    yes_or_no,
)
from mka1_desktop.domain.request_tools import tool, tool_choice
from mka1_desktop.domain.settings import LANGUAGES

WARN_SIZE_B, CONSENT_SIZE_B, REFUSE_SIZE_B = 4_500, 5_500, 8_000  # of the compact UTF-8 JSON of `llm` (2.5)
TOKEN_WARN_B = 7_500  # the token travels in a header, which proxies cut at about 8 KB (open question 6)
METADATA_PAIRS, METADATA_KEY, METADATA_VALUE = 15, 64, 512  # the sixteenth pair is the agent's voice_mode
MANAGED = ("input", "stream", "store", "background")  # and every webhook field
OTHER_FIELDS = frozenset(
    {
        "include", "fallback_models", "stop", "top_k", "min_p", "top_logprobs", "user", "safety_identifier",
        "prompt_cache_key", "modalities", "audio",
    }
)  # fmt: skip  # of a plain response, not of a voice session

_ID = text(least=1, most=256, pattern=r"[\x21-\x7e]+", wanted="must be an id: printable characters without spaces.")
_RESPONSE_ID = _ID  # ids of the service are opaque: a stricter pattern could refuse what it sent itself
_NOT_SPOKEN = "makes answers that are not meant to be spoken."
_JSON_SCHEMA = fields(
    {
        "type": anything,
        "name": text(least=1),
        "schema": mapping(anything),
        "description": text(),
        "strict": or_null(yes_or_no),
    },
    required=("name", "schema"),
)


def _conversation(value: object, field: str, findings: Findings) -> None:
    if value is None:
        return
    rule = _ID if isinstance(value, str) else fields({"id": _ID}, required=("id",))
    rule(value, field, findings)


def _format(value: object, field: str, findings: Findings) -> None:
    fields({"type": choice("text", "json_object", "json_schema")}, required=("type",))(
        {"type": as_object(value, field).get("type")}, field, findings
    )
    kind = as_object(value, field)["type"]
    (_JSON_SCHEMA if kind == "json_schema" else fields({"type": anything}))(value, field, findings)
    if kind != "text":
        findings.warn(field, _NOT_SPOKEN)


def _metadata(value: object, field: str, findings: Findings) -> None:
    pairs = as_object(value, field)
    own = [name for name in pairs if name != "voice_mode"]
    if len(own) > METADATA_PAIRS:
        refuse(field, f"takes at most {METADATA_PAIRS} pairs; one more is added by the assistant.")
    for name, each in pairs.items():
        if not 1 <= len(name) <= METADATA_KEY:
            refuse(child(field, name), f"must have a name of 1 to {METADATA_KEY} characters.")
        if not isinstance(each, str) or len(each) > METADATA_VALUE:
            refuse(child(field, name), f"must be a text of at most {METADATA_VALUE} characters.")
    if "voice_mode" in pairs:
        findings.warn(child(field, "voice_mode"), "is set by the assistant itself.")


_LLM: Mapping[str, Rule] = {
    "model": text(least=1, most=200, pattern=r"[\x21-\x7e]+", wanted="must be the id of a model, or auto."),
    "instructions": text(),
    "conversation": _conversation,
    "previous_response_id": _RESPONSE_ID,
    "prompt": fields({"id": _ID, "version": text(least=1), "variables": mapping(anything)}, required=("id",)),
    "tools": items(tool),
    "tool_choice": tool_choice,
    "parallel_tool_calls": yes_or_no,
    "max_tool_calls": whole(1, 300),
    "reasoning": or_null(
        fields(
            {
                "effort": or_null(choice("none", "minimal", "low", "medium", "high", "xhigh")),
                "summary": or_null(choice("auto", "concise", "detailed")),
            }
        )
    ),
    "max_output_tokens": whole(1),
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "presence_penalty": number(),
    "frequency_penalty": number(),
    "truncation": choice("auto", "disabled"),
    "context_management": items(
        fields(
            {"type": choice("compaction"), "compact_threshold": whole(1_000)}, required=("type", "compact_threshold")
        )
    ),
    "service_tier": choice("auto", "default", "flex", "priority"),
    "metadata": _metadata,
    "text": fields({"format": _format, "verbosity": choice("low", "medium", "high")}, required=("format",)),
    **dict.fromkeys(OTHER_FIELDS, warned(anything, "is no field of a voice session. The service may refuse it.")),
}
_STT: Mapping[str, Rule] = {
    "silence_timeout_ms": whole(100, 5_000),
    "initial_silence_timeout_ms": whole(1_000, 30_000),
}


def check_parts(llm: object, stt: object, language: object, *, allow_large: bool) -> tuple[RequestWarning, ...]:
    """Check one whole request; return what is worth saying.

    Raises AppError: BAD_REQUEST with one sentence that names the field, NEEDS_CONSENT, TOO_LARGE.
    """
    findings = Findings()
    _check_llm(as_object(llm, "llm"), findings)
    if stt is not None:
        fields(_STT)(stt, "stt", findings)
    if language is not None and (not isinstance(language, str) or language not in LANGUAGES):
        refuse("language", f"must be one of: {', '.join(LANGUAGES)}.")
    size = size_b(llm)
    if size > REFUSE_SIZE_B:
        limit = f"at most {REFUSE_SIZE_B} can be sent. Shorten the instructions or remove tools."
        raise AppError(Code.TOO_LARGE, message=f"The configuration (llm) is {size} bytes long, and {limit}")
    if size > CONSENT_SIZE_B and not allow_large:
        way = f"above {CONSENT_SIZE_B} it may be refused. Shorten it, or allow large ones to try anyway."
        raise AppError(Code.NEEDS_CONSENT, message=f"The configuration (llm) is {size} bytes long, and {way}")
    if size > WARN_SIZE_B:
        findings.warn("llm", f"is {size} bytes long. Above {CONSENT_SIZE_B} bytes the service may refuse it.")
    return findings.warnings


def _check_llm(llm: Mapping[str, object], findings: Findings) -> None:
    for name in llm:
        if name in MANAGED or name.startswith("webhook"):
            refuse(child("llm", name), "is managed by the voice assistant and cannot be set.")
    if llm.get("previous_response_id") is not None and llm.get("conversation") is not None:
        refuse("llm.previous_response_id", "and llm.conversation cannot be used together.")
    fields(_LLM, required=("model",))(llm, "llm", findings)


def size_b(llm: object) -> int:
    """Return the bytes of compact UTF-8 JSON; raises AppError(BAD_REQUEST) for what JSON cannot hold."""
    try:
        return len(json.dumps(llm, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())
    except (TypeError, ValueError, RecursionError):  # other types, NaN, half a surrogate pair, endless nesting
        raise AppError(Code.BAD_REQUEST, message="llm cannot be written as JSON.") from None
