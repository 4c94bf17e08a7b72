"""What the service keeps: conversations, their items, responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias

from mka1_desktop.domain.service_conversation import ServiceConversation
from mka1_desktop.domain.service_items import ItemPage, ServiceItem
from mka1_desktop.domain.service_response import ServiceResponse

Order: TypeAlias = Literal["asc", "desc"]  # oldest first, newest first


class ConversationsPort(Protocol):
    """Every method raises AppError and nothing else, has its own time limit, and does not retry.

    What is unknown, deleted or somebody else's raises NOT_FOUND with a sentence that says so: the service need not
    tell these apart (open question 43). Deleting what is not there is done.
    """

    async def create(self, metadata: Mapping[str, str], *, limit_s: float) -> ServiceConversation:
        """Make an empty conversation: one POST, never repeated, because it has no idempotency key (8.3).

        Raises NOT_AVAILABLE from a service that has no conversations (its status is 404, 405, 410 or 501), and
        TIMED_OUT after `limit_s` seconds. The service may have made the conversation all the same, and nobody
        knows its id then: whoever goes on earlier than that lets this call run on and keeps or deletes what it brings.
        """

    async def retrieve(self, conversation_id: str) -> ServiceConversation: ...

    async def update_metadata(self, conversation_id: str, changes: Mapping[str, str | None]) -> ServiceConversation:
        """Change pairs of the metadata (None takes one away) and keep the others: read, then one POST of it all.

        Of two clients that do so at once the last one wins. Nothing is sent when nothing would change.
        """

    async def delete(self, conversation_id: str) -> None:
        """Delete a conversation; its items and responses stay stored (open question 44)."""

    async def items(
        self, conversation_id: str, *, limit: int = 100, order: Order = "asc", after: str | None = None
    ) -> ItemPage:
        """Return one page of 1 to 100 items; `after` is `next` of the page before."""

    async def all_items(self, conversation_id: str, *, order: Order = "asc") -> tuple[ServiceItem, ...]:
        """Return the items of all pages, each once; at most 5,000 in the given order."""

    async def delete_item(self, conversation_id: str, item_id: str) -> None: ...

    async def response(self, response_id: str) -> ServiceResponse: ...

    async def input_items(self, response_id: str) -> tuple[ServiceItem, ...]:
        """Return what a response was told, oldest first; earlier turns may be among it (open question 42)."""

    async def delete_response(self, response_id: str) -> None: ...
