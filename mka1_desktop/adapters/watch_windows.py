"""The network of Windows, through the IP Helper library.

Written after Microsoft's documentation of iphlpapi.dll; this code cannot be run on the machine it was written on.
ctypes' plain kind of call is right for it, as 64-bit Windows has one way to call only.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from mka1_desktop.adapters.quiet_moment import QuietMoment
from mka1_desktop.adapters.way_out import Sources, compare, read_sources
from mka1_desktop.ports.watchers import Emit, WatcherUnavailable

EVERY_FAMILY = 0  # AF_UNSPEC
# VOID callback(PVOID context, row, MIB_NOTIFICATION_TYPE): called on a thread of Windows' own.
CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
SUBSCRIPTIONS = ("NotifyRouteChange2", "NotifyUnicastIpAddressChange")


class WindowsNetworkWatcher:
    """See WatcherPort. Windows' news only say when to look: what changed is found by comparing two looks."""

    name = "IP Helper"

    def __init__(self, *, read: Callable[[], Sources] = read_sources) -> None:
        self._read = read

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        news = QuietMoment()
        loop = asyncio.get_running_loop()

        def changed(_context: int | None, _row: int | None, _kind: int) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(news.touch)

        with ExitStack() as stack:
            try:
                library = ctypes.CDLL("iphlpapi")
                callback = CALLBACK(changed)
                for name in SUBSCRIPTIONS:
                    stack.enter_context(_subscribed(library, name, callback))
            except (OSError, AttributeError) as e:  # the library, or a function in it
                raise WatcherUnavailable(type(e).__name__) from None
            before = self._read()
            while True:
                await news.next()
                after = self._read()
                if (event := compare(before, after)) is not None:
                    emit(event)
                before = after


@contextmanager
def _subscribed(library: ctypes.CDLL, name: str, callback: Any) -> Iterator[None]:  # noqa: ANN401 - ctypes has no name for it
    """Let Windows call `callback` until the block ends; the cancelling waits for calls that are under way."""
    subscribe = library[name]
    subscribe.restype = ctypes.c_ulong
    subscribe.argtypes = (
        ctypes.c_ushort, CALLBACK, ctypes.c_void_p, ctypes.c_ubyte, ctypes.POINTER(ctypes.c_void_p),
    )  # fmt: skip
    handle = ctypes.c_void_p()
    error = subscribe(EVERY_FAMILY, callback, None, 0, ctypes.byref(handle))
    if error:
        raise OSError(error, name)
    try:
        yield
    finally:
        library.CancelMibChangeNotify2.argtypes = (ctypes.c_void_p,)
        library.CancelMibChangeNotify2(handle)
