"""A slider with its value beside it, for amounts in percent."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.theme import TARGET

KNOB, GROOVE = 18, 4


class AmountSlider(Painted, QSlider):
    """Keys, role and value are QSlider's own; the groove is filled up to the knob."""

    def __init__(self, look: Look, name: str, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._look = look
        self.setAccessibleName(name)
        self.setRange(low, high)
        self.setSingleStep(5)
        self.setPageStep(20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_around(self, 8, 4)

    def sizeHint(self) -> QSize:
        return QSize(160, TARGET)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling the page must not change a setting

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._take(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._take(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        share = (self.value() - self.minimum()) / max(1, self.maximum() - self.minimum())
        room, middle = self.width() - KNOB, self.height() / 2
        groove = QRectF(KNOB / 2, middle - GROOVE / 2, room, GROOVE)
        rounded(painter, groove, GROOVE / 2, theme.colour("track"))
        filled = mirrored(self, QRectF(groove.x(), groove.y(), room * share, GROOVE))
        rounded(painter, filled, GROOVE / 2, theme.colour("accent"))
        knob = mirrored(self, QRectF(room * share, middle - KNOB / 2, KNOB, KNOB))
        fill = theme.colour("accent_soft" if self.underMouse() or self.isSliderDown() else "surface")
        rounded(painter, knob, KNOB / 2, fill, pen(theme.colour("accent"), 2))

    def _take(self, x: float) -> None:
        """Set the value under the pointer, in whole steps."""
        share = (x - KNOB / 2) / max(1, self.width() - KNOB)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            share = 1 - share
        share = min(1.0, max(0.0, share))
        raw = self.minimum() + share * (self.maximum() - self.minimum())
        self.setValue(min(self.maximum(), round(raw / self.singleStep()) * self.singleStep()))
