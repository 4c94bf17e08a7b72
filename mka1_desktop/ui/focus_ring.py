"""The ring around the control that has the keyboard: one overlay for the whole window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import KEYBOARD_FOCUS, RING_INSET, RING_RADIUS, pen, rounded

WIDTH, DISTANCE = 2, 2
_MOVES = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide})


class FocusRing(QWidget):
    """Follows the focused widget. Shown for keyboard focus only, in high contrast always."""

    _target: QWidget | None = None  # also what events see that arrive while everything is taken down

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._look = look
        self._window = window
        self._watched: list[QWidget] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)
        look.theme.changed.connect(self._refresh)

    @property
    def target(self) -> QWidget | None:
        """The widget that the ring is around, None while no ring is shown."""
        return self._target if self.isVisible() else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._target is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = float(self._target.property(RING_RADIUS) or 0) + DISTANCE + 1
        rounded(painter, QRectF(self.rect()), radius + 1, None, pen(self._look.theme.colour("focus"), WIDTH))

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        for widget in filter(isValid, self._watched):  # the others are deleted, and their filters with them
            widget.removeEventFilter(self)
        self._watched = []
        self._target = self._ringed(new)
        above: QWidget | None = self._target
        while above is not None and above is not self._window:
            above.installEventFilter(self)
            self._watched.append(above)
            above = above.parentWidget()
        self._place()

    def _ringed(self, widget: QWidget | None) -> QWidget | None:
        """The widget or the frame around it that wants a ring."""
        while widget is not None and widget is not self._window:
            if widget.property(RING_RADIUS) is not None:
                return widget if self._window.isAncestorOf(widget) else None
            widget = widget.parentWidget()
        return None

    def _refresh(self) -> None:
        self._place()
        self.update()

    def _place(self) -> None:
        target = self._target
        shown = target is not None and target.isVisible()
        if target is not None and not self._look.theme.high_contrast:
            shown = shown and bool(target.property(KEYBOARD_FOCUS))
        if target is None or not shown:
            self.hide()
            return
        inset = int(target.property(RING_INSET) or 0)
        reach = WIDTH + DISTANCE - inset
        box = QRect(target.mapTo(self._window, QPoint(0, 0)), target.size())
        self.setGeometry(box.adjusted(-reach, -reach, reach, reach))
        self.raise_()
        self.show()
        self.update()
