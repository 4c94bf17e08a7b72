"""Which system-wide keys are down: news in pairs, without repeats, with the time that the input system tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyName

# How much later than it happened an event may be told to us and its own time is still believed.
LATE_S = 5.0


class HeldKeys:
    """All on the loop's thread. `some` is set while a key is down."""

    def __init__(self, emit: Callable[[HotkeyChanged], None]) -> None:
        self.some = asyncio.Event()
        self._emit = emit
        self._down: set[HotkeyName] = set()
        self._before: dict[HotkeyName, tuple[int, float]] = {}  # input system's ms, our s
        self._ended = False

    def change(self, name: HotkeyName, *, down: bool, at_ms: int) -> None:
        """Tell a change. `at_ms` counts from anywhere, 0 is unknown."""
        if self._ended or (name in self._down) is down:
            return
        since_s = self._since(name, at_ms)
        if down:
            self._down.add(name)
            self.some.set()
        else:
            self._up(name)
        self._emit(HotkeyChanged(name=name, down=down, since_s=since_s))

    def end(self) -> None:
        """Tell the keys that are down as up, and nothing more. Safe to call twice."""
        self._ended = True
        for name in sorted(self._down):
            self._up(name)
            self._emit(HotkeyChanged(name=name, down=False))

    def _up(self, name: HotkeyName) -> None:
        self._down.discard(name)
        if not self._down:
            self.some.clear()

    def _since(self, name: HotkeyName, at_ms: int) -> float | None:
        """Return the seconds since this key's event before, None where the two times cannot both be true."""
        now_s = asyncio.get_running_loop().time()
        before = self._before.get(name)
        self._before[name] = at_ms, now_s
        if before is None or at_ms <= 0 or before[0] <= 0:
            return None
        since_s = (at_ms - before[0]) / 1000
        return since_s if 0 < since_s <= now_s - before[1] + LATE_S else None
