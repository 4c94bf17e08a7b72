"""Movement: one clock of 30 frames a second for each widget that moves, at rest when nobody can see it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

FRAME_MS = 33
FAST_IN_MS, OUT_MS, COLLAPSE_MS = 150, 250, 150
TURN_S, BREATH_S, SLOW_TURN_S = 2.4, 2.4, 4.0
LEVEL_FALL_S = 0.12  # time constant of a falling level
LEVEL_STEPS = 8  # with reduced motion


class Motion(QObject):
    """Whether things may move. From our own setting; the desktop's hint is absent before Qt 6.12."""

    changed = Signal()

    def __init__(self, *, reduced: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reduced = reduced

    @property
    def reduced(self) -> bool:
        return self._reduced

    def set_reduced(self, reduced: bool) -> None:
        if reduced != self._reduced:
            self._reduced = reduced
            self.changed.emit()


class FrameClock(QObject):
    """Calls `frame(seconds since the last frame)` while it runs and the widget can be seen.

    It stops by itself when the widget is hidden or its window minimised, and costs nothing then. The widget calls
    `painted` from its paintEvent: being painted is what happens first when it comes back.
    """

    def __init__(self, widget: QWidget, frame: Callable[[float], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._frame = frame
        self._wanted = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def set_running(self, wanted: bool) -> None:
        self._wanted = wanted
        if not wanted:
            self._timer.stop()
        else:
            self.painted()

    def painted(self) -> None:
        """Go on after a pause, if running is wanted."""
        if self._wanted and not self._timer.isActive() and self._seen():
            self._since.start()
            self._timer.start()

    def _seen(self) -> bool:
        return self._widget.isVisible() and not self._widget.window().isMinimized()

    def _tick(self) -> None:
        if not self._seen():
            self._timer.stop()
            return
        self._frame(min(0.25, self._since.restart() / 1000))


class Follower:
    """A level that rises at once and falls exponentially."""

    def __init__(self, fall_s: float = LEVEL_FALL_S) -> None:
        self._fall_s = fall_s
        self.target = 0.0
        self.value = 0.0

    def advance(self, passed_s: float) -> bool:
        """Move on by `passed_s`; true while the value is not yet at rest on its target."""
        if self.target >= self.value:
            self.value = self.target
            return self.value > 0
        self.value += (self.target - self.value) * (1 - 2.718281828 ** (-passed_s / self._fall_s))
        if self.value - self.target < 0.005:
            self.value = self.target
        return self.value > 0

    def set_at_once(self, level: float) -> None:
        self.target = self.value = level


def stepped(level: float) -> float:
    """A level in eighths, for reduced motion."""
    return round(level * LEVEL_STEPS) / LEVEL_STEPS
