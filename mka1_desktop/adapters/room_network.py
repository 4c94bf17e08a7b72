"""Whether this machine can reach a room at all, and by which way."""

from __future__ import annotations

import os
import urllib.request
from urllib.parse import urlsplit

import ifaddr

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.urls import is_loopback

_SECURE_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_PROXIES = ("HTTP_PROXY", "http_proxy", *_SECURE_PROXIES)


def require_network() -> None:
    """Raise AppError(NO_NETWORK) on a machine with only a loopback interface: the SDK would wait 15 s a try."""
    for adapter in ifaddr.get_adapters():
        for address in adapter.ips:
            ip = address.ip[0] if isinstance(address.ip, tuple) else address.ip
            if not ip.startswith("127.") and ip != "::1":
                return
    raise AppError(Code.NO_NETWORK)


def lead_as_http(url: str) -> None:
    """Make the environment lead the SDK to this room by the way that HTTP takes, now and whenever it reconnects.

    The SDK (1.2.1) asks HTTPS_PROXY, for ws:// HTTP_PROXY, whatever NO_PROXY says, and does not know ALL_PROXY (seen).
    It needs a scheme too. HTTP finds the proxy of https:// in HTTPS_PROXY and ALL_PROXY alike, so that it may move;
    plain connections go to this machine only, so nothing in this process misses HTTP_PROXY.
    """
    found = urllib.request.getproxies_environment()
    proxy = found.get("https") or found.get("all")
    direct = _is_direct(url)
    for name in _PROXIES if direct else _SECURE_PROXIES:
        os.environ.pop(name, None)
    if proxy:
        os.environ["ALL_PROXY" if direct else "HTTPS_PROXY"] = proxy if "://" in proxy else f"http://{proxy}"


def is_proxied(url: str) -> bool:
    """Whether HTTP reaches this room's host through a proxy; media never goes through one (SDK 1.2.1)."""
    found = urllib.request.getproxies()
    return not _is_direct(url) and bool(found.get("https") or found.get("all"))


def _is_direct(url: str) -> bool:
    try:
        host = urlsplit(url).netloc
    except ValueError:
        return False
    return is_loopback(url) or bool(urllib.request.proxy_bypass(host))
