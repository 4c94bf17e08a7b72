"""/llm/conversations: create, list, retrieve, update, delete. Facts: mka1-api.md 4."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from mka1_desktop.demo.data import Data
from mka1_desktop.demo.http_door import Call, Door, listing
from mka1_desktop.demo.http_errors import invalid
from mka1_desktop.demo.http_items import CONVERSATIONS, read_items
from mka1_desktop.demo.http_read import read_metadata, read_object
from mka1_desktop.demo.records import Conversation

MAX_SEARCH = 200  # characters


class ConversationRoutes:
    def __init__(self, *, door: Door, data: Data) -> None:
        self._door = door
        self._data = data

    def routes(self) -> list[web.RouteDef]:
        one = CONVERSATIONS + "/{id}"
        return [
            web.post(CONVERSATIONS, self._door.to(self._create)),
            web.get(CONVERSATIONS, self._door.to(self._list)),
            web.get(one, self._door.to(self._retrieve)),
            web.post(one, self._door.to(self._update)),
            web.delete(one, self._door.to(self._delete)),
        ]

    async def _create(self, call: Call) -> Mapping[str, object]:
        body = await read_object(call.request)
        items = read_items([] if body.get("items") is None else body["items"], least=0)
        metadata = read_metadata(body.get("metadata"))
        return self._data.create_conversation(call.owner, metadata=metadata, items=items).to_json()

    async def _list(self, call: Call) -> Mapping[str, object]:
        query = call.request.query
        wanted = _metadata_filter(query.get("metadata"))
        words = query.get("search", "")[:MAX_SEARCH].casefold().split()
        found = [c for c in self._data.conversations.all(call.owner) if _has(c, wanted) and _says(c, words)]
        answer = listing(call, found, Conversation.to_json, most=50, order="asc")
        del answer["first_id"]  # this list has none
        return answer

    async def _retrieve(self, call: Call) -> Mapping[str, object]:
        return self._data.conversation(call.owner, call.path("id")).to_json()

    async def _update(self, call: Call) -> Mapping[str, object]:
        body = await read_object(call.request)
        if "metadata" not in body:
            raise invalid("metadata is required.", param="metadata", code="missing_required_parameter")
        metadata = read_metadata(body["metadata"])
        return self._data.conversations.update(call.owner, call.path("id"), metadata).to_json()

    async def _delete(self, call: Call) -> Mapping[str, object]:
        self._data.conversations.delete(call.owner, call.path("id"))
        return {"id": call.path("id"), "object": "conversation.deleted", "deleted": True}


def _metadata_filter(text: str | None) -> dict[str, str]:
    """Read `metadata=`: one JSON object as text."""
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("metadata must be a JSON object as text.", param="metadata") from None
    return read_metadata(value) or {}


def _has(conversation: Conversation, wanted: Mapping[str, str]) -> bool:
    have = conversation.metadata or {}
    return all(have.get(key) == value for key, value in wanted.items())


def _says(conversation: Conversation, words: list[str]) -> bool:
    """Every word occurs in one and the same item."""
    if not words:
        return True
    texts = (item.text.casefold() for item in conversation.items.values())
    return any(all(word in text for word in words) for text in texts)
