"""The demo service's memory, as a voice session uses it. Nothing reaches a disk.

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
from mka1_desktop.demo.store_conversations import ConversationStore
from mka1_desktop.demo.store_responses import ResponseStore

__all__ = ["Data", "Owner", "Turn"]

MAX_TEXT = 64_000  # characters kept of one message


class Data:
    """Conversations and responses of one service process. Ownership is the pair (key, on_behalf_of)."""

    def __init__(
        self,
        now: Callable[[], float] = time.time,
        *,
        conversations: ConversationStore | None = None,
        responses: ResponseStore | None = None,
    ) -> None:
        self._now = now  # Unix seconds
        self.conversations = conversations or ConversationStore(now)
        self.responses = responses or ResponseStore()

    def response(self, owner: Owner, response_id: str) -> Response:
        """Raise MissingError when it is unknown, deleted or somebody else's."""
        return self.responses.get(owner, response_id)

    def conversation(self, owner: Owner, conversation_id: str) -> Conversation:
        """Raise MissingError when it is unknown, deleted or somebody else's."""
        return self.conversations.get(owner, conversation_id)

    def create_conversation(
        self, owner: Owner, *, metadata: Mapping[str, str] | None, items: Sequence[Mapping[str, object]]
    ) -> Conversation:
        """Make a conversation; `items` are bodies without ids. Raises FullError."""
        return self.conversations.create(owner, metadata=metadata, items=items)

    def check_continuation(
        self, owner: Owner, *, previous_response_id: str | None, conversation_id: str | None
    ) -> str | None:
        """Return None when the owner may continue there, else the reason as a sentence."""
        if previous_response_id is not None and conversation_id is not None:
            return "previous_response_id and conversation cannot be used together."
        if previous_response_id is not None and not self.responses.owns(owner, previous_response_id):
            return "The previous response was not found."
        if conversation_id is not None and not self.conversations.owns(owner, conversation_id):
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
        self.responses.add(
            Response(
                id=response_id,
                owner=owner,
                model=model,
                created_at=self._now(),
                previous_response_id=previous_response_id,
                conversation_id=conversation_id,
                metadata=marks,
                question=question,
            )
        )
        if conversation_id is not None:
            self.conversations.append(owner, conversation_id, question)
        return response_id

    def finish_response(self, response_id: str, *, text: str, status: FinalStatus) -> None:
        """Store what was said. Idempotent; a response that was deleted meanwhile is left alone.

        Args:
            response_id: from start_response.
            text: what the assistant said, cut to what was spoken when it was interrupted.
            status: "incomplete" when interrupted. An empty text makes no item.
        """
        response = self.responses.find(response_id)
        if response is None or response.status != "in_progress":
            return
        response.status = status
        response.completed_at = self._now()
        if not text:
            return
        body = assistant_message(text[:MAX_TEXT], complete=status == "completed")
        response.answer = Item(id=new_id("msg"), body=body, response_id=response_id, metadata=dict(response.metadata))
        if response.conversation_id is not None:
            self.conversations.append(response.owner, response.conversation_id, response.answer)

    def history(self, owner: Owner, *, previous_response_id: str | None, conversation_id: str | None) -> list[Turn]:
        """Return what was said before, oldest first: of the conversation, else of the chain."""
        items: list[Item] = []
        if conversation_id is not None:
            if self.conversations.owns(owner, conversation_id):
                items = list(self.conversations.get(owner, conversation_id).items.values())
        else:
            for response in self.responses.chain(owner, previous_response_id):
                items += [item for item in (response.question, response.answer) if item is not None]
        return [turn for turn in map(_turn, items) if turn is not None]


def _turn(item: Item) -> Turn | None:
    match item.body.get("role"):
        case ("user" | "assistant") as role if item.text:
            return Turn(role=role, text=item.text, response_id=item.response_id)
        case _:
            return None
