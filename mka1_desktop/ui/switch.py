"""A switch: on or off, told by place and size of the knob and not by colour alone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, shaded
from mka1_desktop.ui.painted import Painted

WIDTH, HEIGHT = 40, 24
KNOB_ON, KNOB_OFF = 16, 12


class Switch(Painted, QAbstractButton):
    """A checkable button of 40 × 24 in a target of 40 × 36."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ring_around(self, HEIGHT // 2)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, HEIGHT)

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, middle = self.isChecked(), self.height() / 2
        track = QRectF(0, middle - HEIGHT / 2, WIDTH, HEIGHT)
        warm = self.isEnabled() and (self.underMouse() or self.isDown())
        if on:
            fill = theme.colour("accent" if self.isEnabled() else "track")
            rounded(painter, track, HEIGHT / 2, shaded(fill, 0.06, lighter=theme.dark) if warm else fill)
        else:
            edge = pen(theme.colour("control" if self.isEnabled() else "disabled"), 1.5)
            rounded(painter, track, HEIGHT / 2, theme.colour("hover" if warm else "surface"), edge)
        size = KNOB_ON if on else KNOB_OFF
        centre = WIDTH - HEIGHT / 2 if on else HEIGHT / 2
        knob = mirrored(self, QRectF(centre - size / 2, middle - size / 2, size, size))
        ink = theme.colour("on_accent" if on else "control" if self.isEnabled() else "disabled")
        rounded(painter, knob, size / 2, ink)
