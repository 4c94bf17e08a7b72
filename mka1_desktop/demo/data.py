"""The demo service's memory: conversations, their items, and responses. Nothing reaches a disk.

Everything runs on the service's event loop; nothing here blocks or locks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from mka1_desktop.demo.records import (
    Conversation,
    FinalStatus,
    Item,
    Owner,
    Response,
    Turn,
    assistant_message,
    new_id,
    user_message,
)

__all__ = ["Data", "FullError", "MissingError", "Owner", "Turn"]

MAX_CONVERSATIONS = 1_000  # of all owners together; the one untouched for longest goes first
MAX_RESPONSES = 5_000  # the oldest goes first
MAX_ITEMS = 5_000  # in one conversation
MAX_TEXT = 64_000  # characters kept of one message
MAX_CHAIN = 200  # turns that history() follows back


class MissingError(LookupError):
    """There is no such thing for this owner. Whether somebody else has it stays unsaid."""


class FullError(Exception):
    """A conversation holds as many items as this service keeps."""


class Data:
    """Store of one service process. Ownership is the pair (key, on_behalf_of)."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now  # Unix seconds
        self._updates = 0
        self._conversations: dict[str, Conversation] = {}
        self._responses: dict[str, Response] = {}

    # -- for the voice session -------------------------------------------------------------------

    def check_continuation(
        self, owner: Owner, *, previous_response_id: str | None, conversation_id: str | None
    ) -> str | None:
        """Return None when the owner may continue there, else the reason as a sentence."""
        if previous_response_id is not None and conversation_id is not None:
            return "previous_response_id and conversation cannot be used together."
        if previous_response_id is not None and not self._owns(self._responses, owner, previous_response_id):
            return "The previous response was not found."
        if conversation_id is not None and not self._owns(self._conversations, owner, conversation_id):
            return "The conversation was not found."
        return None

    def start_response(
        self,
        owner: Owner,
        *,
        model: str,
        text: str,
        previous_response_id: str | None,
        conversation_id: str | None,
        metadata: Mapping[str, str],
    ) -> str:
        """Store the user's message and an unfinished response; return the response's id.

        Called when generation starts. A conversation that was deleted meanwhile only loses the item.
        `voice_mode` is added to the metadata: only voice sessions make responses in this service.
        """
        response_id = new_id("resp")
        marks = {**metadata, "voice_mode": "true"}
        question = Item(id=new_id("msg"), body=user_message(text[:MAX_TEXT]), response_id=response_id, metadata=marks)
        self._responses[response_id] = Response(
            id=response_id,
            owner=owner,
            model=model,
            created_at=self._now(),
            previous_response_id=previous_response_id,
            conversation_id=conversation_id,
            metadata=marks,
            question=question,
        )
        _drop_oldest(self._responses, MAX_RESPONSES)
        self._append(owner, conversation_id, question)
        return response_id

    def finish_response(self, response_id: str, *, text: str, status: FinalStatus) -> None:
        """Store what was said. Idempotent; a response that was deleted meanwhile is left alone.

        Args:
            response_id: from start_response.
            text: what the assistant said, cut to what was spoken when it was interrupted.
            status: "incomplete" when interrupted. An empty text makes no item.
        """
        response = self._responses.get(response_id)
        if response is None or response.status != "in_progress":
            return
        response.status = status
        response.completed_at = self._now()
        if text:
            body = assistant_message(text[:MAX_TEXT], complete=status == "completed")
            response.answer = Item(
                id=new_id("msg"), body=body, response_id=response_id, metadata=dict(response.metadata)
            )
            self._append(response.owner, response.conversation_id, response.answer)

    def history(self, owner: Owner, *, previous_response_id: str | None, conversation_id: str | None) -> list[Turn]:
        """Return what was said before, oldest first: of the conversation, else of the chain."""
        if conversation_id is not None:
            if not self._owns(self._conversations, owner, conversation_id):
                return []
            items: list[Item] = list(self._conversations[conversation_id].items.values())
        else:
            items = self._chain(owner, previous_response_id)
        return [turn for turn in map(_turn, items) if turn is not None]

    # -- for the HTTP API: conversations ---------------------------------------------------------

    def create_conversation(
        self, owner: Owner, *, metadata: Mapping[str, str] | None, items: Sequence[Mapping[str, object]]
    ) -> Conversation:
        """Make a conversation; `items` are message bodies without ids."""
        made = Conversation(
            id=new_id("conv"),
            owner=owner,
            created_at=self._now(),
            updated=self._tick(),
            metadata=None if metadata is None else dict(metadata),
        )
        self._conversations[made.id] = made
        _drop_oldest(self._conversations, MAX_CONVERSATIONS)
        self.add_items(made, items)
        return made

    def conversation(self, owner: Owner, conversation_id: str) -> Conversation:
        """Raise MissingError when it is unknown, deleted or somebody else's."""
        if not self._owns(self._conversations, owner, conversation_id):
            raise MissingError("The conversation was not found.")
        return self._conversations[conversation_id]

    def conversations(self, owner: Owner) -> list[Conversation]:
        """All of this owner's, the one updated longest ago first."""
        mine = [c for c in self._conversations.values() if c.owner == owner]
        return sorted(mine, key=lambda c: c.updated)

    def update_conversation(
        self, owner: Owner, conversation_id: str, metadata: Mapping[str, str] | None
    ) -> Conversation:
        """Replace the metadata (the reference leaves open whether the service merges)."""
        found = self.conversation(owner, conversation_id)
        found.metadata = None if metadata is None else dict(metadata)
        self._touch(found)
        return found

    def delete_conversation(self, owner: Owner, conversation_id: str) -> None:
        """Its responses stay, as in the service."""
        self._conversations.pop(self.conversation(owner, conversation_id).id)

    def add_items(self, conversation: Conversation, bodies: Sequence[Mapping[str, object]]) -> list[Item]:
        """Append all or nothing; raises FullError."""
        if len(conversation.items) + len(bodies) > MAX_ITEMS:
            raise FullError(f"A conversation holds at most {MAX_ITEMS} items here.")
        added = [Item(id=new_id(_prefix(body)), body=body) for body in bodies]
        conversation.items.update((item.id, item) for item in added)
        if added:
            self._touch(conversation)
        return added

    def delete_items(self, conversation: Conversation, item_ids: Sequence[str]) -> None:
        """Delete all or nothing; raises MissingError when one is not there."""
        if any(item_id not in conversation.items for item_id in item_ids):
            raise MissingError("The item was not found in this conversation.")
        for item_id in item_ids:
            conversation.items.pop(item_id, None)  # the same id may be named twice
        self._touch(conversation)

    # -- for the HTTP API: responses -------------------------------------------------------------

    def response(self, owner: Owner, response_id: str) -> Response:
        """Raise MissingError when it is unknown, deleted or somebody else's."""
        if not self._owns(self._responses, owner, response_id):
            raise MissingError("The response was not found.")
        return self._responses[response_id]

    def responses(self, owner: Owner) -> list[Response]:
        """All of this owner's, oldest first."""
        return [r for r in self._responses.values() if r.owner == owner]

    def update_response(self, owner: Owner, response_id: str, metadata: Mapping[str, str]) -> Response:
        found = self.response(owner, response_id)
        found.metadata = dict(metadata)
        return found

    def delete_response(self, owner: Owner, response_id: str) -> None:
        """Permanent; items of a conversation stay where they are."""
        self._responses.pop(self.response(owner, response_id).id)

    # -- within ----------------------------------------------------------------------------------

    @staticmethod
    def _owns(things: Mapping[str, Conversation] | Mapping[str, Response], owner: Owner, id_: str) -> bool:
        thing = things.get(id_)
        return thing is not None and thing.owner == owner

    def _chain(self, owner: Owner, response_id: str | None) -> list[Item]:
        items: list[Item] = []
        for _ in range(MAX_CHAIN):
            if response_id is None or not self._owns(self._responses, owner, response_id):
                break
            response = self._responses[response_id]
            items[:0] = [i for i in (response.question, response.answer) if i is not None]
            response_id = response.previous_response_id
        return items

    def _append(self, owner: Owner, conversation_id: str | None, item: Item) -> None:
        conversation = self._conversations.get(conversation_id or "")
        if conversation is None or conversation.owner != owner or len(conversation.items) >= MAX_ITEMS:
            return
        conversation.items[item.id] = item
        self._touch(conversation)

    def _touch(self, conversation: Conversation) -> None:
        """Make it the newest, in the order of listing and in the order of dropping."""
        conversation.updated = self._tick()
        if self._conversations.pop(conversation.id, None) is not None:
            self._conversations[conversation.id] = conversation

    def _tick(self) -> int:
        self._updates += 1
        return self._updates


def _prefix(body: Mapping[str, object]) -> str:
    return "msg" if body.get("type", "message") == "message" else "item"


def _turn(item: Item) -> Turn | None:
    match item.body.get("role"):
        case ("user" | "assistant") as role if item.text:
            return Turn(role=role, text=item.text, response_id=item.response_id)
        case _:
            return None


def _drop_oldest(things: dict[str, Conversation] | dict[str, Response], limit: int) -> None:
    while len(things) > limit:
        things.pop(next(iter(things)))
