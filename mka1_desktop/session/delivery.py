"""Asks the service whether a typed message arrived: whoever was there when it was sent is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.service_items import ServiceItem
from mka1_desktop.session.opener import Service


class DeliveryPort(Protocol):
    async def holds(self, going_on: Continuation, text: str, *, known: int) -> bool | None:
        """Whether the service has `text` once more than the `known` times that it arrived before.

        None: it cannot be told.
        """


class ServiceDelivery:
    """Looks into the conversation, else into what the newest answer was told (issue on continuity, 5)."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def holds(self, going_on: Continuation, text: str, *, known: int) -> bool | None:
        """See DeliveryPort. One or a few GETs, each with the time limit of its port."""
        if not going_on:
            return None  # nothing of this thread is known to the service by a name that we have
        try:
            items = await self._items(going_on)
        except AppError:
            return None
        return _count(items, text) > known

    async def _items(self, going_on: Continuation) -> Sequence[ServiceItem]:
        _, conversations = await self._service.conversations()
        if going_on.conversation_id:
            return await conversations.all_items(going_on.conversation_id, order="desc")
        return await conversations.input_items(going_on.response_id or "")


def _count(items: Sequence[ServiceItem], text: str) -> int:
    """How often the person said exactly this; spaces and the case of nothing else aside."""
    wanted = " ".join(text.split())
    return sum(item.role in ("user", None) and " ".join(item.text.split()) == wanted for item in items)
