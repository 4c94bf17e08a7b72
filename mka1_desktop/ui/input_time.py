"""How long a key or a button was down, by the clock of the input system: it goes on while the window is stalled."""

from __future__ import annotations

from PySide6.QtGui import QInputEvent

from mka1_desktop.domain.input_time import passed_s


class InputTime:
    """Follows the presses and releases of one key or button."""

    def __init__(self) -> None:
        self._last_ms = 0

    def since_last(self, event: QInputEvent | None) -> float | None:
        """Return the seconds between the event before and this one; None where one of them has no time of its own.

        A release that no event caused is None: the next one has nothing to be measured by.
        """
        before_ms, self._last_ms = self._last_ms, 0 if event is None else event.timestamp()
        return passed_s(before_ms, self._last_ms)
