"""A new thread that goes on from an earlier answer of another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mka1_desktop.domain.conversation import Item, Thread, branch_title
from mka1_desktop.domain.errors import AppError, Code


def branch(
    thread: Thread, items: Sequence[Item], key: str, *, thread_id: str, now: float
) -> tuple[Thread, tuple[Item, ...]]:
    """Return the new thread, always a chain, and a copy of the turns up to the answer with this key.

    What waited to be sent in the copied turns is not sent again: it reads as not answered. `now` is in Unix seconds.

    Raises AppError(NOT_FOUND) when there is no such answer, or nobody can go on from it.
    """
    place = next((at for at, item in enumerate(items) if item.key == key), None)
    if place is None or items[place].role != "assistant" or items[place].response_id is None:
        raise AppError(Code.NOT_FOUND, message="The assistant cannot go on from here.")
    copied = tuple(_copy(item) for item in items[: place + 1])
    answer = copied[-1].response_id
    before = [item.response_id for item in copied if item.response_id not in (None, answer)]
    made = Thread(
        id=thread_id,
        title=branch_title(thread.title),
        mode="private" if thread.mode == "private" else "chain",
        created_at=now,
        updated_at=now,
        identity=thread.identity,
        response_id=answer,
        earlier_response_id=before[-1] if before else None,
        note=f"It branches from an earlier answer of “{thread.title}”. So this is a chain of answers.",
        parent=thread.id,
    )
    return made, copied


def _copy(item: Item) -> Item:
    state = "failed" if item.state in ("waiting", "sent", "unsure") else item.state
    return replace(item, index=-1, state=state)
