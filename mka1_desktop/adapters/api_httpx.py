"""ApiPort over httpx. Import it lazily: httpx costs 80 ms, and nothing of it is needed for the first paint."""

from __future__ import annotations

import logging
from typing import Self

from mka1_desktop.adapters import api_json
from mka1_desktop.adapters.api_calls import Calls, RefusedError
from mka1_desktop.adapters.api_conversations import HttpxConversations
from mka1_desktop.adapters.api_errors import Refusal
from mka1_desktop.adapters.api_transport import TimeLimits
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.grant import Model, RoomGrant
from mka1_desktop.domain.redact import MASK, Redactor, redact
from mka1_desktop.domain.request import SessionRequest, token_warning

TOKEN_PATH = "/api/v1/llm/speech/livekit/token"  # noqa: S105 - a path
MODELS_PATH = "/api/v1/llm/models"

log = logging.getLogger(__name__)


class HttpxApi:
    """The service's HTTP side, for one key, one base URL and one end user. Raises AppError and nothing else.

    The key goes into one header of requests to the base URL, and nowhere else: redirects are answered by
    AppError(BAD_ANSWER).
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.conversations = HttpxConversations(calls)  # closed with this one

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
        return cls(
            await Calls.open(
                base_url=base_url,
                key=key,
                on_behalf_of=on_behalf_of,
                redactor=redactor or Redactor(),
                limits=limits or TimeLimits(),
            )
        )

    async def fetch_grant(self, request: SessionRequest) -> RoomGrant:
        """Ask for a room: one POST, and a second one only for `language`.

        Older servers do not know that field (open question 16). So when it was sent and a 400 does not blame another
        one, the request goes out once more without it; if that fails too, the first answer stands.

        Raises AppError, CONTINUATION_REFUSED among others when the service cannot go on from where the request says.
        """
        try:
            return await self._grant(request, with_language=True)
        except RefusedError as e:
            first = e.refused
        if request.language is not None and _may_be_language(first):
            try:
                grant = await self._grant(request, with_language=False)
            except (RefusedError, AppError) as e:
                log.info("token request failed without language too: %s", type(e).__name__)
            else:
                log.info("the service does not take the field language; asked again without it")
                return grant
        raise first.error

    async def models(self) -> tuple[Model, ...]:
        """List the models, tolerantly: rows that make no sense are left out."""
        return api_json.read_models(await self._calls.get(MODELS_PATH))

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._calls.close()

    async def _grant(self, request: SessionRequest, *, with_language: bool) -> RoomGrant:
        body = api_json.write_json(api_json.grant_body(request, with_language=with_language))
        answer = await self._calls.call("POST", TOKEN_PATH, content=body, continues=request.continues)
        grant = api_json.read_grant(answer)
        if redact(grant.token) != MASK:  # no JSON web token: its shape alone gives it away to nobody
            self._calls.redactor.register(grant.token)
        if (warning := token_warning(grant.token)) is not None:
            log.warning("%s %s", warning.field, warning.sentence)
        return grant


def _may_be_language(first: Refusal) -> bool:
    trouble = first.error.trouble
    if trouble.http_status != 400 or not (trouble.code is Code.BAD_REQUEST or first.vague):
        return False
    return first.param is None or "language" in first.param
