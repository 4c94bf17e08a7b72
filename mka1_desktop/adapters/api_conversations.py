"""ConversationsPort over the calls of the API client. Facts: API reference 4, 5 and 7."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from mka1_desktop.adapters.api_calls import Calls
from mka1_desktop.adapters.api_json import read_object
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.service_conversation import (
    ServiceConversation,
    changed_metadata,
    checked_metadata,
    read_conversation,
)
from mka1_desktop.domain.service_items import ItemPage, ServiceItem, distinct, read_items
from mka1_desktop.domain.service_response import ServiceResponse, read_response
from mka1_desktop.domain.service_values import read_id
from mka1_desktop.ports.conversations import Order

CONVERSATIONS_PATH = "/api/v1/llm/conversations"
RESPONSES_PATH = "/api/v1/llm/responses"

PAGE_LIMIT = 100  # items, the service's own (4.2, 7)
PAGES_LIMIT = 50  # that are read in one go
PAGE_LIMIT_B = 4_000_000  # items may hold sound (5)
CALL_S = 10.0  # one call
WALK_S = 30.0  # all pages of a listing

CONVERSATION_MISSING = "This conversation is not available with this key and user."
ITEM_MISSING = "This part of the conversation is not available with this key and user."
RESPONSE_MISSING = "This answer is not available with this key and user."

T = TypeVar("T")
log = logging.getLogger(__name__)


class HttpxConversations:
    """Conversations, items and responses of the key and user that `calls` are made for."""

    def __init__(self, calls: Calls, *, walk_s: float = WALK_S) -> None:
        self._calls = calls
        self._walk_s = walk_s  # seconds for all pages of a listing

    async def create(self, metadata: Mapping[str, str], *, limit_s: float) -> ServiceConversation:
        body = {"metadata": checked_metadata(metadata)}
        try:
            answer = await self._calls.post(CONVERSATIONS_PATH, body, limit_s=limit_s)
        except AppError as e:
            failure = e
        else:
            return _whole(read_conversation(read_object(answer)))
        raise _no_conversations(failure)

    async def retrieve(self, conversation_id: str) -> ServiceConversation:
        return _whole(read_conversation(await self._raw_conversation(conversation_id)))

    async def update_metadata(self, conversation_id: str, changes: Mapping[str, str | None]) -> ServiceConversation:
        found = await self._raw_conversation(conversation_id)
        metadata = changed_metadata(found.get("metadata"), changes)
        if metadata == (found.get("metadata") or {}):
            return _whole(read_conversation(found))
        path = _conversation_path(conversation_id)
        answer = await _explained(
            self._calls.post(path, {"metadata": metadata}, limit_s=CALL_S), missing=CONVERSATION_MISSING
        )
        return _whole(read_conversation(read_object(answer)))

    async def delete(self, conversation_id: str) -> None:
        await self._delete(_conversation_path(conversation_id), missing=CONVERSATION_MISSING)

    async def items(
        self, conversation_id: str, *, limit: int = PAGE_LIMIT, order: Order = "asc", after: str | None = None
    ) -> ItemPage:
        path = _conversation_path(conversation_id) + "/items"
        return await self._page(path, limit=limit, order=order, after=after, missing=CONVERSATION_MISSING)

    async def all_items(self, conversation_id: str, *, order: Order = "asc") -> tuple[ServiceItem, ...]:
        return await _walk(lambda after: self.items(conversation_id, order=order, after=after), self._walk_s)

    async def delete_item(self, conversation_id: str, item_id: str) -> None:
        path = f"{_conversation_path(conversation_id)}/items/{_step(item_id, ITEM_MISSING)}"
        await self._delete(path, missing=ITEM_MISSING)

    async def response(self, response_id: str) -> ServiceResponse:
        call = self._calls.get(_response_path(response_id), limit_s=CALL_S, limit_b=PAGE_LIMIT_B)
        raw = await _explained(call, missing=RESPONSE_MISSING)
        return _whole(read_response(read_object(raw), clean=self._calls.redactor.redact))

    async def input_items(self, response_id: str) -> tuple[ServiceItem, ...]:
        path = _response_path(response_id) + "/input_items"
        return await _walk(
            lambda after: self._page(path, limit=PAGE_LIMIT, order="asc", after=after, missing=RESPONSE_MISSING),
            self._walk_s,
        )

    async def delete_response(self, response_id: str) -> None:
        await self._delete(_response_path(response_id), missing=RESPONSE_MISSING)

    async def _raw_conversation(self, conversation_id: str) -> Mapping[str, object]:
        call = self._calls.get(_conversation_path(conversation_id), limit_s=CALL_S)
        return read_object(await _explained(call, missing=CONVERSATION_MISSING))

    async def _page(self, path: str, *, limit: int, order: Order, after: str | None, missing: str) -> ItemPage:
        params = {"limit": str(max(1, min(limit, PAGE_LIMIT))), "order": order}
        if after is not None:
            params["after"] = _known(after, ITEM_MISSING)
        call = self._calls.get(path, params=params, limit_s=CALL_S, limit_b=PAGE_LIMIT_B)
        body = read_object(await _explained(call, missing=missing))
        rows = body.get("data")
        if not isinstance(rows, list):
            raise AppError(Code.BAD_ANSWER)
        return ItemPage(items=read_items(rows), next=_cursor(body, rows, after))

    async def _delete(self, path: str, *, missing: str) -> None:
        """Delete one thing; what is not there any more is done."""
        try:
            await self._calls.delete(path, limit_s=CALL_S)
        except AppError as e:
            failure = e
        else:
            return
        if not _is_gone(failure):
            raise _explanation(failure, missing)


async def _explained(call: Awaitable[bytes], *, missing: str) -> bytes:
    """Await one call about something that may be unknown, deleted or somebody else's; `missing` says so then."""
    try:
        return await call
    except AppError as e:
        failure = e
    raise _explanation(failure, missing)


def _explanation(failure: AppError, missing: str) -> AppError:
    """Say in one way what the service may say as 403 or as 404 (open question 43); other failures stand."""
    if _is_gone(failure) or failure.code is Code.NOT_ALLOWED:
        return AppError(Code.NOT_FOUND, message=missing, details=f"HTTP {failure.trouble.http_status}")
    return failure


def _no_conversations(failure: AppError) -> AppError:
    """Tell a service without conversations from a wrong address: creating one names nothing that could be unknown."""
    if failure.code is not Code.NOT_FOUND:
        return failure
    return AppError.of(replace(failure.trouble, code=Code.NOT_AVAILABLE))


def _is_gone(failure: AppError) -> bool:
    return failure.trouble.http_status in (404, 410)


def _conversation_path(conversation_id: str) -> str:
    return f"{CONVERSATIONS_PATH}/{_step(conversation_id, CONVERSATION_MISSING)}"


def _response_path(response_id: str) -> str:
    return f"{RESPONSES_PATH}/{_step(response_id, RESPONSE_MISSING)}"


def _step(raw_id: str, missing: str) -> str:
    """Return an id as one step of a path."""
    return quote(_known(raw_id, missing), safe="")


def _known(raw_id: str, missing: str) -> str:
    """Return an id that the service can have given; others are not asked for."""
    if (known := read_id(raw_id)) is None:
        raise AppError(Code.NOT_FOUND, message=missing)
    return known


def _whole(found: T | None) -> T:
    if found is None:
        raise AppError(Code.BAD_ANSWER, message="The answer holds no id.")
    return found


def _cursor(body: Mapping[str, object], rows: Sequence[object], after: str | None) -> str | None:
    """Return where the next page begins; None at the end, or where the cursor stands still (open question 45)."""
    if body.get("has_more") is not True:
        return None
    last = rows[-1] if rows else None
    cursor = read_id(body.get("last_id")) or (read_id(last.get("id")) if isinstance(last, dict) else None)
    return None if cursor == after else cursor


async def _walk(page: Callable[[str | None], Awaitable[ItemPage]], limit_s: float) -> tuple[ServiceItem, ...]:
    """Read page after page, until there is none, one comes again, or the limit is reached."""
    found: list[ServiceItem] = []
    seen: set[str | None] = {None}
    after: str | None = None
    try:
        async with asyncio.timeout(limit_s):
            for _ in range(PAGES_LIMIT):
                got = await page(after)
                found += got.items
                if got.next in seen:
                    break
                after = got.next
                seen.add(after)
            else:
                log.info("only the first %d pages of a listing were read", PAGES_LIMIT)
    except TimeoutError:
        failure = AppError(Code.TIMED_OUT)
    else:
        return distinct(found)
    raise failure
