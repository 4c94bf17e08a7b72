"""/llm/responses: retrieve, list, input items, update, delete. Facts: mka1-api.md 7."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiohttp import web

from mka1_desktop.demo.data import Data
from mka1_desktop.demo.http_door import Call, Door, listing
from mka1_desktop.demo.http_errors import invalid
from mka1_desktop.demo.http_read import read_metadata, read_object
from mka1_desktop.demo.records import Item, Response

RESPONSES = "/api/v1/llm/responses"
RESPONSE_ID = re.compile(r"resp[-_][a-zA-Z0-9]+")


class ResponseRoutes:
    def __init__(self, *, door: Door, data: Data) -> None:
        self._door = door
        self._data = data

    def routes(self) -> list[web.RouteDef]:
        one = RESPONSES + "/{id}"
        return [
            web.get(RESPONSES, self._door.to(self._list)),
            web.get(one, self._door.to(self._retrieve)),
            web.post(one, self._door.to(self._update)),
            web.delete(one, self._door.to(self._delete)),
            web.get(one + "/input_items", self._door.to(self._input_items)),
        ]

    async def _list(self, call: Call) -> Mapping[str, object]:
        return listing(call, self._data.responses.all(call.owner), Response.to_json, most=100, order="desc")

    async def _retrieve(self, call: Call) -> Mapping[str, object]:
        if call.request.query.get("stream", "false").lower() not in ("false", "0"):
            raise invalid("The demo does not stream stored responses.", param="stream")
        return self._response(call).to_json()

    async def _input_items(self, call: Call) -> Mapping[str, object]:
        return listing(call, [self._response(call).question], Item.to_json, most=100, order="desc")

    async def _update(self, call: Call) -> Mapping[str, object]:
        metadata = read_metadata((await read_object(call.request)).get("metadata"))
        if metadata is None:
            raise invalid("metadata is required.", param="metadata", code="missing_required_parameter")
        return self._data.responses.update(call.owner, self._response(call).id, metadata).to_json()

    async def _delete(self, call: Call) -> Mapping[str, object]:
        response_id = self._response(call).id
        self._data.responses.delete(call.owner, response_id)
        return {"id": response_id, "object": "response", "deleted": True}

    def _response(self, call: Call) -> Response:
        response_id = call.path("id")
        if not RESPONSE_ID.fullmatch(response_id):
            raise invalid("A response id looks like resp_…", param="response_id")
        return self._data.response(call.owner, response_id)
