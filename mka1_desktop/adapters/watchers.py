"""All watchers of this system as one."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from mka1_desktop.adapters.merged_events import MergedEvents
from mka1_desktop.adapters.watch_clock import ClockWatcher, system_reading
from mka1_desktop.domain.system_events import SystemEvent
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.ports.watchers import Emit, SuspendHoldPort, SystemWatchPort, WatcherPort, WatcherUnavailable

log = logging.getLogger(__name__)


class Watchers:
    """See SystemWatchPort. What two watchers tell is emitted once."""

    name = "system"

    def __init__(self, *, watchers: Sequence[WatcherPort], holds: Sequence[SuspendHoldPort], clock: ClockPort) -> None:
        """`holds` are those of the watchers that can make the system wait."""
        self._watchers = watchers
        self._holds = holds
        self._clock = clock

    def hold_suspend(self, hold: bool) -> None:
        """See SuspendHoldPort."""
        for one in self._holds:
            one.hold_suspend(hold)

    async def run(self, emit: Emit) -> None:
        """See SystemWatchPort."""
        merged = MergedEvents()

        def pass_on(event: SystemEvent) -> None:
            if merged.admits(event, self._clock.monotonic()):
                log.info("the system tells: %s", event)
                emit(event)

        async with asyncio.TaskGroup() as tasks:
            for watcher in self._watchers:
                tasks.create_task(_watch(watcher, pass_on), name=f"watcher: {watcher.name}")
            await asyncio.get_running_loop().create_future()  # until cancelled, also when all were left out


async def _watch(watcher: WatcherPort, emit: Emit) -> None:
    try:
        await watcher.run(emit)
    except WatcherUnavailable as e:
        log.info("watching without %s: %s", watcher.name, e)


def pick_watchers(clock: ClockPort) -> SystemWatchPort:
    """Return what can be watched on this system; opens nothing yet."""
    watchers, holds = _of_this_system(clock)
    return Watchers(watchers=[ClockWatcher(clock=clock, read=system_reading), *watchers], holds=holds, clock=clock)


def _of_this_system(clock: ClockPort) -> tuple[Sequence[WatcherPort], Sequence[SuspendHoldPort]]:
    system = str(sys.platform)  # as a value: the type checker shall read every branch
    if system == "linux":
        return _of_linux()
    if system == "win32":
        from mka1_desktop.adapters.watch_proxy import ProxyWatcher  # noqa: PLC0415 - this system only
        from mka1_desktop.adapters.watch_windows import WindowsNetworkWatcher  # noqa: PLC0415 - this system only
        from mka1_desktop.adapters.watch_windows_power import WindowsPowerWatcher  # noqa: PLC0415 - this system only

        power = WindowsPowerWatcher()
        return [WindowsNetworkWatcher(), power, ProxyWatcher(clock=clock)], [power]
    if system == "darwin":
        from mka1_desktop.adapters.watch_macos import RouteSocketWatcher, ScreenWatcher  # noqa: PLC0415 - this system
        from mka1_desktop.adapters.watch_proxy import ProxyWatcher  # noqa: PLC0415 - this system only

        return [RouteSocketWatcher(), ScreenWatcher(clock=clock), ProxyWatcher(clock=clock)], []
    return [], []


def _of_linux() -> tuple[Sequence[WatcherPort], Sequence[SuspendHoldPort]]:
    from mka1_desktop.adapters.watch_dconf import DconfWatcher  # noqa: PLC0415 - jeepney is there on Linux only
    from mka1_desktop.adapters.watch_logind import LogindWatcher  # noqa: PLC0415 - see above
    from mka1_desktop.adapters.watch_netlink import NetlinkWatcher  # noqa: PLC0415 - this system only
    from mka1_desktop.adapters.watch_networkmanager import NetworkManagerWatcher  # noqa: PLC0415 - see above
    from mka1_desktop.adapters.watch_screensaver import ScreenSaverWatcher  # noqa: PLC0415 - see above

    logind = LogindWatcher(session_id=os.environ.get("XDG_SESSION_ID", ""))
    return [NetlinkWatcher(), logind, ScreenSaverWatcher(), NetworkManagerWatcher(), DconfWatcher()], [logind]
