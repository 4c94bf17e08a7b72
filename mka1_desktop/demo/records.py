"""What the demo service stores: who owns it, what was said, and how it looks on the wire.

Shapes: mka1-api.md sections 4.3, 5 and 7.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["user", "assistant"]
Status = Literal["in_progress", "completed", "incomplete", "failed"]
FinalStatus = Literal["completed", "incomplete", "failed"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Key and end user together own things; another key or another user sees nothing of them."""

    key: str = field(repr=False)  # an exception text or a log line must never show it
    on_behalf_of: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of an earlier exchange, as the assistant remembers it."""

    role: Role
    text: str
    response_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a conversation or a response; `body` holds the fields that the client may send."""

    id: str
    body: Mapping[str, object]
    response_id: str | None = None
    metadata: Mapping[str, str] | None = None

    def to_json(self) -> dict[str, object]:
        return {
            **self.body,
            "id": self.id,
            "response_id": self.response_id,
            "metadata": None if self.metadata is None else dict(self.metadata),
        }

    @property
    def text(self) -> str:
        """The words of a message, by the reading rule of section 5; empty for other item kinds."""
        return text_of(self.body.get("content"))


@dataclass(slots=True, kw_only=True)
class Conversation:
    id: str
    owner: Owner
    created_at: float  # Unix seconds
    metadata: dict[str, str] | None
    items: dict[str, Item] = field(default_factory=dict)  # in the order of arrival

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "object": "conversation",
            "created_at": self.created_at,
            "deleted_at": None,
            "metadata": self.metadata,
        }


@dataclass(slots=True, kw_only=True)
class Response:
    id: str
    owner: Owner
    model: str
    created_at: float  # Unix seconds
    previous_response_id: str | None
    conversation_id: str | None
    metadata: dict[str, str]
    question: Item
    answer: Item | None = None
    status: Status = "in_progress"
    completed_at: float | None = None

    def to_json(self) -> dict[str, object]:
        answer = "" if self.answer is None else self.answer.text
        conversation = None if self.conversation_id is None else {"id": self.conversation_id}
        return {
            "id": self.id,
            "object": "response",
            "status": self.status,
            "created_at": self.created_at,
            "completed_at": self.completed_at,
            "error": self._error(),
            "incomplete_details": {"reason": "interrupted"} if self.status == "incomplete" else None,
            "model": self.model,
            "resolved_model": "demo:assistant",
            "previous_response_id": self.previous_response_id,
            "conversation": conversation,
            "output": [] if self.answer is None else [self.answer.to_json()],
            "output_text": answer,
            "metadata": self.metadata,
            "usage": _usage(self.question.text, answer),
            "store": True,
            "instructions": None,
            "tools": [],
        }

    def _error(self) -> dict[str, object] | None:
        if self.status != "failed":
            return None
        return {"code": "server_error", "message": "The answer could not be made."}


def new_id(prefix: str) -> str:
    """Return an id in the documented form, such as `resp_3f…`; it cannot be guessed."""
    return f"{prefix}_{secrets.token_hex(12)}"


def user_message(text: str) -> dict[str, object]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def assistant_message(text: str, *, complete: bool) -> dict[str, object]:
    return {
        "type": "message",
        "role": "assistant",
        "status": "completed" if complete else "incomplete",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }


def text_of(content: object) -> str:
    """Join the readable parts of `message.content`: a string, or a list of parts or strings."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(_part_text(part) for part in content)


def _part_text(part: object) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    text = part.get("refusal" if part.get("type") == "refusal" else "text")
    return text if isinstance(text, str) else ""


def _usage(question: str, answer: str) -> dict[str, object]:
    """Count words as tokens: the demo runs no language model, but receipts need numbers that add up."""
    asked, said = len(question.split()), len(answer.split())
    return {"input_tokens": asked, "output_tokens": said, "total_tokens": asked + said}
