"""Items as the service keeps them, read with tolerance (API reference 5). Anything may come, and nothing raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mka1_desktop.domain.service_values import read_id, read_word, sound

TEXT_LIMIT = 64_000  # characters of one item; more is cut
PARTS_LIMIT = 200  # parts of one item that are looked at
OTHERS_LIMIT = 20
ROWS_LIMIT = 1_000  # of one answer; the service sends at most 100

MESSAGE = "message"
UNKNOWN = "unknown"  # the type of an item that names none and is no message
_WORDY = frozenset({None, "text", "input_text", "output_text"})  # parts whose `text` was said or written


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceItem:
    """One item of a conversation, or of one response. The words never show in a repr, and so in no log.

    Types, roles and states are open sets: whatever the service calls them stands here, as a short line.
    """

    id: str | None  # None is possible among the input items of a response only
    type: str  # message, output_audio, function_call, … or `unknown`
    role: str | None = None  # user, assistant, system, developer; other kinds have none
    text: str = field(default="", repr=False)  # what a person would read; "" for tools and the like
    response_id: str | None = None  # the response that made it
    voice: bool = False  # it came from a voice session
    status: str | None = None  # in_progress, completed, incomplete
    others: tuple[str, ...] = ()  # names of parts without words: input_image, input_file, …


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """One page of a listing; `next` goes into `after` of the next call, None at the end."""

    items: tuple[ServiceItem, ...] = ()
    next: str | None = None


def read_item(value: object) -> ServiceItem | None:
    """Read one item; None for what cannot be one (a number, null).

    A bare text, or a bare list of parts, is a message of nobody known.
    """
    if isinstance(value, str | list):
        text, others = _words(value)
        return ServiceItem(id=None, type=MESSAGE, text=text, others=others)
    if not isinstance(value, dict):
        return None
    spoken = value.get("transcript")
    text, others = _words(spoken if isinstance(spoken, str) else value.get("content"))
    return ServiceItem(
        id=read_id(value.get("id")),
        type=read_word(value.get("type")) or (MESSAGE if "role" in value or "content" in value else UNKNOWN),
        role=read_word(value.get("role")),
        text=text,
        response_id=read_id(value.get("response_id")),
        voice=_is_voice(value.get("metadata")),
        status=read_word(value.get("status")),
        others=others,
    )


def read_items(rows: object) -> tuple[ServiceItem, ...]:
    """Read a list of items, each once; what is no item is left out, and what is no list has none."""
    found = (read_item(row) for row in (rows[:ROWS_LIMIT] if isinstance(rows, list) else ()))
    return distinct(item for item in found if item is not None)


def distinct(items: Iterable[ServiceItem]) -> tuple[ServiceItem, ...]:
    """Leave out what comes again: the same id, or the words of its neighbour where an id is missing.

    Pages shift while they are read (open question 36), and input items may repeat (42).
    """
    kept: list[ServiceItem] = []
    seen: set[str] = set()
    for item in items:
        if item.id is None or item.id not in seen:
            if not (kept and _echoes(item, kept[-1])):
                kept.append(item)
            if item.id is not None:
                seen.add(item.id)
    return tuple(kept)


def _echoes(item: ServiceItem, before: ServiceItem) -> bool:
    if (item.id is not None and before.id is not None) or not item.text:
        return False
    return (item.type, item.role, item.text) == (before.type, before.role, before.text)


def _is_voice(metadata: object) -> bool:
    return isinstance(metadata, dict) and metadata.get("voice_mode") in ("true", True)


def _words(content: object) -> tuple[str, tuple[str, ...]]:
    """Return what is written in `content`, and the names of its parts that hold no words."""
    if isinstance(content, str):
        return sound(content[:TEXT_LIMIT]), ()
    parts = content[:PARTS_LIMIT] if isinstance(content, list) else ()
    said: list[str] = []
    others: list[str] = []
    for part in parts:
        words = part if isinstance(part, str) else _part_words(part) if isinstance(part, dict) else None
        if words is not None:
            said.append(words[:TEXT_LIMIT])
        elif isinstance(part, dict) and len(others) < OTHERS_LIMIT:
            others.append(read_word(part.get("type")) or UNKNOWN)
    return sound("".join(said)[:TEXT_LIMIT]), tuple(others)


def _part_words(part: Mapping[str, object]) -> str | None:
    """Return the words of one part: text, a refusal, or the transcript of sound; None when it holds none.

    Other parts may have a `text` as well (thoughts, for one), and it is not for reading out.
    """
    kind = part.get("type")
    if not isinstance(kind, str | None):
        return None
    value = part.get("text") if kind in _WORDY else part.get("refusal" if kind == "refusal" else "transcript")
    return value if isinstance(value, str) else None
