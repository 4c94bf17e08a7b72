"""Misbehaviour of a room that comes after a time, or at once when it is switched on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from mka1_desktop.demo.faults import ONCE, Faults


class TimedFaults:
    """Runs an action when its fault's time has come, counted from the start or from the switching on."""

    def __init__(self, faults: Faults, actions: Mapping[str, Callable[[], None]]) -> None:
        self._faults = faults
        self._actions = actions
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stop_listening: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to count. Call on the event loop."""
        self._stop_listening = self._faults.listen(self._switched)
        for name in self._actions:
            self._plan(name)

    def stop(self) -> None:
        self._stop_listening()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _switched(self, name: str, value: str | None) -> None:
        if value == ONCE and name in self._actions:
            self._plan(name)  # what was timed before is off
            self._actions[name]()
        else:
            self._plan(name, running=True)

    def _plan(self, name: str, *, running: bool = False) -> None:
        if name not in self._actions:
            return
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()
        after_s = self._faults.seconds(name)
        if after_s == 0 and running:
            self._actions[name]()
        elif after_s is not None:
            loop = asyncio.get_running_loop()
            self._timers[name] = loop.call_later(after_s, self._actions[name])
