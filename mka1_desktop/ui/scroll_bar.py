"""A thin scroll bar without arrows, painted on the ground it lies on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollBar, QStyle, QStyleOptionSlider, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import rounded

WIDTH = 8
SHORTEST = 32


class ThinScrollBar(QScrollBar):
    """Vertical; dragging, paging and wheel are QScrollBar's own."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._look = look
        self.setFixedWidth(WIDTH)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 2 * SHORTEST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.minimum() == self.maximum():
            return
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, part = QStyle.ComplexControl.CC_ScrollBar, QStyle.SubControl.SC_ScrollBarSlider
        handle = self.style().subControlRect(style, option, part, self)
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(handle).adjusted(1, 2, -1, -2)
        rounded(painter, box, 3, theme.colour("control" if self.isSliderDown() or self.underMouse() else "track"))
