"""Whether this machine can reach a room at all, and by which way."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import ifaddr

from mka1_desktop.domain.errors import AppError, Code

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PLAIN_PROXIES = ("HTTP_PROXY", "http_proxy")
_SECURE_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def require_network() -> None:
    """Raise AppError(NO_NETWORK) on a machine with only a loopback interface: the SDK would wait 15 s a try."""
    for adapter in ifaddr.get_adapters():
        for address in adapter.ips:
            ip = address.ip[0] if isinstance(address.ip, tuple) else address.ip
            if not ip.startswith("127.") and ip != "::1":
                return
    raise AppError(Code.NO_NETWORK)


def spare_loopback_the_proxy(url: str) -> None:
    """Forget HTTP_PROXY before a room on this machine is joined.

    The SDK (1.2.1) would ask the proxy for 127.0.0.1, whatever NO_PROXY says, now and whenever it reconnects. Plain
    connections go to this machine only, so nothing else in this process misses the proxy.
    """
    if _is_loopback(url):
        for name in _PLAIN_PROXIES:
            os.environ.pop(name, None)


def is_proxied(url: str) -> bool:
    """Whether the environment names a proxy for this room; media never goes through one (SDK 1.2.1)."""
    return not _is_loopback(url) and any(os.environ.get(name) for name in _SECURE_PROXIES)


def _is_loopback(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False
