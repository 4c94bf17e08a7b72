"""Several watchers tell of the same thing: this lets the first one through. Pure."""

from __future__ import annotations

from mka1_desktop.domain.system_events import (
    NetworkChanged,
    Resumed,
    ScreenLocked,
    ScreenUnlocked,
    Suspending,
    SystemEvent,
)

SAME_S = 5.0  # logind and the clock tell of one and the same sleep within a second


class MergedEvents:
    """Give it every event, in order; what `admits` returns False for was told already."""

    def __init__(self) -> None:
        self._network: NetworkChanged | None = None
        self._locked: bool | None = None
        self._power: tuple[type[SystemEvent], float] | None = None

    def admits(self, event: SystemEvent, at_s: float) -> bool:
        """Decide; `at_s` is monotonic."""
        match event:
            case NetworkChanged():
                before, self._network = self._network, event
                return event.route_changed or before is None or before.up != event.up
            case ScreenLocked() | ScreenUnlocked():
                was, self._locked = self._locked, isinstance(event, ScreenLocked)
                return was != self._locked
            case Suspending() | Resumed():
                last, self._power = self._power, (type(event), at_s)
                return last is None or last[0] is not type(event) or at_s - last[1] > SAME_S
            case _:
                return True
