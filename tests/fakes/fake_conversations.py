"""ConversationsPort in memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping

from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.service_conversation import ServiceConversation
from mka1_desktop.domain.service_items import ItemPage, ServiceItem
from mka1_desktop.domain.service_response import ServiceResponse
from mka1_desktop.ports.conversations import ConversationsPort, Order

OWNER = Identity(origin="https://gw.example", fingerprint="0a1b2c3d")


class FakeConversations:
    """Makes conv_1, conv_2, …. `failures` are raised first, one a call. While `gate` is cleared, creating waits."""

    def __init__(self) -> None:
        self.metadata: dict[str, dict[str, str]] = {}
        self.said: dict[str, list[ServiceItem]] = {}
        self.failures: deque[AppError] = deque()
        self.calls: list[str] = []
        self.count = 0
        self.gate = asyncio.Event()
        self.gate.set()

    def say(self, conversation_id: str, text: str, role: str = "user") -> None:
        """Something is said in it."""
        items = self.said[conversation_id]
        items.append(ServiceItem(id=f"msg_{len(items)}", type="message", role=role, text=text))

    async def create(self, metadata: Mapping[str, str], *, limit_s: float) -> ServiceConversation:
        self.calls.append("create")
        await self.gate.wait()
        self._fail()
        self.count += 1
        made = f"conv_{self.count}"
        self.metadata[made], self.said[made] = dict(metadata), []
        return ServiceConversation(id=made, metadata=dict(metadata))

    async def retrieve(self, conversation_id: str) -> ServiceConversation:
        self._known("retrieve", conversation_id)
        return ServiceConversation(id=conversation_id, metadata=self.metadata[conversation_id])

    async def update_metadata(self, conversation_id: str, changes: Mapping[str, str | None]) -> ServiceConversation:
        self._known("update", conversation_id)
        for name, value in changes.items():
            self.metadata[conversation_id].pop(name, None)
            if value is not None:
                self.metadata[conversation_id][name] = value
        return ServiceConversation(id=conversation_id, metadata=self.metadata[conversation_id])

    async def delete(self, conversation_id: str) -> None:
        self.calls.append(f"delete {conversation_id}")
        self._fail()
        self.metadata.pop(conversation_id, None)
        self.said.pop(conversation_id, None)

    async def items(
        self, conversation_id: str, *, limit: int = 100, order: Order = "asc", after: str | None = None
    ) -> ItemPage:
        self._known("items", conversation_id)
        return ItemPage(items=tuple(self.said[conversation_id][:limit]))

    async def all_items(self, conversation_id: str, *, order: Order = "asc") -> tuple[ServiceItem, ...]:
        return (await self.items(conversation_id, limit=5_000, order=order)).items

    async def delete_item(self, conversation_id: str, item_id: str) -> None:
        self._known("delete item", conversation_id)
        self.said[conversation_id] = [item for item in self.said[conversation_id] if item.id != item_id]

    async def response(self, response_id: str) -> ServiceResponse:
        self._fail()
        return ServiceResponse(id=response_id)

    async def input_items(self, response_id: str) -> tuple[ServiceItem, ...]:
        self._fail()
        return ()

    async def delete_response(self, response_id: str) -> None:
        self._fail()

    def _known(self, call: str, conversation_id: str) -> None:
        self.calls.append(f"{call} {conversation_id}")
        self._fail()
        if conversation_id not in self.said:
            raise AppError(Code.NOT_FOUND, http_status=404)

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.popleft()


class FakeService:
    """An account and its conversations. `failure`: the account cannot be found."""

    def __init__(self) -> None:
        self.port = FakeConversations()
        self.identity: Identity | None = OWNER
        self.failure: AppError | None = None

    async def conversations(self) -> tuple[Identity, ConversationsPort]:
        if self.failure is not None:
            raise self.failure
        assert self.identity is not None
        return self.identity, self.port
