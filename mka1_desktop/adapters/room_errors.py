"""What the SDK says when a room cannot be joined -> our codes.

Its text holds the body of the server's answer, and that can hold the raw token: the text is read and never passed on.
"""

from __future__ import annotations

import re

from mka1_desktop.adapters.room_network import is_proxied
from mka1_desktop.domain.errors import AppError, Code

# "engine: signal failure: client error: 401 Unauthorized - BODY" (SDK 1.2.1, seen). The kind comes before the body.
_STATUS = re.compile(r"\A[^-]{0,60}?\b(?:client|server|handshake) error: ([1-5]\d\d)\b")
_TRANSPORT = re.compile(r"\A[^-]{0,60}?\btransport connection error: (.{0,300})", re.DOTALL)
# rustls: "invalid peer certificate", "received corrupt message", "received fatal alert: HandshakeFailure".
_WAY_WORDS = ("proxy", "certificate", "corrupt message", "fatal alert", "tls")


def explain(text: str, url: str) -> AppError:
    """Turn the text of a ConnectError into an AppError; only codes leave."""
    if status := _STATUS.match(text):
        return _by_status(int(status[1]))
    transport = _TRANSPORT.match(text)
    if is_proxied(url) or (transport and any(word in transport[1].casefold() for word in _WAY_WORDS)):
        return AppError(Code.ROOM_PROXY)
    return AppError(Code.ROOM_UNREACHABLE)


def too_late(url: str) -> AppError:
    """Nothing came within our own time limit: where only a proxy leads out, media does not get through."""
    return AppError(Code.ROOM_PROXY if is_proxied(url) else Code.TIMED_OUT)


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
