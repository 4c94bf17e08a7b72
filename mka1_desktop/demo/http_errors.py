"""Failing answers of the HTTP API, in the body shapes that the service uses (mka1-api.md 8.1)."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

PAGE = (
    "<!DOCTYPE html><html><head><title>{title}</title></head>"
    "<body><center><h1>{title}</h1></center><hr><center>demo gateway</center></body></html>"
)


class ApiError(Exception):
    """One request fails with this answer. The body never holds a key, a token or what was sent."""

    def __init__(self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def answer(self) -> web.Response:
        return web.json_response(self.body, status=self.status, headers=self.headers)


def invalid(message: str, *, param: str | None = None, code: str = "invalid_value", status: int = 400) -> ApiError:
    """Shape (e): what the language model's endpoints say."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return ApiError(status, {"error": error})


def bad_request(message: str) -> ApiError:
    """Shape (f): what the speech endpoints say."""
    return ApiError(400, {"code": "BAD_REQUEST", "message": message})


def not_found(message: str) -> ApiError:
    return invalid(message, code="not_found", status=404)


def too_large(message: str) -> ApiError:
    return invalid(message, code="request_too_large", status=413)


def unauthorized() -> ApiError:
    """Shape (c): what the authentication service says."""
    body = {"message": "The API key is missing or invalid.", "code": "invalid_api_key"}
    return ApiError(401, body, {"WWW-Authenticate": "Bearer"})


def scripted(status: int, retry_after: str | None) -> web.Response:
    """Return the answer of a switched-on fault: each status in the shape that fits its usual origin."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    match status:
        case 429:
            body: Mapping[str, object] = {"error": "Rate limit exceeded"}  # (a), the gateway
        case 401:
            body = unauthorized().body  # (c)
        case 403:
            body = {"message": "inbound_ip_denied", "code": "inbound_ip_denied"}  # (c), the address rule
        case 422:  # (d), the sandbox service
            body = {"detail": [{"loc": ["body", "llm"], "msg": "Field required", "type": "missing"}]}
        case 500:
            body = {"error": {"message": "Internal error", "details": {"demo": True}}}  # (b)
        case 413 | 431 | 502:  # (j), a proxy's page
            return web.Response(
                status=status, text=PAGE.format(title=status), content_type="text/html", headers=headers
            )
        case 503 | 504:
            return web.Response(status=status, headers=headers)  # (j), empty
        case _:
            body = invalid("This failure was asked for.", code="demo_fault").body  # (e)
    return web.json_response(body, status=status, headers=headers)
