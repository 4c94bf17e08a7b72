"""Keeps WebRTC's media engine running from the first room on.

WebRTC starts its engine with the first peer connection and ends it after the last one. The SDK's audio device does not
come back from that (1.1.10 to 1.2.1: in its `AdmProxy`, `Terminate` ends the parts and `Init` does nothing; seen). So a
first join that fails, and is tried again by the SDK itself or beside another join, leaves the process deaf until it
ends, and its native microphone dead. The engine therefore gets one peer connection of its own: that of a join to this
very process which is never answered. It goes nowhere and costs about 0.4 MB.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading

from livekit.rtc._ffi_client import FfiClient
from livekit.rtc._proto.ffi_pb2 import FfiRequest

from mka1_desktop.adapters.room_network import lead_as_http

log = logging.getLogger(__name__)
BEGIN_LIMIT_S = 5.0
FOR_EVER_MS = 10 * 365 * 86_400 * 1000
_once = threading.Lock()
_kept: list[bool] = []


async def keep_media_engine() -> None:
    """Return when the engine is held, for as long as this process lives; takes about 50 ms the first time."""
    if not _kept:
        await asyncio.to_thread(_keep)


def _keep() -> None:
    with _once:
        if _kept:
            return
        try:
            with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
                listener.settimeout(BEGIN_LIMIT_S)
                _join_in_vain(f"ws://127.0.0.1:{listener.getsockname()[1]}")
                connection, _ = listener.accept()  # the SDK makes its peer connection before it calls
        except OSError as error:
            log.warning("the media engine is not held: %s", type(error).__name__)
            return
        connection.detach()  # ends with the process: a close that the SDK notices is an error to it, and it says so
        _kept.append(True)


def _join_in_vain(url: str) -> None:
    lead_as_http(url)
    request = FfiRequest()
    join = request.connect
    join.url, join.token = url, "none"
    join.options.auto_subscribe = False
    join.options.join_retries = 0
    join.options.connect_timeout_ms = FOR_EVER_MS
    FfiClient.instance.request(request)
