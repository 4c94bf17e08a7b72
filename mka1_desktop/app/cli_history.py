"""`history list|search|show`: what this machine has kept."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping

from mka1_desktop.app.command_context import CommandContext, iso
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.domain.conversation import Item, Thread, ThreadPage
from mka1_desktop.domain.errors import AppError
from mka1_desktop.ports.store import HistoryPort

NAMES: Mapping[str, str] = {"user": "You", "assistant": "Assistant", "notice": "Notice"}
NOT_FINAL: Mapping[str, str] = {
    "waiting": "not sent yet",
    "interrupted": "interrupted",
    "failed": "failed",
    "unsure": "perhaps not sent",
}


async def run_history(args: argparse.Namespace, ctx: CommandContext, *, history: HistoryPort) -> int:
    """Run one verb; the caller closes the history."""
    try:
        if args.verb == "show":
            thread = await history.thread(args.id)
            return _show(ctx, thread, await history.items(args.id))
        if args.verb == "search":
            return _list(ctx, await history.search(args.query, limit=args.limit, cursor=args.cursor))
        return _list(ctx, await history.threads(limit=args.limit, cursor=args.cursor))
    except AppError as e:
        return ctx.fail(e)


def thread_json(thread: Thread) -> dict[str, object]:
    """Return a thread as lists, `show` and exports have it."""
    return {
        "id": thread.id,
        "title": thread.title,
        "mode": thread.mode,
        "created_at": iso(thread.created_at),
        "updated_at": iso(thread.updated_at),
        "turns": thread.turns,
        "pinned": thread.pinned,
        "conversation_id": thread.conversation_id,
        "response_id": thread.response_id,
        "snippet": thread.snippet,
        "demo": thread.identity is not None and thread.identity.demo,
    }


def item_json(item: Item) -> dict[str, object]:
    """Return an item as `show` and exports have it."""
    return {
        "index": item.index,
        "role": item.role,
        "source": item.source,
        "text": item.text,
        "heard_text": item.heard_text,
        "state": item.state,
        "at": iso(item.at),
        "response_id": item.response_id,
    }


def _list(ctx: CommandContext, page: ThreadPage) -> int:
    if ctx.json:
        ctx.data({"threads": [thread_json(thread) for thread in page.threads], "next": page.next})
        return int(Exit.DONE)
    if not page.threads:
        return ctx.say("There is no conversation here.")
    for thread in page.threads:
        pin = "*" if thread.pinned else " "
        ctx.line(f"{thread.id}  {_local(thread.updated_at)} {pin} {thread.title}")
        if thread.snippet and thread.snippet != thread.title:
            ctx.line(f"    {thread.snippet}")
    if page.next:
        return ctx.say(f"There are more: add --cursor {page.next}")
    return int(Exit.DONE)


def _show(ctx: CommandContext, thread: Thread, items: tuple[Item, ...]) -> int:
    if ctx.json:
        ctx.data({**thread_json(thread), "items": [item_json(item) for item in items]})
        return int(Exit.DONE)
    ctx.line(thread.title)
    ctx.line(f"{_local(thread.created_at)}, {thread.turns} turns")
    for item in items:
        state = f" [{NOT_FINAL[item.state]}]" if item.state in NOT_FINAL else ""
        ctx.line("")
        first, *others = item.text.splitlines() or [""]
        ctx.line(f"{NAMES[item.role]}: {first}{state}")
        for other in others:
            ctx.line(f"    {other}")
        if item.heard_text is not None and item.heard_text != item.text:
            ctx.line(f"    (heard until: {item.heard_text[-60:]})")
    return int(Exit.DONE)


def _local(at: float) -> str:
    """Return local time, as people read it."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
    except (ValueError, OverflowError, OSError):
        return "unknown time    "
