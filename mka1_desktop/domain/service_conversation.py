"""A conversation as the service keeps it (API reference 4.3), and what its metadata may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.service_values import read_id, sound, unix_seconds

PAIRS_LIMIT, NAME_LIMIT, VALUE_LIMIT = 16, 64, 512  # pairs; characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConversation:
    """One conversation. It has no title of its own: `metadata["title"]` is one. Metadata never shows in a repr."""

    id: str
    created_at: float | None = None  # Unix seconds
    deleted: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_conversation(value: object) -> ServiceConversation | None:
    """Read one conversation; None without an id. Pairs of the metadata that are no texts are left out."""
    if not isinstance(value, dict) or (conversation_id := read_id(value.get("id"))) is None:
        return None
    pairs = value.get("metadata")
    return ServiceConversation(
        id=conversation_id,
        created_at=unix_seconds(value.get("created_at")),
        deleted=value.get("deleted_at") is not None or value.get("deleted") is True,
        metadata=_texts(pairs if isinstance(pairs, dict) else {}),
    )


def _texts(pairs: Mapping[object, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs.items():
        if isinstance(name, str) and isinstance(value, str) and len(found) < PAIRS_LIMIT:
            found[sound(name[:NAME_LIMIT])] = sound(value[:VALUE_LIMIT])
    return found


def changed_metadata(found: object, changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the whole map to send after a change: an update may replace what it does not name (open question 34).

    Args:
        found: `metadata` as it came from the service.
        changes: new values; None takes a pair away.

    Raises AppError: BAD_ANSWER when something was found that cannot be sent back as it was, BAD_REQUEST when the
    result is over the limits.
    """
    pairs = {} if found is None else found
    if not isinstance(pairs, dict) or not all(isinstance(text, str) for text in (*pairs, *pairs.values())):
        raise AppError(Code.BAD_ANSWER, message="The details of this conversation cannot be read, so none is changed.")
    merged: dict[str, str | None] = {**pairs, **changes}
    return checked_metadata({name: value for name, value in merged.items() if value is not None})


def checked_metadata(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return metadata as it is sent; raises AppError(BAD_REQUEST) over 16 pairs of 64 and 512 characters."""
    checked = {sound(name): sound(value) for name, value in pairs.items()}
    if len(checked) > PAIRS_LIMIT:
        raise AppError(Code.BAD_REQUEST, message=f"metadata takes at most {PAIRS_LIMIT} pairs.")
    if any(not 0 < len(name) <= NAME_LIMIT or len(value) > VALUE_LIMIT for name, value in checked.items()):
        raise AppError(
            Code.BAD_REQUEST,
            message=f"metadata takes names of 1 to {NAME_LIMIT} and values of up to {VALUE_LIMIT} characters.",
        )
    return checked
