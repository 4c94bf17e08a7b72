"""The service's HTTP side."""

from __future__ import annotations

from typing import Protocol

from mka1_desktop.domain.grant import Model, RoomGrant
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.ports.conversations import ConversationsPort


class ApiPort(Protocol):
    """Every method raises AppError and nothing else; no method retries."""

    async def fetch_grant(self, request: SessionRequest) -> RoomGrant:
        """Ask for a room: one POST. `request` was checked before."""

    async def models(self) -> tuple[Model, ...]:
        """List the models; also the cheapest check of a key (open questions 49)."""

    async def close(self) -> None:
        """Close the connections; safe to call twice."""


class ServicePort(ApiPort, Protocol):
    """The service as one account."""

    @property
    def conversations(self) -> ConversationsPort:
        """What the service keeps for this account; closed with the rest."""
