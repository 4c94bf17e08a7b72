"""The level meter beside a device: a few steps, filled while the device is open."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.motion import Follower, FrameClock
from mka1_desktop.ui.paint import mirrored, rounded
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView

STEP_W, STEP_H, STEP_GAP = 4, 10, 2
STEPS, STEPS_NARROW = 8, 4


class Meter(QWidget):
    """Eight steps of the microphone's level in orange; empty while the microphone is closed."""

    def __init__(self, look: Look, levels: LevelsModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._steps = STEPS
        self._lit = 0
        self._follower = Follower()
        self._clock = FrameClock(self, self._advance)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        levels.changed.connect(self._show)
        look.theme.changed.connect(self.update)
        self._show(levels.view)

    @property
    def lit(self) -> int:
        """Steps that are filled."""
        return self._lit

    def set_steps(self, steps: int) -> None:
        if steps != self._steps:
            self._steps = steps
            self.updateGeometry()
            self._relight()

    def sizeHint(self) -> QSize:
        return QSize(self._steps * STEP_W + (self._steps - 1) * STEP_GAP, STEP_H)

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._clock.painted()
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(self._steps):
            box = mirrored(self, QRectF(index * (STEP_W + STEP_GAP), 0, STEP_W, STEP_H))
            rounded(painter, box, 1, theme.colour("live" if index < self._lit else "track"))

    def _show(self, levels: LevelsView) -> None:
        self._follower.target = levels.microphone or 0.0
        if self._look.motion.reduced or levels.microphone is None:
            self._follower.set_at_once(self._follower.target)
            self._clock.set_running(False)
            self._relight()
        else:
            self._clock.set_running(self._follower.target > 0 or self._follower.value > 0)

    def _advance(self, passed_s: float) -> None:
        if not self._follower.advance(passed_s):
            self._clock.set_running(False)
        self._relight()

    def _relight(self) -> None:
        lit = round(self._follower.value * self._steps)
        if lit != self._lit:
            self._lit = lit
            self.update()
