"""logind's delay lock: while a session is live, the machine waits a moment before it sleeps."""

from __future__ import annotations

import asyncio
import logging

from jeepney import DBusAddress
from jeepney.fds import FileDescriptor

from mka1_desktop.adapters.bus_jeepney import Bus, BusRefused
from mka1_desktop.ports.watchers import WatcherUnavailable

log = logging.getLogger(__name__)
SERVICE = "org.freedesktop.login1"
MANAGER = "org.freedesktop.login1.Manager"
LOGIND = DBusAddress("/org/freedesktop/login1", bus_name=SERVICE, interface=MANAGER)
LET_GO_S = 2.0  # logind itself waits for 5 s at most (InhibitDelayMaxSec)
REQUEST = ("sleep", "MKA1 Desktop", "A conversation is going on", "delay")


class SleepLock:
    """A file descriptor is the lock: closing it lets the machine sleep. All on the loop's thread."""

    def __init__(self, let_go_s: float) -> None:
        self._let_go_s = let_go_s
        self._wanted = False
        self._sleeping = False  # announced, and not over
        self._held: FileDescriptor | None = None
        self._changed = asyncio.Event()
        self._deadline: asyncio.TimerHandle | None = None

    def hold(self, wanted: bool) -> None:
        """See SuspendHoldPort."""
        self._wanted = wanted
        if not wanted:
            self._let_go()
        self._changed.set()

    def sleep_announced(self) -> None:
        """Begin the time that the session has to come to rest."""
        self._sleeping = True
        if self._held is not None:
            self._deadline = asyncio.get_running_loop().call_later(self._let_go_s, self._let_go)

    def awake(self) -> None:
        """Take the lock again, for the next time."""
        self._let_go()
        self._sleeping = False
        self._changed.set()

    async def keep(self, bus: Bus) -> None:
        """Hold the lock whenever it is wanted, until cancelled. Raises WatcherUnavailable when the bus is gone."""
        self._sleeping = False
        self._changed.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(bus.ended(), name="bus ended")
                tasks.create_task(self._follow(bus), name="sleep lock")
        except ExceptionGroup as group:
            _, defects = group.split(WatcherUnavailable)
            if defects is not None:
                raise
            raise WatcherUnavailable(str(group.exceptions[0])) from None
        finally:
            self._let_go()

    async def _follow(self, bus: Bus) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._wanted and not self._sleeping and self._held is None:
                await self._take(bus)

    async def _take(self, bus: Bus) -> None:
        try:
            answer = await bus.call(LOGIND, "Inhibit", "ssss", REQUEST)
        except BusRefused as e:  # no right to, or it is about to sleep
            log.info("no sleep lock: %s", e)
            return
        match answer:
            case [FileDescriptor() as held]:
                self._held = held
            case _:
                log.info("no sleep lock: strange answer")
        if not self._wanted or self._sleeping:  # while the answer was on its way
            self._let_go()

    def _let_go(self) -> None:
        held, self._held = self._held, None
        deadline, self._deadline = self._deadline, None
        if deadline is not None:
            deadline.cancel()
        if held is not None:
            held.close()
