"""The demo service's HTTP side alone, in this process: no rooms, no voice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from mka1_desktop.demo import http_api, http_guard
from mka1_desktop.demo.data import Data, Owner
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.settings import DemoSettings
from mka1_desktop.demo.tokens import Tokens

KEY = "mk-demo-first"
OTHER_KEY = "mk-demo-second"
OWNER = Owner(key=KEY, on_behalf_of=None)
LLM = "/api/v1/llm"
TOKEN = f"{LLM}/speech/livekit/token"


@dataclass
class Api:
    """The service and a client of it."""

    client: TestClient[web.Request, web.Application]
    data: Data
    tokens: Tokens
    faults: Faults

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = KEY,
        user: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> tuple[int, dict[str, object]]:
        """Send one request and return (status, JSON body)."""
        answer = await self.answer(method, path, body, key=key, user=user, headers=headers, query=query, raw=raw)
        value = await answer.json()
        assert isinstance(value, dict)
        return answer.status, value

    async def answer(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = KEY,
        user: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> ClientResponse:
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        if user is not None:
            sent["X-On-Behalf-Of"] = user
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
            return await self.client.request(method, path, data=raw, headers=sent, params=query, allow_redirects=False)
        return await self.client.request(method, path, json=body, headers=sent, params=query, allow_redirects=False)

    async def token(self, llm: object, **more: object) -> tuple[int, dict[str, object]]:
        return await self.ask("POST", TOKEN, {"llm": llm, **more})


@asynccontextmanager
async def serving(*, cors: bool = False, ttl_s: float = 300.0) -> AsyncIterator[Api]:
    """Serve on a free loopback port until the block ends."""
    data, tokens, faults = Data(), Tokens(), Faults()
    settings = DemoSettings(keys=(KEY, OTHER_KEY), token_ttl_s=ttl_s, cors=cors)
    app = web.Application(middlewares=http_guard.middlewares(cors=cors))
    http_api.add_routes(app, data=data, tokens=tokens, faults=faults, settings=settings, open_rooms=lambda: 0)
    async with TestClient(TestServer(app)) as client:
        yield Api(client=client, data=data, tokens=tokens, faults=faults)


def error_of(body: Mapping[str, object]) -> dict[str, object]:
    """Return the `error` object of shape (e)."""
    error = body["error"]
    assert isinstance(error, dict)
    assert set(error) == {"message", "type", "param", "code"}
    return error
