"""What the SDK says when a room cannot be joined -> our codes.

Its text can hold the raw token, and so is never passed on.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

import ifaddr

from mka1_desktop.domain.errors import AppError, Code

_STATUS = re.compile(
    r"(?:client error|status(?: code)?|HTTP error)[^0-9]{0,12}([45]\d\d)\b|\b(40[0-9]|413|429|431|50[0-4])\b"
)
_TLS_WORDS = ("certificate", "unknownissuer", "tls", "ssl", "handshake")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def explain(text: str, url: str) -> AppError:
    """Turn the text of a ConnectError into an AppError; only codes leave."""
    low = text.casefold()
    if any(word in low for word in _TLS_WORDS):
        return AppError(Code.ROOM_PROXY)
    found = _STATUS.search(text)
    if found:
        return _by_status(int(found[1] or found[2]))
    if _through_proxy(url):
        return AppError(Code.ROOM_PROXY)
    return AppError(Code.ROOM_UNREACHABLE)


def _by_status(status: int) -> AppError:
    match status:
        case 401:
            return AppError(Code.TOKEN_EXPIRED, http_status=status)
        case 400 | 413 | 431:
            return AppError(Code.TOO_LARGE, http_status=status)
        case 407:
            return AppError(Code.ROOM_PROXY, http_status=status)
        case 403:
            return AppError(Code.ROOM_REFUSED, http_status=status)
        case _:
            return AppError(Code.ROOM_UNREACHABLE, http_status=status)


def _through_proxy(url: str) -> bool:
    """The SDK's WebSocket goes its own way: where only a proxy leads out, say so instead of waiting."""
    host = urlsplit(url).hostname or ""
    if host in LOOPBACK:
        return False
    names = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return any(os.environ.get(name) for name in names)


def require_network() -> None:
    """Raise AppError(NO_NETWORK) on a machine with only a loopback interface: the SDK would wait 15 s a try."""
    for adapter in ifaddr.get_adapters():
        for address in adapter.ips:
            ip = address.ip[0] if isinstance(address.ip, tuple) else address.ip
            if not ip.startswith("127.") and ip != "::1":
                return
    raise AppError(Code.NO_NETWORK)
