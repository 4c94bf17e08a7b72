"""Conversations of the demo service and their items, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mka1_desktop.demo.records import Conversation, Item, Owner, new_id

MAX_CONVERSATIONS = 1_000  # of all owners together; the one untouched for longest goes first
MAX_ITEMS = 5_000  # in one conversation


class MissingError(LookupError):
    """There is no such thing for this owner. Whether somebody else has it stays unsaid."""


class FullError(Exception):
    """A conversation holds as many items as this service keeps."""


class ConversationStore:
    """Every method knows only what belongs to the owner; for one event loop."""

    def __init__(self, now: Callable[[], float], *, most: int = MAX_CONVERSATIONS, most_items: int = MAX_ITEMS) -> None:
        self._now = now  # Unix seconds
        self._most = most
        self._most_items = most_items
        self._by_id: dict[str, Conversation] = {}  # the one updated longest ago first

    def owns(self, owner: Owner, conversation_id: str) -> bool:
        found = self._by_id.get(conversation_id)
        return found is not None and found.owner == owner

    def create(
        self,
        owner: Owner,
        *,
        metadata: Mapping[str, str] | None = None,
        items: Sequence[Mapping[str, object]] = (),
    ) -> Conversation:
        """Make a conversation; `items` are bodies without ids. Raises FullError."""
        made = Conversation(
            id=new_id("conv"),
            owner=owner,
            created_at=self._now(),
            metadata=None if metadata is None else dict(metadata),
        )
        self._by_id[made.id] = made
        self.add(made, items)
        while len(self._by_id) > self._most:
            self._by_id.pop(next(iter(self._by_id)))
        return made

    def get(self, owner: Owner, conversation_id: str) -> Conversation:
        """Raise MissingError when it is unknown, deleted or somebody else's."""
        if not self.owns(owner, conversation_id):
            raise MissingError("The conversation was not found.")
        return self._by_id[conversation_id]

    def all(self, owner: Owner) -> list[Conversation]:
        """Return all of this owner's, the one updated longest ago first."""
        return [found for found in self._by_id.values() if found.owner == owner]

    def update(self, owner: Owner, conversation_id: str, metadata: Mapping[str, str] | None) -> Conversation:
        """Replace the metadata (the reference leaves open whether the service merges)."""
        found = self.get(owner, conversation_id)
        found.metadata = None if metadata is None else dict(metadata)
        self._touch(found)
        return found

    def delete(self, owner: Owner, conversation_id: str) -> None:
        """Its responses stay, as in the service."""
        self._by_id.pop(self.get(owner, conversation_id).id)

    def add(self, conversation: Conversation, bodies: Sequence[Mapping[str, object]]) -> list[Item]:
        """Append what a client sent, all or nothing; raises FullError."""
        if len(conversation.items) + len(bodies) > self._most_items:
            raise FullError(f"A conversation holds at most {self._most_items} items here.")
        added = [Item(id=new_id(_prefix(body)), body=body) for body in bodies]
        conversation.items.update((item.id, item) for item in added)
        self._touch(conversation)
        return added

    def append(self, owner: Owner, conversation_id: str, item: Item) -> None:
        """Append what a voice session said; a deleted or full conversation only loses it."""
        if self.owns(owner, conversation_id):
            conversation = self._by_id[conversation_id]
            if len(conversation.items) < self._most_items:
                conversation.items[item.id] = item
            self._touch(conversation)

    def remove(self, conversation: Conversation, item_ids: Sequence[str]) -> None:
        """Delete items, all or nothing; raises MissingError when one is not there."""
        if any(item_id not in conversation.items for item_id in item_ids):
            raise MissingError("The item was not found in this conversation.")
        for item_id in item_ids:
            conversation.items.pop(item_id, None)  # the same id may be named twice
        self._touch(conversation)

    def _touch(self, conversation: Conversation) -> None:
        """Make it the newest, in the order of listing and in the order of dropping."""
        if self._by_id.pop(conversation.id, None) is not None:
            self._by_id[conversation.id] = conversation


def _prefix(body: Mapping[str, object]) -> str:
    return "msg" if body.get("type", "message") == "message" else "item"
