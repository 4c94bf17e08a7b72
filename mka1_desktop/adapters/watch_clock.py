"""Notices sleep and set clocks by comparing three clocks every second; works on every system, and asks nobody."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from mka1_desktop.domain.system_events import ClockJumped, Resumed, SystemEvent
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.ports.watchers import Emit

TICK_S = 1.0
SLEEP_S = 2.0  # the clocks are read one after the other: on a loaded machine they differ by some milliseconds
JUMP_S = 2.0  # slewing is in all three clocks, so this is a step; a smaller one matters to nobody here


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The clocks at one moment, in seconds; each counts from a time of its own."""

    awake_s: float  # stands still while the machine sleeps
    boot_s: float  # goes on while it sleeps, cannot be set
    wall_s: float  # Unix time, can be set


def slept_s(before: Reading, after: Reading) -> float:
    """Return the seconds asleep between two readings; never negative."""
    return max(0.0, (after.boot_s - before.boot_s) - (after.awake_s - before.awake_s))


def compare(before: Reading, after: Reading) -> tuple[SystemEvent, ...]:
    """Decide what happened between two readings. Small differences are not news."""
    passed_s = after.boot_s - before.boot_s
    slept = slept_s(before, after)
    jumped_s = (after.wall_s - before.wall_s) - passed_s
    events: list[SystemEvent] = []
    if slept >= SLEEP_S:
        events.append(Resumed(slept_s=slept))
    if abs(jumped_s) >= JUMP_S:
        events.append(ClockJumped(by_s=jumped_s))
    return tuple(events)


class ClockWatcher:
    """See WatcherPort. Cost: three clock readings a second, about 1 us."""

    name = "clock"

    def __init__(self, *, clock: ClockPort, read: Callable[[], Reading]) -> None:
        """`clock` only waits; `read` is `system_reading` outside tests."""
        self._clock = clock
        self._read = read

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        before = self._read()
        while True:
            await self._clock.sleep(TICK_S)
            after = self._read()
            for event in compare(before, after):
                emit(event)
            before = after


def system_reading() -> Reading:
    """Read the clocks of this system.

    Source: clock_gettime(2) of Linux and macOS (CLOCK_MONOTONIC goes on in sleep on macOS only, CLOCK_UPTIME_RAW
    stands still); QueryUnbiasedInterruptTime and GetTickCount64 of Windows ("does not include time the system spends
    in sleep", and includes it).
    """
    boot_s, awake_s = _READ()
    return Reading(awake_s=awake_s, boot_s=boot_s, wall_s=time.time())


def _linux() -> tuple[float, float]:
    return time.clock_gettime(time.CLOCK_BOOTTIME), time.clock_gettime(time.CLOCK_MONOTONIC)


def _macos() -> tuple[float, float]:
    # The number, as Python names this clock on macOS only.
    return time.clock_gettime(time.CLOCK_MONOTONIC), time.clock_gettime(8)


def _windows() -> tuple[float, float]:
    kernel = ctypes.CDLL("kernel32")  # on 64-bit Windows there is one way to call only
    kernel.GetTickCount64.restype = ctypes.c_uint64
    awake = ctypes.c_uint64()  # 100 ns
    kernel.QueryUnbiasedInterruptTime(ctypes.byref(awake))
    return kernel.GetTickCount64() / 1e3, awake.value / 1e7


def _elsewhere() -> tuple[float, float]:
    return time.monotonic(), time.monotonic()


_READERS = {"linux": _linux, "darwin": _macos, "win32": _windows}
_READ = _READERS.get(str(sys.platform), _elsewhere)
