"""SystemWatchPort whose news are played by the test."""

from __future__ import annotations

import asyncio

from mka1_desktop.domain.system_events import SystemEvent
from mka1_desktop.ports.watchers import Emit


class FakeSystem:
    """`held` is what `hold_suspend` was told, in order; `tell` plays the system."""

    name = "fake"

    def __init__(self) -> None:
        self.held: list[bool] = []
        self._emit: Emit | None = None

    @property
    def watched(self) -> bool:
        return self._emit is not None

    async def run(self, emit: Emit) -> None:
        self._emit = emit
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._emit = None

    def hold_suspend(self, hold: bool) -> None:
        self.held.append(hold)

    def tell(self, event: SystemEvent) -> None:
        assert self._emit is not None, "nobody watches"
        self._emit(event)
