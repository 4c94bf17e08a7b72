"""POST /llm/speech/livekit/token: checks the session's settings and opens a room for it (mka1-api.md 2)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from mka1_desktop.demo.checks import check_language, check_llm, check_stt, continuation
from mka1_desktop.demo.data import Data, Owner
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.http_door import Call, Door
from mka1_desktop.demo.http_errors import PAGE, ApiError, bad_request, invalid, too_large
from mka1_desktop.demo.http_read import read_object
from mka1_desktop.demo.settings import DemoSettings
from mka1_desktop.demo.tokens import Tokens

PATH = "/api/v1/llm/speech/livekit/token"
ROOMS = "/api/v1/livekit"  # where the rooms' signalling lives
MAX_BODY_B = 64_000
EXPIRED_S = 0.0  # such a token has run out before anybody reads it
MAX_LLM_B = 8_000  # of compact UTF-8 JSON; larger ones would not fit into the header that carries the token


class TokenRoutes:
    def __init__(self, *, door: Door, data: Data, tokens: Tokens, faults: Faults, settings: DemoSettings) -> None:
        self._door = door
        self._data = data
        self._tokens = tokens
        self._faults = faults
        self._settings = settings

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._door.to(self._create, faults="token"))]

    async def _create(self, call: Call) -> Mapping[str, object] | web.StreamResponse:
        body = await read_object(call.request, limit_b=MAX_BODY_B)
        llm, stt, language = self._checked(call.owner, body)
        ttl_s = self._settings.token_ttl_s if self._faults.take("token-expired") is None else EXPIRED_S
        token, room = self._tokens.mint(call.owner, llm=llm, stt=stt, language=language, ttl_s=ttl_s)
        answer = {"token": token, "url": self._rooms_url(call.request)}
        name = self._faults.value("token-room-name-key") or "roomName"
        if name != "none":
            answer[name] = room
        return await self._spoilt(call.request, answer)

    def _checked(
        self, owner: Owner, body: Mapping[str, object]
    ) -> tuple[Mapping[str, object], Mapping[str, object], str | None]:
        llm = body.get("llm")
        if not isinstance(llm, dict):
            raise invalid("llm is required.", param="llm", code="missing_required_parameter")
        if len(json.dumps(llm, ensure_ascii=False, separators=(",", ":")).encode()) > MAX_LLM_B:
            raise too_large(f"llm may have at most {MAX_LLM_B} bytes of JSON.")
        if (wrong := check_llm(llm)) is not None:
            raise invalid(wrong.message, param=wrong.param, code=wrong.code)
        stt = {} if body.get("stt") is None else body["stt"]
        wrong = check_stt(stt) or check_language(body.get("language"))
        if wrong is not None:
            raise bad_request(wrong.message)
        if (missing := self._missing(owner, llm)) is not None:
            raise missing
        language = body.get("language")
        return llm, stt if isinstance(stt, dict) else {}, language if isinstance(language, str) else None

    def _missing(self, owner: Owner, llm: Mapping[str, object]) -> ApiError | None:
        previous, conversation = continuation(llm)
        reason = self._data.check_continuation(owner, previous_response_id=previous, conversation_id=conversation)
        if reason is None:
            return None
        if conversation is not None:
            return invalid(reason, param="llm.conversation", code="conversation_not_found", status=404)
        return invalid(reason, param="llm.previous_response_id", code="previous_response_not_found")

    @staticmethod
    def _rooms_url(request: web.Request) -> str:
        """Return the rooms' address on the socket that the request came in by; the Host header has no say."""
        transport = request.transport
        address = None if transport is None else transport.get_extra_info("sockname")
        host, port = ("127.0.0.1", request.url.port) if address is None else address[:2]
        return f"ws://[{host}]:{port}{ROOMS}" if ":" in host else f"ws://{host}:{port}{ROOMS}"

    async def _spoilt(self, request: web.Request, answer: dict[str, str]) -> Mapping[str, object] | web.StreamResponse:
        """Apply the faults that spoil a good answer."""
        if self._faults.is_on("token-no-url"):
            del answer["url"]
        elif (url := self._faults.value("token-url")) is not None:
            answer["url"] = url
        if self._faults.take("token-html") is not None:
            return web.Response(text=PAGE.format(title="Welcome to this network"), content_type="text/html")
        if self._faults.is_on("token-bad-json"):
            return web.Response(text=json.dumps(answer)[:-9], content_type="application/json")
        if (target := self._faults.value("token-redirect")) is not None:
            return web.Response(status=307, headers={"Location": target})
        if self._faults.take("token-cut") is not None:
            return await _cut(request, answer)
        return answer


async def _cut(request: web.Request, answer: Mapping[str, object]) -> web.StreamResponse:
    """Send half of the answer, then drop the connection."""
    text = json.dumps(answer).encode()
    half = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(text))})
    await half.prepare(request)
    await half.write(text[: len(text) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
