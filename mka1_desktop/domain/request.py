"""The token request: built from flags, JSON objects and settings, and checked before it is sent."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

from mka1_desktop.domain.conversation import NOTHING, Continuation
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.request_checks import TOKEN_WARN_B, check_parts
from mka1_desktop.domain.request_rules import RequestWarning, as_object, refuse
from mka1_desktop.domain.request_tools import with_strict
from mka1_desktop.domain.settings import Settings

__all__ = [
    "RequestWarning",
    "SessionRequest",
    "build_request",
    "check_request",
    "clean_on_behalf_of",
    "split_continuation",
    "token_warning",
]

ON_BEHALF_OF_LIMIT = 150  # characters (API reference 1)
DEFAULTS = Settings({})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What a voice session is asked for; ready JSON. The words in it never show in a repr.

    X-On-Behalf-Of is not in here: it belongs to the client, like the key.
    """

    llm: Mapping[str, object] = field(repr=False)
    stt: Mapping[str, object] | None = None
    language: str | None = None

    @property
    def continues(self) -> bool:
        """Whether the service must find an earlier response or a conversation for it."""
        return self.llm.get("previous_response_id") is not None or self.llm.get("conversation") is not None


def build_request(
    *,
    model: str | None = None,
    instructions: str | None = None,
    language: str | None = None,
    reasoning_effort: str | None = None,
    max_tool_calls: int | None = None,
    silence_timeout_ms: int | None = None,
    initial_silence_timeout_ms: int | None = None,
    continuation: Continuation = NOTHING,
    llm_extra: Mapping[str, object] | None = None,
    stt_extra: Mapping[str, object] | None = None,
    metadata: Mapping[str, str] | None = None,
    allow_large: bool = False,
    settings: Settings = DEFAULTS,
) -> tuple[SessionRequest, tuple[RequestWarning, ...]]:
    """Build one checked request.

    For each field: the argument, else `llm_extra`/`stt_extra` (`--llm-json`, `--stt-json`), else `settings`.
    An empty text, or 0 ms, as an argument or a setting means "leave it to the service"; `language` is an argument or
    a setting only.
    `metadata` is added to that of `llm_extra`. `reasoning` is `{"effort": "none"}` unless something else was chosen,
    `max_tool_calls` is always there, functions get `strict`.

    Raises AppError: BAD_REQUEST (the message names the field), NEEDS_CONSENT, TOO_LARGE. Our own check has no
    `http_status`.
    """
    llm = _copied(llm_extra, "llm")
    _choose(llm, "model", model, settings.text("assistant.model"))
    _choose(llm, "instructions", instructions, settings.text("assistant.instructions"))
    if max_tool_calls is not None or "max_tool_calls" not in llm:
        llm["max_tool_calls"] = (
            settings.number("assistant.max_tool_calls") if max_tool_calls is None else max_tool_calls
        )
    _choose_reasoning(llm, reasoning_effort, settings.text("assistant.reasoning"))
    _continue(llm, continuation)
    if metadata:
        llm["metadata"] = {**as_object(llm.get("metadata") or {}, "llm.metadata"), **metadata}
    if "tools" in llm:
        llm["tools"] = with_strict(llm["tools"])
    stt = _copied(stt_extra, "stt")
    _choose(stt, "silence_timeout_ms", silence_timeout_ms, settings.number("assistant.silence_timeout_ms"))
    _choose(stt, "initial_silence_timeout_ms", initial_silence_timeout_ms, None)
    wanted = settings.text("assistant.language") if language is None else language
    request = SessionRequest(llm=llm, stt=stt or None, language=wanted or None)
    return request, check_request(request, allow_large=allow_large)


def check_request(request: SessionRequest, *, allow_large: bool = False) -> tuple[RequestWarning, ...]:
    """Check every field; return what is worth saying.

    Raises AppError: BAD_REQUEST, NEEDS_CONSENT (above 5,500 bytes without consent), TOO_LARGE (above 8,000).
    """
    return check_parts(request.llm, request.stt, request.language, allow_large=allow_large)


def split_continuation(llm_extra: Mapping[str, object]) -> tuple[dict[str, object], Continuation]:
    """Take the continuation out of an `llm` object, so that later rooms of the session can go on from elsewhere.

    Raises AppError(BAD_REQUEST) when there are both, or when one is no id.
    """
    rest = dict(llm_extra)
    response, conversation = rest.pop("previous_response_id", None), rest.pop("conversation", None)
    if response is not None and conversation is not None:
        refuse("llm.previous_response_id", "and llm.conversation cannot be used together.")
    if isinstance(conversation, Mapping):
        conversation = conversation.get("id", "")
    for name, value in (("previous_response_id", response), ("conversation", conversation)):
        if value is not None and (not isinstance(value, str) or not value):
            refuse(f"llm.{name}", "must be an id.")
    return rest, Continuation(
        response_id=response if isinstance(response, str) else None,
        conversation_id=conversation if isinstance(conversation, str) else None,
    )


def clean_on_behalf_of(raw: str | None) -> str | None:
    """Return the value of X-On-Behalf-Of, None for "nobody" (open question 57).

    Raises AppError(BAD_REQUEST): longer than 150 characters, not printable ASCII, or `*`.
    """
    value = (raw or "").strip()
    if not value:
        return None
    if len(value) > ON_BEHALF_OF_LIMIT or value == "*" or not all(" " <= c <= "~" for c in value):
        raise AppError(
            Code.BAD_REQUEST,
            message=f"On behalf of must be 1 to {ON_BEHALF_OF_LIMIT} plain ASCII characters, and not just *.",
        )
    return value


def token_warning(token: str) -> RequestWarning | None:
    """Return a warning for a room token that may not fit into a header (open question 6)."""
    size = len(token.encode())
    if size <= TOKEN_WARN_B:
        return None
    return RequestWarning(field="token", sentence=f"is {size} bytes long. The room may refuse it: shorten the request.")


def _copied(extra: Mapping[str, object] | None, field_name: str) -> dict[str, object]:
    try:
        return copy.deepcopy(dict(as_object({} if extra is None else extra, field_name)))
    except RecursionError:
        refuse(field_name, "is nested too deeply.")


def _choose(into: dict[str, object], name: str, argument: object, setting: object) -> None:
    """Put the argument in, else leave what is there, else the setting; empty means leave it out."""
    if argument is not None:
        into[name] = argument
    elif name not in into:
        into[name] = setting
    else:
        return
    if into[name] in (None, "", 0) and not isinstance(into[name], bool):
        del into[name]


def _choose_reasoning(llm: dict[str, object], argument: str | None, setting: str) -> None:
    given = llm.get("reasoning", {})
    if argument is None and not isinstance(given, Mapping):
        return  # null was chosen, or the check refuses it
    kept = given if isinstance(given, Mapping) else {}
    effort = argument or kept.get("effort", setting)
    llm["reasoning"] = {**kept, "effort": effort}


def _continue(llm: dict[str, object], continuation: Continuation) -> None:
    if continuation.conversation_id:
        llm["conversation"] = {"id": continuation.conversation_id}
    elif continuation.response_id:
        llm["previous_response_id"] = continuation.response_id
