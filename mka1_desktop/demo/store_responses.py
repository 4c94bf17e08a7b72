"""Responses of the demo service, in memory."""

from __future__ import annotations

from collections.abc import Mapping

from mka1_desktop.demo.records import Owner, Response
from mka1_desktop.demo.store_conversations import MissingError

MAX_RESPONSES = 5_000  # of all owners together; the oldest goes first
MAX_CHAIN = 200  # turns that chain() follows back


class ResponseStore:
    """Every method but `find` knows only what belongs to the owner; for one event loop."""

    def __init__(self, *, most: int = MAX_RESPONSES) -> None:
        self._most = most
        self._by_id: dict[str, Response] = {}  # oldest first

    def owns(self, owner: Owner, response_id: str) -> bool:
        found = self._by_id.get(response_id)
        return found is not None and found.owner == owner

    def add(self, response: Response) -> None:
        self._by_id[response.id] = response
        while len(self._by_id) > self._most:
            self._by_id.pop(next(iter(self._by_id)))

    def find(self, response_id: str) -> Response | None:
        """Return it whoever owns it: for the session that made it."""
        return self._by_id.get(response_id)

    def get(self, owner: Owner, response_id: str) -> Response:
        """Raise MissingError when it is unknown, deleted or somebody else's."""
        if not self.owns(owner, response_id):
            raise MissingError("The response was not found.")
        return self._by_id[response_id]

    def all(self, owner: Owner) -> list[Response]:
        """Return all of this owner's, oldest first."""
        return [found for found in self._by_id.values() if found.owner == owner]

    def chain(self, owner: Owner, last_id: str | None) -> list[Response]:
        """Return the response and those before it, oldest first, up to a gap."""
        found: list[Response] = []
        while last_id is not None and self.owns(owner, last_id) and len(found) < MAX_CHAIN:
            response = self._by_id[last_id]
            found.append(response)
            last_id = response.previous_response_id
        return found[::-1]

    def update(self, owner: Owner, response_id: str, metadata: Mapping[str, str]) -> Response:
        found = self.get(owner, response_id)
        found.metadata = dict(metadata)
        return found

    def delete(self, owner: Owner, response_id: str) -> None:
        """Permanent; items of a conversation stay where they are."""
        self._by_id.pop(self.get(owner, response_id).id)
