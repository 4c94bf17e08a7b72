"""What every request to the service passes first: its Host name, and the rules for browsers.

The service listens on loopback, but a web page can make a browser ask loopback addresses, also under a
name of its own that resolves there. So only loopback names are served, and no other origin may read an
answer unless the service was started with --cors.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from mka1_desktop.demo.http_errors import invalid

LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
API = "/api/v1/llm/"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-On-Behalf-Of",
    "Access-Control-Max-Age": "600",
}

# aiohttp names its own handler type so; the answer is any response, a WebSocket included.
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def middlewares(*, cors: bool) -> tuple[Middleware, ...]:
    """Return the service's middlewares in their order, for `web.Application(middlewares=…)`."""
    return (_host_guard, _cors_guard, _api_words) if cors else (_host_guard, _api_words)


def is_loopback_name(host: str | None) -> bool:
    """Tell whether a Host header names this machine: localhost, 127.0.0.1 or [::1], with any port."""
    return host is not None and LOOPBACK.fullmatch(host) is not None


@web.middleware
async def _host_guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if is_loopback_name(request.headers.get("Host")):
        return await handler(request)
    message = "This service answers only to localhost."
    return invalid(message, code="host_not_allowed", status=421).answer()


@web.middleware
async def _cors_guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return web.Response(status=204, headers={**CORS, **PREFLIGHT})
    try:
        answer = await handler(request)
    except web.HTTPException as e:
        e.headers.update(CORS)
        raise
    if not answer.prepared:  # a WebSocket has sent its headers; browsers do not ask for these there
        answer.headers.update(CORS)
    return answer


@web.middleware
async def _api_words(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Unknown paths and methods of the API are answered in JSON, like everything else there."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        if request.path.startswith(API):
            return invalid("There is no such path.", code="not_found", status=404).answer()
        raise
    except web.HTTPMethodNotAllowed as e:
        if not request.path.startswith(API):
            raise
        failure = invalid("The path does not take this method.", code="method_not_allowed", status=405)
        failure.headers["Allow"] = ", ".join(sorted(e.allowed_methods))
        return failure.answer()
