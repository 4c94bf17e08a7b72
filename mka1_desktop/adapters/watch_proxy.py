"""The proxy settings of Windows and macOS, where they are read by whoever wants them and tell nobody of a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from urllib.request import getproxies

from mka1_desktop.domain.system_events import ProxyChanged
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.ports.watchers import Emit

LOOK_S = 10.0


class ProxyWatcher:
    """See WatcherPort. Looks, as news of it would need a thread on Windows and a run loop on macOS.

    `getproxies` reads the registry or SystemConfiguration: what httpx uses too, when it makes a client.
    """

    name = "proxy settings"

    def __init__(self, *, clock: ClockPort, read: Callable[[], Mapping[str, str]] = getproxies) -> None:
        """`read` may block and is called in a thread."""
        self._clock = clock
        self._read = read

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        before = await asyncio.to_thread(self._read)
        while True:
            await self._clock.sleep(LOOK_S)
            after = await asyncio.to_thread(self._read)
            if after != before:
                emit(ProxyChanged())
            before = after
