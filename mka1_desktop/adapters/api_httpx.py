"""ApiPort over httpx. Import it lazily: httpx costs 80 ms, and nothing of it is needed for the first paint."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Self

import httpx

from mka1_desktop import __version__
from mka1_desktop.adapters import api_json
from mka1_desktop.adapters.api_errors import Refusal, refusal
from mka1_desktop.adapters.api_transport import TimeLimits, explained, open_client, read_body
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.grant import Model, RoomGrant
from mka1_desktop.domain.redact import MASK, Redactor, redact
from mka1_desktop.domain.request import SessionRequest, clean_on_behalf_of, token_warning
from mka1_desktop.domain.urls import clean_key, normal_base_url

TOKEN_PATH = "/api/v1/llm/speech/livekit/token"  # noqa: S105 - a path
MODELS_PATH = "/api/v1/llm/models"
REQUEST_IDS = ("x-request-id", "x-kong-request-id", "x-correlation-id", "traceparent")  # open question 53

log = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A failing answer on its way to the method that knows what it means."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.error.code.value)
        self.refused = refused


class HttpxApi:
    """The service's HTTP side, for one key, one base URL and one end user. Raises AppError and nothing else.

    The key goes into one header of requests to the base URL, and nowhere else: redirects are answered by
    AppError(BAD_ANSWER).
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
        self._client = client
        self._base_url = base_url
        self._headers = dict(headers)
        self._proxied = proxied
        self._redactor = redactor
        self._limits = limits

    @classmethod
    async def open(
        cls,
        *,
        base_url: str,
        key: str,
        on_behalf_of: str | None = None,
        redactor: Redactor | None = None,
        limits: TimeLimits | None = None,
    ) -> Self:
        """Check the parts and get ready, in a thread (the trust store takes up to 160 ms). Connects to nothing.

        The key is registered with `redactor`, and so is every token whose shape alone would not mask it.

        Raises AppError: NO_KEY, BAD_SETTING, INSECURE_URL, BAD_REQUEST (on behalf of), TLS, PROXY.
        """
        secrets, limits = redactor or Redactor(), limits or TimeLimits()
        base_url, key, user = normal_base_url(base_url), clean_key(key), clean_on_behalf_of(on_behalf_of)
        secrets.register(key)
        headers = {
            "Authorization": f"Bearer {key}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # an answer's size is known before it is unpacked
            "User-Agent": f"mka1-desktop/{__version__}",
        }
        if user is not None:
            secrets.register(user)
            headers["X-On-Behalf-Of"] = user
        client, proxied = await asyncio.to_thread(open_client, base_url, limits)
        return cls(client=client, base_url=base_url, headers=headers, proxied=proxied, redactor=secrets, limits=limits)

    async def fetch_grant(self, request: SessionRequest) -> RoomGrant:
        """Ask for a room: one POST, and a second one only for `language`.

        Older servers do not know that field (open question 16). So when it was sent and a 400 does not blame another
        one, the request goes out once more without it; if that fails too, the first answer stands.

        Raises AppError, CONTINUATION_REFUSED among others when the service cannot go on from where the request says.
        """
        try:
            return await self._grant(request, with_language=True)
        except _RefusedError as e:
            first = e.refused
        if request.language is not None and _may_be_language(first):
            try:
                grant = await self._grant(request, with_language=False)
            except (_RefusedError, AppError) as e:
                log.info("token request failed without language too: %s", type(e).__name__)
            else:
                log.info("the service does not take the field language; asked again without it")
                return grant
        raise first.error

    async def models(self) -> tuple[Model, ...]:
        """List the models, tolerantly: rows that make no sense are left out."""
        return api_json.read_models(await self._get(MODELS_PATH))

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._client.aclose()

    async def _grant(self, request: SessionRequest, *, with_language: bool) -> RoomGrant:
        body = api_json.write_json(api_json.grant_body(request, with_language=with_language))
        grant = api_json.read_grant(await self._call("POST", TOKEN_PATH, content=body, continues=request.continues))
        if redact(grant.token) != MASK:  # no JSON web token: its shape alone gives it away to nobody
            self._redactor.register(grant.token)
        if (warning := token_warning(grant.token)) is not None:
            log.warning("%s %s", warning.field, warning.sentence)
        return grant

    async def _get(self, path: str, *, params: Mapping[str, str] | None = None) -> bytes:
        return await self._plain("GET", path, params=params)

    async def _post(self, path: str, body: Mapping[str, object]) -> bytes:
        return await self._plain("POST", path, content=api_json.write_json(body))

    async def _delete(self, path: str) -> bytes:
        return await self._plain("DELETE", path)

    async def _plain(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> bytes:
        """Make one call whose failing answer needs no second look; raises AppError."""
        try:
            return await self._call(method, path, params=params, content=content)
        except _RefusedError as e:
            refused = e.refused
        raise refused.error

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        continues: bool = False,
    ) -> bytes:
        """Make one call and return the body of its 2xx answer.

        Raises _RefusedError for every other answer, AppError when none came. Neither keeps the library's exception,
        whose request holds the key.
        """
        if self._client.is_closed:
            raise AppError(Code.CUT, message="The connection was closed here.")
        headers = self._headers if content is None else {**self._headers, "Content-Type": "application/json"}
        failure: AppError | None = None
        try:
            async with (
                asyncio.timeout(self._limits.total),
                self._client.stream(
                    method, self._base_url + path, params=params, content=content, headers=headers
                ) as answer,
            ):
                raw = await read_body(answer)
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
        raise _RefusedError(
            refusal(
                answer.status_code,
                headers,
                raw,
                continues=continues,
                now=time.time(),
                clean=self._redactor.redact,
            )
        )

    def _ids(self, answer: httpx.Response) -> str:
        """Return what the service's support may ask for, safe for a log."""
        found = [f", {name} {answer.headers[name][:80]!a}" for name in REQUEST_IDS if name in answer.headers]
        return self._redactor.redact("".join(found))


def _may_be_language(first: Refusal) -> bool:
    trouble = first.error.trouble
    if trouble.http_status != 400 or trouble.code is not Code.BAD_REQUEST:
        return False
    return first.param is None or "language" in first.param
