"""One stored response of the service, read with tolerance (API reference 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mka1_desktop.domain.errors import MESSAGE_LIMIT, Code, Trouble
from mka1_desktop.domain.service_items import MESSAGE, TEXT_LIMIT, ServiceItem, read_items
from mka1_desktop.domain.service_values import read_id, read_word, sound, unix_seconds

FINAL = frozenset({"completed", "incomplete", "failed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceResponse:
    """One answer of the assistant and what it goes on from. At most one of the two links is set, as a rule."""

    id: str
    status: str | None = None  # queued, in_progress, completed, incomplete, failed, cancelled; an open set
    previous_response_id: str | None = None
    conversation_id: str | None = None
    items: tuple[ServiceItem, ...] = ()  # what the assistant made; what it was told are the input items
    created_at: float | None = None  # Unix seconds
    error: Trouble | None = None  # why it failed

    @property
    def final(self) -> bool:
        """Whether nothing of it changes any more, so that it may be kept instead of asked for again."""
        return self.status in FINAL


def read_response(value: object, *, clean: Callable[[str], str] = str) -> ServiceResponse | None:
    """Read one response; None without an id. `clean` masks secrets in what the service says about a failure."""
    if not isinstance(value, dict) or (response_id := read_id(value.get("id"))) is None:
        return None
    within = value.get("conversation")
    return ServiceResponse(
        id=response_id,
        status=read_word(value.get("status")),
        previous_response_id=read_id(value.get("previous_response_id")),
        conversation_id=read_id(within.get("id") if isinstance(within, dict) else within),
        items=read_items(value.get("output")) or _said(value.get("output_text")),
        created_at=unix_seconds(value.get("created_at")),
        error=_trouble(value.get("error"), clean),
    )


def _said(text: object) -> tuple[ServiceItem, ...]:
    if not isinstance(text, str) or not text:
        return ()
    return (ServiceItem(id=None, type=MESSAGE, role="assistant", text=sound(text[:TEXT_LIMIT])),)


def _trouble(value: object, clean: Callable[[str], str]) -> Trouble | None:
    """Read shape (g) of the reference (8.1); a bare text is taken too."""
    if isinstance(value, str):
        value = {"message": value}
    if not isinstance(value, dict):
        return None
    message, code = value.get("message"), value.get("code")
    return Trouble(
        Code.UNKNOWN,
        service="llm",
        message=read_word(clean(message), MESSAGE_LIMIT) if isinstance(message, str) else None,
        raw_code=read_word(clean(code)) if isinstance(code, str) else None,
    )
