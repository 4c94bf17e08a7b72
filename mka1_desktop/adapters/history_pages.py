"""What every history store shares: cursors, text that a file can hold, and the word for an unknown thread."""

from __future__ import annotations

import base64
import json

from mka1_desktop.domain.conversation import Thread
from mka1_desktop.domain.errors import AppError, Code

PAGE_LIMIT = 200  # threads of one page


def cursor_of(thread: Thread) -> str:
    """Return the place after `thread` in a listing, as text that says nothing to a person."""
    place = json.dumps([int(thread.pinned), thread.updated_at, thread.id])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[int, float, str]:
    """Read a cursor back; raises AppError(BAD_MESSAGE) for text that is none."""
    try:
        pinned, updated_at, thread_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return int(pinned), float(updated_at), clean(str(thread_id))
    except (ValueError, TypeError):
        raise AppError(Code.BAD_MESSAGE, message="This page of the history does not exist.") from None


def clean(text: str) -> str:
    """Replace lone surrogates, which JSON can carry and no file can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def unknown_thread() -> AppError:
    return AppError(Code.NOT_FOUND, message="There is no such conversation on this machine.")
