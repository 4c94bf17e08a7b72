"""The HTTP client, opened against a stub, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mka1_desktop.adapters.api_httpx import HttpxApi
from mka1_desktop.adapters.api_transport import TimeLimits
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import SessionRequest
from tests.support.http_stub import HttpStub, answer_json

KEY = "mk-TheKeyOfThisTest0123456789"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJuYmYiOjEsImV4cCI6NjF9.c2lnbmF0dXJl"
GRANT = answer_json({"token": TOKEN, "url": "wss://gw.example/livekit/", "roomName": "room-1"})
MODELS = answer_json({"object": "list", "data": [{"id": "m1"}]})
REQUEST = SessionRequest(llm={"model": "auto", "instructions": "é"})
QUICK = TimeLimits(connect=0.2, read=0.2, total=0.4)
PATIENT = TimeLimits(connect=20.0, read=20.0, total=40.0)


def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the proxies of the machine that the tests run on."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@asynccontextmanager
async def client(
    base_url: str,
    *,
    limits: TimeLimits = PATIENT,
    on_behalf_of: str | None = None,
    redactor: Redactor | None = None,
    key: str = KEY,
) -> AsyncIterator[HttpxApi]:
    api = await HttpxApi.open(base_url=base_url, key=key, on_behalf_of=on_behalf_of, limits=limits, redactor=redactor)
    try:
        yield api
    finally:
        await api.close()


async def failure(stub: HttpStub, *, limits: TimeLimits = PATIENT, request: SessionRequest = REQUEST) -> AppError:
    """Ask for a room and return the error; no library's exception hangs on to it."""
    async with client(stub.base_url, limits=limits) as api:
        with pytest.raises(AppError) as caught:
            await api.fetch_grant(request)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    return caught.value
