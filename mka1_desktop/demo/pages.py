"""Cutting a list into pages with cursors, as the lists of the API do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class HasId(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=HasId)


class CursorError(LookupError):
    """The id that a cursor names is not in the list."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    things: Sequence[T]
    has_more: bool  # in the direction of the cursor


def cut(
    things: Sequence[T], *, limit: int, newest_first: bool, after: str | None = None, before: str | None = None
) -> Page[T]:
    """Return one page of `things` (oldest first).

    Args:
        things: the whole list.
        limit: at most so many, at least 1.
        newest_first: turns the list round before the cursors are applied.
        after: id of the last thing of the page before; the page starts behind it.
        before: id of the first thing of the page behind; without `after`, the page ends in front of it.

    Raises:
        CursorError: a cursor names nothing in the list.
    """
    ordered = list(reversed(things)) if newest_first else list(things)
    start = 0 if after is None else _place(ordered, after) + 1
    end = len(ordered) if before is None else _place(ordered, before)
    if before is not None and after is None:
        return Page(ordered[max(0, end - limit) : end], has_more=end > limit)
    found = ordered[start:end]
    return Page(found[:limit], has_more=len(found) > limit)


def _place(ordered: Sequence[T], id_: str) -> int:
    for place, thing in enumerate(ordered):
        if thing.id == id_:
            return place
    raise CursorError(id_)
