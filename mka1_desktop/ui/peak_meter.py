"""A longer level meter that remembers the loudest for a moment and marks what was too loud."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.motion import Follower, FrameClock
from mka1_desktop.ui.paint import mirrored, rounded
from mka1_desktop.ui.roles import Role

STEP_W, STEP_H, STEP_GAP, STEPS = 4, 10, 2, 16


class PeakMeter(QWidget):
    """Sixteen steps in orange, empty while the microphone is closed; the last one turns red when sound was clipped."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._peak = 0
        self._lit = 0
        self._clipped = False
        self._follower = Follower()
        self._clock = FrameClock(self, self._advance)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.update)

    @property
    def lit(self) -> int:
        """Steps that are filled."""
        return self._lit

    @property
    def peak(self) -> int:
        """The step of the loudest, counted from one; 0: none."""
        return self._peak

    @property
    def clipped(self) -> bool:
        return self._clipped

    def show_level(self, level: float | None, peak: float | None, *, clipped: bool) -> None:
        """0 to 1 each, None while the microphone is closed."""
        step = round((peak or 0.0) * STEPS)
        if (step, clipped) != (self._peak, self._clipped):
            self._peak, self._clipped = step, clipped
            self.update()
        self._follower.target = level or 0.0
        if self._look.motion.reduced or level is None:
            self._follower.set_at_once(self._follower.target)
            self._clock.set_running(False)
            self._relight()
        else:
            self._clock.set_running(self._follower.target > 0 or self._follower.value > 0)

    def sizeHint(self) -> QSize:
        return QSize(STEPS * STEP_W + (STEPS - 1) * STEP_GAP, STEP_H)

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._clock.painted()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(STEPS):
            box = mirrored(self, QRectF(index * (STEP_W + STEP_GAP), 0, STEP_W, STEP_H))
            rounded(painter, box, 1, self._look.theme.colour(self._role(index)))

    def _role(self, index: int) -> Role:
        if self._clipped and index == STEPS - 1:
            return "error"
        return "live" if index < self._lit or index == self._peak - 1 else "track"

    def _advance(self, passed_s: float) -> None:
        if not self._follower.advance(passed_s):
            self._clock.set_running(False)
        self._relight()

    def _relight(self) -> None:
        lit = round(self._follower.value * STEPS)
        if lit != self._lit:
            self._lit = lit
            self.update()
