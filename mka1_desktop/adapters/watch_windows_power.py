"""Sleep and screen lock of Windows, as messages to a window that is never shown.

Written after Microsoft's documentation (WM_POWERBROADCAST, WM_WTSSESSION_CHANGE); this code cannot be run on the
machine it was written on. ctypes' plain kind of call is right for it: 64-bit Windows has one way to call only.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from enum import Enum, auto

from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.adapters.watch_clock import Reading, slept_s, system_reading
from mka1_desktop.adapters.windows_messages import MessageWindow
from mka1_desktop.domain.system_events import Resumed, ScreenLocked, ScreenUnlocked, Suspending
from mka1_desktop.ports.watchers import Emit, WatcherUnavailable

WM_POWERBROADCAST, WM_WTSSESSION_CHANGE = 0x218, 0x2B1
LET_GO_S = 1.5  # Windows gives a program 2 s


class Meaning(Enum):
    SUSPENDING = auto()
    RESUMED = auto()
    LOCKED = auto()
    UNLOCKED = auto()


# PBT_APMSUSPEND; PBT_APMRESUMEAUTOMATIC, which comes after every sleep; WTS_SESSION_LOCK; WTS_SESSION_UNLOCK.
MEANINGS = {
    (WM_POWERBROADCAST, 0x4): Meaning.SUSPENDING,
    (WM_POWERBROADCAST, 0x12): Meaning.RESUMED,
    (WM_WTSSESSION_CHANGE, 0x7): Meaning.LOCKED,
    (WM_WTSSESSION_CHANGE, 0x8): Meaning.UNLOCKED,
}


class WindowsPowerWatcher:
    """See WatcherPort and SuspendHoldPort. Windows sleeps when the window has answered: that is the lock."""

    name = "power messages"

    def __init__(self, *, read: Callable[[], Reading] = system_reading) -> None:
        self._read = read
        self._before: Reading | None = None  # when sleep was announced
        self._at_rest = threading.Event()
        self._at_rest.set()

    def hold_suspend(self, hold: bool) -> None:
        """See SuspendHoldPort."""
        if hold:
            self._at_rest.clear()
        else:
            self._at_rest.set()

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        loop = asyncio.get_running_loop()

        def heard(message: int, word: int) -> None:  # on the window's thread
            meaning = MEANINGS.get((message, word))
            if meaning is None or loop.is_closed():
                return
            loop.call_soon_threadsafe(self._tell, meaning, emit)
            if meaning is Meaning.SUSPENDING:
                self._at_rest.wait(LET_GO_S)

        window = MessageWindow(heard)
        worker = DaemonWorker("power messages")
        pump = worker.submit(window.pump)
        try:
            await asyncio.wrap_future(pump)
        except (OSError, AttributeError) as e:  # a library, or a function in it
            raise WatcherUnavailable(type(e).__name__) from None
        finally:
            window.close()
            worker.stop()
        raise WatcherUnavailable("the window was closed")

    def _tell(self, meaning: Meaning, emit: Emit) -> None:
        match meaning:
            case Meaning.SUSPENDING:
                self._before = self._read()
                emit(Suspending())
            case Meaning.RESUMED:
                before, self._before = self._before, None
                emit(Resumed(slept_s=slept_s(before, self._read()) if before else 0.0))
            case Meaning.LOCKED:
                emit(ScreenLocked())
            case Meaning.UNLOCKED:
                emit(ScreenUnlocked())
