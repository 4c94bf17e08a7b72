"""The place of the sidebar: fixed beside the conversation, or a drawer over it with a scrim behind."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mka1_desktop.ui.look import Look

GRIP_W = 6
_SCRIM = 0.40


class SidebarHost(QWidget):
    """Ground and edge of the sidebar, around the panel that it is given."""

    dragged = Signal(int)  # wanted width in px

    def __init__(self, look: Look, panel: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._draggable = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)
        self.setFocusProxy(panel)
        self._grip = _Grip(self)
        look.theme.changed.connect(self.update)

    def set_draggable(self, draggable: bool) -> None:
        self._draggable = draggable
        self._grip.setVisible(draggable)

    def resizeEvent(self, _event: object) -> None:
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = 0 if rtl else self.width() - GRIP_W
        self._grip.setGeometry(QRect(x, 0, GRIP_W, self.height()))
        self._grip.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.theme.colour("sidebar"))


class _Grip(QWidget):
    """The edge that can be dragged in wide windows."""

    def __init__(self, host: SidebarHost) -> None:
        super().__init__(host)
        self._host = host
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.hide()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = self._host.mapFromGlobal(event.globalPosition().toPoint()).x()
        rtl = self._host.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self._host.dragged.emit(self._host.width() - x if rtl else x)


class Scrim(QWidget):
    """Darkens what lies behind the drawer; a click closes it."""

    clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.clicked.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        colour = QColor(0, 0, 0)
        colour.setAlphaF(_SCRIM)
        QPainter(self).fillRect(self.rect(), colour)
