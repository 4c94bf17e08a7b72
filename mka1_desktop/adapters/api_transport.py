"""httpx for one base URL: trust store, proxy, time limits, and what each failure of the network means."""

from __future__ import annotations

import os
import ssl
import urllib.request
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from socket import gaierror
from urllib.parse import urlsplit

import httpx
import truststore

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.urls import is_loopback

BODY_LIMIT_B = 1_000_000  # of an ordinary answer, before and after decompression

# What waiting and a closed connection look like inside TLS: the certificate is not at fault.
NO_TLS_FAILURE = (
    ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLZeroReturnError, ssl.SSLEOFError, ssl.SSLSyscallError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimits:
    """Seconds. `total` is for one whole call: a server that sends a byte now and then is not waited for."""

    connect: float = 10.0
    read: float = 20.0
    total: float = 30.0


def open_client(base_url: str, limits: TimeLimits) -> tuple[httpx.AsyncClient, bool]:
    """Return a client for this base URL, and whether it goes through a proxy. Blocks 20 to 160 ms: call it in a thread.

    The system's trust store is used, and `SSL_CERT_FILE` where it is set. The proxy is that of the environment (or of
    the system's settings on Windows and macOS); what runs on this machine is never reached through one.

    Raises AppError: TLS when `SSL_CERT_FILE` cannot be read, PROXY when the proxy's address cannot be used,
    BAD_SETTING when the base URL cannot.
    """
    context = _trust()
    proxy = _proxy(base_url, context)
    try:
        client = httpx.AsyncClient(
            verify=context,
            proxy=proxy,
            trust_env=False,  # all that the environment has to say was read here
            follow_redirects=False,
            timeout=httpx.Timeout(limits.read, connect=limits.connect),
        )
        client.build_request("GET", base_url)
    except (ImportError, ValueError):  # SOCKS, or another scheme that httpx has no transport for
        raise AppError(Code.PROXY, message="Only http:// and https:// proxies can be used.") from None
    except httpx.InvalidURL:
        raise AppError(Code.BAD_SETTING, message="The base URL is not a web address.") from None
    return client, proxy is not None


def _trust() -> ssl.SSLContext:
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if path := os.environ.get("SSL_CERT_FILE"):  # said here, because only OpenSSL's own store looks at it by itself
        try:
            context.load_verify_locations(cafile=path)
        except (OSError, ssl.SSLError):  # the text may name the file; the sentence need not
            raise AppError(Code.TLS, message="The file named by SSL_CERT_FILE cannot be read.") from None
    return context


def _proxy(base_url: str, context: ssl.SSLContext) -> httpx.Proxy | None:
    parts = urlsplit(base_url)
    if is_loopback(base_url) or urllib.request.proxy_bypass(parts.netloc):
        return None
    found = urllib.request.getproxies()
    address = found.get(parts.scheme) or found.get("all")
    if not address:
        return None
    try:
        url = httpx.URL(address if "://" in address else f"http://{address}")
        return httpx.Proxy(url, ssl_context=context if url.scheme == "https" else None)
    except (ValueError, httpx.InvalidURL):
        raise AppError(Code.PROXY, message="The address of the proxy cannot be used.") from None


async def read_body(answer: httpx.Response, limit_b: int = BODY_LIMIT_B) -> bytes:
    """Read at most `limit_b` of a streamed answer, decompressed; raises AppError(BAD_ANSWER) for more."""
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > limit_b:
            raise AppError(Code.BAD_ANSWER, message="The answer is too long.", http_status=answer.status_code)
        parts.append(part)
    raw = b"".join(parts)
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    return raw if coding in {"", "identity"} else _inflated(raw, coding, answer.status_code, limit_b)


def _inflated(raw: bytes, coding: str, status: int, limit_b: int) -> bytes:
    """Decompress what came compressed although we did not offer it, never beyond the limit."""
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise AppError(Code.BAD_ANSWER, http_status=status)
    try:
        body = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(raw, limit_b + 1)
    except zlib.error:
        body = b""
    if not body:
        raise AppError(Code.BAD_ANSWER, http_status=status)
    if len(body) > limit_b:
        raise AppError(Code.BAD_ANSWER, message="The answer is too long.", http_status=status)
    return body


def explained(error: httpx.TransportError, *, proxied: bool) -> AppError:
    """Say in our own codes why a call did not come to an answer. Texts of libraries are not passed on."""
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLError) and not isinstance(cause, NO_TLS_FAILURE) for cause in causes):
        return AppError(Code.TLS)
    if isinstance(error, httpx.ProxyError):
        return AppError(Code.PROXY)
    if isinstance(error, httpx.TimeoutException):
        return AppError(Code.TIMED_OUT)
    if isinstance(error, httpx.ConnectError):
        if proxied:  # the only address that is ever dialled is the proxy's
            return AppError(Code.PROXY)
        return AppError(Code.DNS if any(isinstance(cause, gaierror) for cause in causes) else Code.OFFLINE)
    if isinstance(error, httpx.RemoteProtocolError) and not _cut_short(error):
        return AppError(Code.BAD_ANSWER)
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return AppError(Code.CUT)
    return AppError(Code.BAD_ANSWER)


def _cut_short(error: httpx.RemoteProtocolError) -> bool:
    """Whether the peer went away; the same class is raised for what is no HTTP, and only the text differs."""
    text = str(error)
    return "closed connection" in text or "disconnected" in text


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, its causes and contexts, and the members of groups (several addresses were tried)."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
