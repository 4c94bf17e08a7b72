"""The way into every API operation: key, end user, faults, and errors turned into answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.http_errors import ApiError, invalid, not_found, scripted
from mka1_desktop.demo.http_read import owner_of, query_int, query_order
from mka1_desktop.demo.pages import CursorError, T, cut
from mka1_desktop.demo.records import Owner
from mka1_desktop.demo.settings import DemoSettings
from mka1_desktop.demo.store_conversations import FullError, MissingError


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a known caller."""

    request: web.Request
    owner: Owner

    def path(self, name: str) -> str:
        return self.request.match_info[name]


Operation = Callable[[Call], Awaitable[Mapping[str, object] | web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """Wraps operations into handlers."""

    def __init__(self, *, settings: DemoSettings, faults: Faults) -> None:
        self._settings = settings
        self._faults = faults

    def to(self, operation: Operation, *, faults: str | None = "http") -> Handler:
        """Return the handler of an operation; `faults` is the first word of the faults that hit it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                call = Call(request, owner_of(request, self._settings))
                if faults is not None and (failure := await self._misbehave(faults)) is not None:
                    return failure
                answer = await operation(call)
            except ApiError as e:
                return e.answer()
            except MissingError as e:
                return not_found(str(e)).answer()
            except FullError as e:
                return invalid(str(e), code="too_many_items").answer()
            return answer if isinstance(answer, web.StreamResponse) else web.json_response(answer)

        return handle

    async def _misbehave(self, kind: str) -> web.Response | None:
        slow_s = self._faults.seconds(f"{kind}-slow")
        if slow_s is not None:
            await asyncio.sleep(slow_s)  # the fault itself
        status = self._faults.take(f"{kind}-status")
        return None if status is None else scripted(int(status), self._faults.value("token-retry-after"))


def listing(
    call: Call, things: list[T], to_json: Callable[[T], Mapping[str, object]], *, most: int, order: str
) -> dict[str, object]:
    """Answer a list operation from its query (after, before, limit, order).

    Args:
        call: the request.
        things: the whole list, oldest first.
        to_json: shape of one thing.
        most: the largest `limit`.
        order: the order when none is asked for.
    """
    query = call.request.query
    try:
        page = cut(
            things,
            limit=query_int(call.request, "limit", default=20, low=1, high=most),
            newest_first=query_order(call.request, default=order) == "desc",
            after=query.get("after"),
            before=query.get("before"),
        )
    except CursorError:
        raise invalid("The cursor names nothing in this list.", param="after", code="invalid_cursor") from None
    return {
        "object": "list",
        "data": [to_json(thing) for thing in page.things],
        "has_more": page.has_more,
        "first_id": page.things[0].id if page.things else None,
        "last_id": page.things[-1].id if page.things else None,
    }
