"""Single HTTP calls with one key: what every part of the API client shares. Import it lazily, with httpx."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Self

import httpx

from mka1_desktop import __version__
from mka1_desktop.adapters.api_errors import Refusal, refusal
from mka1_desktop.adapters.api_json import write_json
from mka1_desktop.adapters.api_transport import (
    BODY_LIMIT_B,
    TimeLimits,
    explained,
    open_client,
    read_body,
)
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import clean_on_behalf_of
from mka1_desktop.domain.urls import clean_key, normal_base_url

REQUEST_IDS = ("x-request-id", "x-kong-request-id", "x-correlation-id", "traceparent")  # open question 53

log = logging.getLogger(__name__)


class RefusedError(Exception):
    """A failing answer on its way to the method that knows what it means."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.error.code.value)
        self.refused = refused


class Calls:
    """Makes calls for one key, one base URL and one end user.

    The key goes into one header of requests to the base URL, and nowhere else: redirects are answered by
    AppError(BAD_ANSWER). `redactor` knows the key.
    """

    def __init__(
        self,
        *,
        client: httpx.AsyncClient,
        base_url: str,
        headers: Mapping[str, str],
        proxied: bool,
        redactor: Redactor,
        limits: TimeLimits,
    ) -> None:
        self.redactor = redactor
        self._client = client
        self._base_url = base_url
        self._headers = dict(headers)
        self._proxied = proxied
        self._limits = limits

    @classmethod
    async def open(
        cls, *, base_url: str, key: str, on_behalf_of: str | None, redactor: Redactor, limits: TimeLimits
    ) -> Self:
        """Check the parts and get ready, in a thread (the trust store takes up to 160 ms). Connects to nothing.

        Raises AppError: NO_KEY, BAD_SETTING, INSECURE_URL, BAD_REQUEST (on behalf of), TLS, PROXY.
        """
        base_url, key, user = normal_base_url(base_url), clean_key(key), clean_on_behalf_of(on_behalf_of)
        redactor.register(key)
        headers = {
            "Authorization": f"Bearer {key}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # an answer's size is known before it is unpacked
            "User-Agent": f"mka1-desktop/{__version__}",
        }
        if user is not None:
            redactor.register(user)
            headers["X-On-Behalf-Of"] = user
        client, proxied = await asyncio.to_thread(open_client, base_url, limits)
        return cls(client=client, base_url=base_url, headers=headers, proxied=proxied, redactor=redactor, limits=limits)

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._client.aclose()

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        limit_s: float | None = None,
        limit_b: int = BODY_LIMIT_B,
    ) -> bytes:
        return await self._plain("GET", path, params=params, limit_s=limit_s, limit_b=limit_b)

    async def post(self, path: str, body: Mapping[str, object], *, limit_s: float | None = None) -> bytes:
        return await self._plain("POST", path, content=write_json(body), limit_s=limit_s)

    async def delete(self, path: str, *, limit_s: float | None = None) -> bytes:
        return await self._plain("DELETE", path, limit_s=limit_s)

    async def _plain(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        limit_s: float | None = None,
        limit_b: int = BODY_LIMIT_B,
    ) -> bytes:
        """Make one call whose failing answer needs no second look; raises AppError."""
        try:
            return await self.call(method, path, params=params, content=content, limit_s=limit_s, limit_b=limit_b)
        except RefusedError as e:
            refused = e.refused
        raise refused.error

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        continues: bool = False,
        limit_s: float | None = None,
        limit_b: int = BODY_LIMIT_B,
    ) -> bytes:
        """Make one call and return the body of its 2xx answer.

        Args:
            method: HTTP's.
            path: behind the base URL; whatever is not ours in it is percent-encoded already.
            params: the query.
            content: a body of JSON.
            continues: whether the request names an earlier response or a conversation to go on from.
            limit_s: seconds for the whole call, where it is less than the client's own limit.
            limit_b: bytes of the answer.

        Raises RefusedError for every other answer, AppError when none came. Neither keeps the library's exception,
        whose request holds the key.
        """
        if self._client.is_closed:
            raise AppError(Code.CUT, message="The connection was closed here.")
        headers = self._headers if content is None else {**self._headers, "Content-Type": "application/json"}
        total_s = self._limits.total if limit_s is None else min(limit_s, self._limits.total)
        failure: AppError | None = None
        try:
            async with (
                asyncio.timeout(total_s),
                self._client.stream(
                    method, self._base_url + path, params=params, content=content, headers=headers
                ) as answer,
            ):
                raw = await read_body(answer, limit_b)
        except httpx.TransportError as e:
            failure = explained(e, proxied=self._proxied)
        except TimeoutError:
            failure = AppError(Code.TIMED_OUT)
        if failure is not None:
            log.info("%s %s: %s", method, path, failure.code.value)
            raise failure
        return self._checked(method, path, answer, raw, continues=continues)

    def _checked(self, method: str, path: str, answer: httpx.Response, raw: bytes, *, continues: bool) -> bytes:
        log.info("%s %s: HTTP %d, %d bytes%s", method, path, answer.status_code, len(raw), self._ids(answer))
        if answer.is_success:
            return raw
        headers = {name.lower(): value for name, value in answer.headers.items()}
        raise RefusedError(
            refusal(
                answer.status_code,
                headers,
                raw,
                continues=continues,
                now=time.time(),
                clean=self.redactor.redact,
            )
        )

    def _ids(self, answer: httpx.Response) -> str:
        """Return what the service's support may ask for, safe for a log."""
        found = [f", {name} {answer.headers[name][:80]!a}" for name in REQUEST_IDS if name in answer.headers]
        return self.redactor.redact("".join(found))
