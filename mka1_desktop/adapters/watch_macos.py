"""Network and screen lock of macOS. Sleep is noticed by the clocks (watch_clock.py).

Written after Apple's manual pages and headers; this code cannot be run on the machine it was written on.
"""

from __future__ import annotations

import asyncio
import ctypes
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mka1_desktop.adapters.quiet_moment import QuietMoment
from mka1_desktop.adapters.way_out import Sources, compare, read_sources
from mka1_desktop.domain.system_events import ScreenLocked, ScreenUnlocked
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.ports.watchers import Emit, WatcherUnavailable

AF_ROUTE = 17  # route(4); on Linux these numbers mean something else
MESSAGE_B = 2048
READS = 64
LOOK_S = 2.0
FRAMEWORKS = "/System/Library/Frameworks"
UTF8 = 0x08000100  # kCFStringEncodingUTF8
LOCKED = b"CGSSessionScreenIsLocked"  # in the session's dictionary while the screen is locked


class RouteSocketWatcher:
    """See WatcherPort. The routing socket tells every program of links, addresses and routes; it needs no rights."""

    name = "routing socket"

    def __init__(self, *, read: Callable[[], Sources] = read_sources) -> None:
        self._read = read

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        if str(sys.platform) != "darwin":
            raise WatcherUnavailable("no routing socket")
        news = QuietMoment()
        try:
            with socket.socket(AF_ROUTE, socket.SOCK_RAW, 0) as kernel, _reading(kernel, news):
                before = self._read()
                while True:
                    await news.next()
                    after = self._read()
                    if (event := compare(before, after)) is not None:
                        emit(event)
                    before = after
        except OSError as e:
            raise WatcherUnavailable(f"{type(e).__name__} {e.errno}") from None


@contextmanager
def _reading(kernel: socket.socket, news: QuietMoment) -> Iterator[None]:
    kernel.setblocking(False)
    loop = asyncio.get_running_loop()
    loop.add_reader(kernel.fileno(), _drain, kernel, news)
    try:
        yield
    finally:
        loop.remove_reader(kernel.fileno())


def _drain(kernel: socket.socket, news: QuietMoment) -> None:
    """Throw the messages away: that one came is enough."""
    for _ in range(READS):
        try:
            kernel.recv(MESSAGE_B)
        except BlockingIOError:
            return
        except OSError as e:
            news.fail(e)
            return
        news.touch()


class ScreenWatcher:
    """See WatcherPort. Looks at the session's dictionary: the notification of it needs a run loop of Cocoa's."""

    name = "login session"

    def __init__(self, *, clock: ClockPort) -> None:
        self._clock = clock

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        try:
            session = _Session()
        except (OSError, AttributeError) as e:  # the frameworks, or a function in them
            raise WatcherUnavailable(type(e).__name__) from None
        locked = await asyncio.to_thread(session.locked)
        while True:
            await self._clock.sleep(LOOK_S)
            before, locked = locked, await asyncio.to_thread(session.locked)
            if before != locked:
                emit(ScreenLocked() if locked else ScreenUnlocked())


class _Session:
    """Quartz' dictionary of the login session."""

    def __init__(self) -> None:
        quartz = ctypes.CDLL(f"{FRAMEWORKS}/ApplicationServices.framework/ApplicationServices")
        self._core = core = ctypes.CDLL(f"{FRAMEWORKS}/CoreFoundation.framework/CoreFoundation")
        self._copy = quartz.CGSessionCopyCurrentDictionary
        self._copy.restype, self._copy.argtypes = ctypes.c_void_p, ()
        core.CFDictionaryContainsKey.restype = ctypes.c_ubyte
        core.CFDictionaryContainsKey.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        core.CFRelease.restype, core.CFRelease.argtypes = None, (ctypes.c_void_p,)
        core.CFStringCreateWithCString.restype = ctypes.c_void_p
        core.CFStringCreateWithCString.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32)
        self._key = core.CFStringCreateWithCString(None, LOCKED, UTF8)  # lives as long as the process

    def locked(self) -> bool:
        """Return whether the screen is locked; False without a login session (ssh)."""
        found = self._copy()
        if not found:
            return False
        try:
            return bool(self._core.CFDictionaryContainsKey(found, self._key))
        finally:
            self._core.CFRelease(found)
