"""Tools of a token request (API reference 2.4): which are fit for a spoken session, and what each must hold.

Required fields were read from the official SDK's types (meetkai-mka1 0.12.128): hosted tools may be named by `type`
alone, a function needs `name`, `parameters` and `strict`, an MCP server is named in one of three ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from mka1_desktop.domain.request_rules import (
    Findings,
    Rule,
    anything,
    as_object,
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

SECRET = "can be read by everybody in the voice room. Put no secret there."  # noqa: S105 - a sentence
NO_CLIENT_TOOLS = "is a function of your own. Nobody runs it in a voice session; the assistant may wait for it."
APPROVAL = 'should be "never": a voice session has no way to approve a call.'
NOT_AUDIBLE = "makes something that cannot be heard."

_NAME = text(least=1, most=200)
_LOCATION = fields(
    {
        "type": choice("approximate"),
        "country": or_null(text()),
        "city": or_null(text()),
        "region": or_null(text()),
        "timezone": or_null(text()),
    },
    required=("type",),
)
_SEARCH: dict[str, Rule] = {
    "type": anything,
    "search_context_size": choice("low", "medium", "high"),
    "user_location": or_null(_LOCATION),
}
_WEB_SEARCH = fields({**_SEARCH, "filters": or_null(fields({"allowed_domains": or_null(items(text(least=1)))}))})
_WEB_SEARCH_PREVIEW = fields(_SEARCH)
_FUNCTION = fields(
    {
        "type": anything,
        "name": _NAME,
        "parameters": mapping(anything),
        "strict": yes_or_no,
        "description": text(),
        "defer_loading": yes_or_no,
    },
    required=("name", "parameters", "strict"),
)
_FILE_SEARCH = fields(
    {
        "type": anything,
        "vector_store_ids": items(_NAME, least=1),
        "max_num_results": whole(1),
        "ranking_options": fields({"ranker": text(), "score_threshold": number(0, 1)}),
        "filters": mapping(anything),
    },
    required=("vector_store_ids",),
)
_TOOL_FILTER = fields({"read_only": yes_or_no, "tool_names": items(text(least=1))})
_MCP = fields(
    {
        "type": anything,
        "server_label": _NAME,
        "server_url": text(least=1, most=2000),
        "mcp_server_id": _NAME,
        "mcp_credential_id": _NAME,
        "connector_id": _NAME,
        "server_description": text(),
        "allowed_tools": anything,
        "headers": warned(mapping(text()), SECRET),
        "authorization": warned(text(), SECRET),
        "require_approval": anything,
    }
)
_CONTAINER = fields(
    {
        "type": choice("auto"),
        "memory_limit": or_null(choice("512m", "1g", "2g")),
        "file_ids": or_null(items(_NAME)),
        "session_scope": text(),
    },
    required=("type",),
)
_CUSTOM = fields(
    {"type": anything, "name": _NAME, "description": text(), "format": mapping(anything)}, required=("name",)
)
_BARE = fields({"type": anything})
_OPEN = mapping(anything)


def _code_interpreter(value: object, field: str, findings: Findings) -> None:
    def container(inner: object, path: str, found: Findings) -> None:
        (_NAME if isinstance(inner, str) else _CONTAINER)(inner, path, found)

    fields({"type": anything, "container": container})(value, field, findings)


def _mcp(value: object, field: str, findings: Findings) -> None:
    _MCP(value, field, findings)
    tool = as_object(value, field)
    if not any(tool.get(name) for name in ("server_url", "mcp_server_id", "connector_id")):
        refuse(field, "needs server_url, mcp_server_id or connector_id.")
    allowed = tool.get("allowed_tools")
    if allowed is not None:
        rule = items(text(least=1)) if isinstance(allowed, list | tuple) else _TOOL_FILTER
        rule(allowed, f"{field}.allowed_tools", findings)
    if tool.get("require_approval") != "never":  # missing means always (API reference 2.4)
        findings.warn(f"{field}.require_approval", APPROVAL)


_BY_TYPE: Mapping[str, Rule] = {
    "function": warned(_FUNCTION, NO_CLIENT_TOOLS),
    "web_search": _WEB_SEARCH,
    "web_search_2025_08_26": _WEB_SEARCH,
    "web_search_preview": _WEB_SEARCH_PREVIEW,
    "web_search_preview_2025_03_11": _WEB_SEARCH_PREVIEW,
    "file_search": _FILE_SEARCH,
    "mcp": _mcp,
    "code_interpreter": _code_interpreter,
    "image_generation": warned(_OPEN, NOT_AUDIBLE),
    "shell": _OPEN,
    "local_shell": _BARE,
    "history": _BARE,
    "sleep": _BARE,
    "custom": warned(_CUSTOM, NO_CLIENT_TOOLS),
}
_REFUSED: Mapping[str, str] = {
    "computer_use_preview": "is computer_use_preview, which the service does not support.",
    "agent": "is an agent tool, which works in background responses only, not by voice.",
}


def _kind(value: object, field: str) -> str:
    kind = as_object(value, field).get("type")
    if not isinstance(kind, str) or not kind:
        refuse(f"{field}.type", "is missing.")
    return kind


def tool(value: object, field: str, findings: Findings) -> None:
    """Rule of one entry of `llm.tools`. A type that is not known here is sent with a warning."""
    kind = _kind(value, field)
    if (sentence := _REFUSED.get(kind)) is not None:
        refuse(field, sentence)
    if (rule := _BY_TYPE.get(kind)) is not None:
        rule(value, field, findings)
    else:
        findings.warn(f"{field}.type", "is not known here. It is sent as it is.")


_ALLOWED_TOOL = fields(
    {"type": text(least=1), "name": text(least=1), "server_label": text(least=1)}, required=("type",)
)
_CHOICES: Mapping[str, Rule] = {
    "function": fields({"type": anything, "name": _NAME}, required=("name",)),
    "custom": fields({"type": anything, "name": _NAME}, required=("name",)),
    "mcp": fields({"type": anything, "server_label": _NAME, "name": or_null(_NAME)}, required=("server_label",)),
    "allowed_tools": fields(
        {"type": anything, "mode": choice("auto", "required"), "tools": items(_ALLOWED_TOOL)},
        required=("mode", "tools"),
    ),
}


def tool_choice(value: object, field: str, findings: Findings) -> None:
    """Rule of `llm.tool_choice`: a word, or an object that names one tool or several."""
    if isinstance(value, str):
        choice("none", "auto", "required")(value, field, findings)
        return
    kind = _kind(value, field)
    if kind in _REFUSED:
        refuse(field, "names a tool that cannot be used by voice.")
    if (rule := _CHOICES.get(kind)) is not None:
        rule(value, field, findings)
    elif kind in _BY_TYPE:
        _BARE(value, field, findings)
    else:
        findings.warn(f"{field}.type", "is not known here. It is sent as it is.")


def with_strict(tools: object) -> object:
    """Return the tools with `strict: false` added to functions that do not say (the field is required, 10 no. 7).

    false, because true would refuse schemas that were not written for it.
    """
    if not isinstance(tools, list | tuple):
        return tools
    return [
        {**cast("Mapping[str, object]", each), "strict": False}
        if isinstance(each, Mapping) and each.get("type") == "function" and "strict" not in each
        else each
        for each in tools
    ]
