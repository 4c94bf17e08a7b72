"""/llm/conversations/{id}/items: list, add, retrieve, delete. Facts: mka1-api.md 4 and 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from mka1_desktop.demo.data import Data
from mka1_desktop.demo.http_door import Call, Door, listing
from mka1_desktop.demo.http_errors import ApiError, invalid
from mka1_desktop.demo.http_read import read_object
from mka1_desktop.demo.records import Conversation, Item
from mka1_desktop.demo.store_conversations import MissingError

CONVERSATIONS = "/api/v1/llm/conversations"
MOST_ITEMS = 20  # in one request
MOST_DELETED = 100
MAX_TYPE = 64  # characters of an item's type
ROLES = ("user", "assistant", "system", "developer")
OWN_FIELDS = ("id", "response_id", "metadata")  # the service's; what the client sends there is dropped


class ItemRoutes:
    def __init__(self, *, door: Door, data: Data) -> None:
        self._door = door
        self._data = data

    def routes(self) -> list[web.RouteDef]:
        many = CONVERSATIONS + "/{id}/items"
        one = many + "/{item}"
        return [
            web.get(many, self._door.to(self._list)),
            web.post(many, self._door.to(self._add)),
            web.delete(many, self._door.to(self._delete_many)),
            web.get(one, self._door.to(self._retrieve)),
            web.delete(one, self._door.to(self._delete)),
        ]

    async def _list(self, call: Call) -> Mapping[str, object]:
        items = list(self._conversation(call).items.values())
        return listing(call, items, Item.to_json, most=100, order="asc")

    async def _add(self, call: Call) -> Mapping[str, object]:
        bodies = read_items((await read_object(call.request)).get("items"), least=1)
        added = self._data.conversations.add(self._conversation(call), bodies)
        return {
            "object": "list",
            "data": [item.to_json() for item in added],
            "has_more": False,
            "first_id": added[0].id,
            "last_id": added[-1].id,
        }

    async def _retrieve(self, call: Call) -> Mapping[str, object]:
        item = self._conversation(call).items.get(call.path("item"))
        if item is None:
            raise MissingError("The item was not found in this conversation.")
        return item.to_json()

    async def _delete(self, call: Call) -> Mapping[str, object]:
        conversation = self._conversation(call)
        self._data.conversations.remove(conversation, [call.path("item")])
        return conversation.to_json()

    async def _delete_many(self, call: Call) -> Mapping[str, object]:
        ids = (await read_object(call.request)).get("item_ids")
        if not isinstance(ids, list) or not 1 <= len(ids) <= MOST_DELETED:
            raise invalid(f"item_ids must be a list of 1 to {MOST_DELETED} ids.", param="item_ids")
        conversation = self._conversation(call)
        self._data.conversations.remove(conversation, [str(item_id) for item_id in ids])
        return conversation.to_json()

    def _conversation(self, call: Call) -> Conversation:
        return self._data.conversation(call.owner, call.path("id"))


def read_items(value: object, *, least: int) -> Sequence[Mapping[str, object]]:
    """Check items that a client adds; raises ApiError 400."""
    if not isinstance(value, list) or not least <= len(value) <= MOST_ITEMS:
        raise invalid(f"items must be a list of {least} to {MOST_ITEMS} items.", param="items")
    return [_read_item(item, f"items[{place}]") for place, item in enumerate(value)]


def _read_item(item: object, param: str) -> Mapping[str, object]:
    if not isinstance(item, dict):
        raise invalid("An item must be an object.", param=param)
    kind = item.get("type", "message")
    if not isinstance(kind, str) or not 1 <= len(kind) <= MAX_TYPE:
        raise invalid("An item's type must be a short text.", param=f"{param}.type")
    if kind == "message" and (wrong := _wrong_message(item, param)) is not None:
        raise wrong
    return {"type": kind, **{name: field for name, field in item.items() if name not in OWN_FIELDS}}


def _wrong_message(item: Mapping[str, object], param: str) -> ApiError | None:
    if item.get("role") not in ROLES:
        return invalid(f"role must be one of {', '.join(ROLES)}.", param=f"{param}.role")
    content = item.get("content")
    if isinstance(content, str):
        return None
    parts = content if isinstance(content, list) else [None]
    if any(not isinstance(part, str | dict) for part in parts):
        return invalid("content must be a text or a list of parts.", param=f"{param}.content")
    if any(isinstance(part, dict) and not isinstance(part.get("type"), str) for part in parts):
        return invalid("Each part needs a type.", param=f"{param}.content")
    return None
