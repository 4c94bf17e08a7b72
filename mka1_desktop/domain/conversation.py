"""Threads and their items, as this machine keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from mka1_desktop.domain.errors import Code, Trouble

Role: TypeAlias = Literal["user", "assistant", "notice"]
Source: TypeAlias = Literal["voice", "text"]
Mode: TypeAlias = Literal["chain", "conversation", "private"]
# waiting: not yet handed over. sent: handed over. final: complete. interrupted: cut, see heard_text.
# failed: not answered or not sent. unsure: nobody can tell whether it arrived.
ItemState: TypeAlias = Literal["waiting", "sent", "final", "interrupted", "failed", "unsure"]

TITLE_LIMIT = 80
UNTITLED = "New conversation"  # until the first words
SET_TO_CHAINS = "New threads are chains of answers, as the settings say."


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """What a new session goes on from: a conversation, else a response, else nothing. Never both."""

    conversation_id: str | None = None
    response_id: str | None = None

    def __post_init__(self) -> None:
        if self.conversation_id and self.response_id:
            raise ValueError("a session continues a conversation or a response, never both")

    def __bool__(self) -> bool:
        return bool(self.conversation_id or self.response_id)


NOTHING = Continuation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a fresh thread begins with: an empty conversation of the service, or nothing, and why nothing.

    `refused` is None where no conversation was wanted.
    """

    continuation: Continuation = NOTHING
    refused: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a thread belongs to. The service shows it to nobody else (API reference 1)."""

    origin: str  # scheme, host, port and path of the base URL
    fingerprint: str  # 8 hex of a salted hash of the key
    on_behalf_of: str | None = None
    demo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One turn of one side. `key` is unique in its thread: an item with the same key replaces the earlier one."""

    key: str
    role: Role
    source: Source
    text: str
    state: ItemState
    at: float  # Unix seconds
    heard_text: str | None = None  # what was played before an interruption; None: all of it
    response_id: str | None = None
    index: int = -1  # place in the thread, given by the store
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A conversation of the person; `id` is ours and never changes."""

    id: str
    title: str
    mode: Mode
    created_at: float
    updated_at: float
    identity: Identity | None = None
    conversation_id: str | None = None
    response_id: str | None = None
    earlier_response_id: str | None = None  # the one before, in case the newest is refused
    pinned: bool = False
    turns: int = 0
    draft: str = ""
    note: str | None = None  # why it is a chain, in one sentence for people
    parent: str | None = None  # id of the thread that it branches from
    snippet: str | None = None  # in search results only

    @property
    def continuation(self) -> Continuation:
        if self.conversation_id:
            return Continuation(conversation_id=self.conversation_id)
        return Continuation(response_id=self.response_id)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of a listing; `next` is an opaque cursor, None at the end."""

    threads: tuple[Thread, ...] = field(default=())
    next: str | None = None


def why_chain(refused: Trouble | None) -> str:
    """Return one sentence for people: why a new thread is a chain of answers and no conversation."""
    match refused:
        case None:
            return SET_TO_CHAINS
        case Trouble(code=Code.NOT_AVAILABLE | Code.NOT_FOUND):
            reason = "this service has none"
        case Trouble(code=Code.NOT_ALLOWED):
            reason = "this key may not make one"
        case Trouble(code=Code.TIMED_OUT):
            reason = "making one took too long"
        case Trouble(http_status=int(status)):
            reason = f"the service could not make one (HTTP {status})"
        case _:
            reason = "the service could not make one"
    return f"No conversation could be used: {reason}. So this is a chain of answers."


def branch_title(title: str) -> str:
    """Return the title of a thread that branches from the one of this title."""
    return f"{title} (branch)"


def title_from(text: str) -> str:
    """Make a title from the first thing said: one line, at most 80 characters, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= TITLE_LIMIT:
        return line
    cut = line[:TITLE_LIMIT]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > TITLE_LIMIT // 2 else cut) + "…"
