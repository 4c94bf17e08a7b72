"""Addresses and the key: what may be used, and in which one form it is kept."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import SplitResult, unquote, urlsplit

from mka1_desktop.domain.errors import AppError, Code

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
URL_LIMIT, KEY_LIMIT = 2_000, 8_000  # characters
DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_BEARER = re.compile(r"bearer(\s+|$)", re.IGNORECASE)
NO_ROOM = "The answer holds no usable room address. Check the base URL."
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?\.?|[0-9a-f:.]+")


def normal_base_url(raw: str) -> str:
    """Return the one form of a base URL: lower-case scheme and host, no default port, no trailing slash.

    Any path is kept (gateways under a prefix). Raises AppError: INSECURE_URL for http:// elsewhere than on this
    machine, BAD_SETTING for what is no address or holds a user name, a query or a fragment.
    """
    url = raw.strip()
    try:
        parts = _split(url)
        if parts.scheme not in {"http", "https"}:
            _bad("The base URL must begin with https://.")
        if "@" in parts.netloc or "?" in url or "#" in url:
            _bad("The base URL must not hold a user name, a query or a fragment.")
        if any(unquote(segment) in {".", ".."} for segment in parts.path.split("/")):
            _bad("The path of the base URL must not hold . or .. steps.")
        host, port = _host(parts), _port(parts)
    except ValueError:
        _bad("The base URL is not a web address.")
    if parts.scheme == "http" and host not in LOOPBACK_HOSTS:
        raise AppError(Code.INSECURE_URL)
    return f"{parts.scheme}://{_bracketed(host)}{port}{parts.path.rstrip('/')}"


def origin(base_url: str) -> str:
    """Return where a key belongs: scheme, host, port and path. Equal origins are equal texts.

    Raises AppError like `normal_base_url`, of which this is the comparable form.
    """
    return normal_base_url(base_url)


def is_loopback(url: str) -> bool:
    """Whether the host is this machine itself; False for what is no address."""
    try:
        return _host(_split(url.strip())) in LOOPBACK_HOSTS
    except ValueError:
        return False


def room_url(raw: object) -> str:
    """Return the room's address as the service gave it, only without a trailing slash (API reference 3.2).

    Raises AppError: BAD_ANSWER for none or for what is no address, INSECURE_URL for ws:// elsewhere than on this
    machine.
    """
    if not isinstance(raw, str):
        raise AppError(Code.BAD_ANSWER, message="The answer names no room address. Check the base URL.")
    try:
        parts = _split(raw)
        host, _ = _host(parts), _port(parts)
    except ValueError:
        raise AppError(Code.BAD_ANSWER, message=NO_ROOM) from None
    if parts.scheme not in {"ws", "wss"} or "@" in parts.netloc or "#" in raw:
        raise AppError(Code.BAD_ANSWER, message=NO_ROOM)
    if parts.scheme == "ws" and host not in LOOPBACK_HOSTS:
        raise AppError(Code.INSECURE_URL)
    return raw.rstrip("/")


def clean_key(raw: str | None) -> str:
    """Return an API key without white space around it and without "Bearer".

    Raises AppError(NO_KEY): nothing there, a placeholder such as `<your key>`, or characters that no header can hold.
    The message never holds what was typed.
    """
    key = (raw or "").strip()
    if (prefix := _BEARER.match(key)) is not None:
        key = key[prefix.end() :]
    if not key or "<" in key:
        raise AppError(Code.NO_KEY)
    if len(key) > KEY_LIMIT or not all("!" <= c <= "~" for c in key):
        raise AppError(Code.NO_KEY, message="A key is one word of plain letters, digits and signs.")
    return key


def _split(url: str) -> SplitResult:
    """Split an address; raises ValueError. `urlsplit` silently drops line breaks, so they are refused here first."""
    if len(url) > URL_LIMIT or not url.isprintable() or any(c.isspace() or c in '\\"<>^`{|}' for c in url):
        raise ValueError("not an address")
    return urlsplit(url)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()  # UnicodeError is a ValueError
    elif any(not 0 < len(label) < 64 for label in host.rstrip(".").split(".")):
        raise ValueError("a label is empty or too long")
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise ValueError("not a host")
    return host


def _port(parts: SplitResult) -> str:
    port = parts.port  # raises ValueError
    return "" if port is None or port == DEFAULT_PORTS.get(parts.scheme) else f":{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _bad(sentence: str) -> NoReturn:
    raise AppError(Code.BAD_SETTING, message=sentence)
