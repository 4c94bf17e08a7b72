"""A short word at the bottom of the window, for 8 s: what was done, and how to take it back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, text_line, text_width
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.theme import RADIUS_CARD, RADIUS_ROW
from mka1_desktop.viewmodels.notices import ToastsModel, ToastView
from mka1_desktop.viewmodels.wishes import Wishes

LEAVES_AFTER_MS = 8000
HEIGHT, ICON_X, TEXT_X, BUTTON_H = 48, 16, 48, 32


class _InverseButton(Painted, QAbstractButton):
    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        ring_around(self, RADIUS_ROW)

    def sizeHint(self) -> QSize:
        words = QFontMetricsF(self._look.theme.font("body", 600)).horizontalAdvance(self.text())
        return QSize(round(words + 22), BUTTON_H)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = theme.faded("bg", 0.15) if self.underMouse() or self.isDown() else None
        rounded(painter, QRectF(self.rect()), RADIUS_ROW, fill, pen(theme.colour("bg")))
        painter.setFont(theme.font("body", 600))
        painter.setPen(theme.colour("bg"))
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self.text())


class Toast(QWidget):
    """Lies over the window; its parent places it by `place`. Never takes the focus."""

    def __init__(
        self,
        look: Look,
        model: ToastsModel,
        wishes: Wishes,
        *,
        leaves_after_ms: int = LEAVES_AFTER_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._model = model
        self._wishes = wishes
        self._view: ToastView | None = None
        self._over = False  # the pointer is on it
        self.action_button = _InverseButton(look, self)
        self.action_button.clicked.connect(self._act)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.addStretch(1)
        row.addWidget(self.action_button)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(leaves_after_ms)
        self._leave.timeout.connect(self._left)
        model.changed.connect(self._show)
        self._show(model.view)

    def sizeHint(self) -> QSize:
        if self._view is None:
            return QSize(0, HEIGHT)
        words = text_width(self._look.theme.font("body"), self._view.text)
        button = self.action_button.sizeHint().width() + 14 if self._view.action else 8
        return QSize(round(TEXT_X + words + button + 8), HEIGHT)

    def place(self, area: QRectF, bottom: float) -> None:
        """Centre over `area`, with the lower edge at `bottom`."""
        size = self.sizeHint()
        width = min(size.width(), round(area.width()) - 24)
        self.setGeometry(round(area.center().x() - width / 2), round(bottom) - size.height(), width, size.height())

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Enter:
            self._over = True
            self._leave.stop()
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.Hide):
            self._over = False
        if event.type() is QEvent.Type.Leave and self._view is not None:
            self._leave.start()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._view is None:
            return
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = pen(theme.colour("bg")) if theme.high_contrast else None
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, theme.colour("text"), edge)
        icon = mirrored(self, QRectF(ICON_X, (HEIGHT - 18) // 2, 18, 18))
        self._look.icons.paint(painter, self._view.icon, icon, theme.colour("bg"))
        button = self.action_button.width() + 14 if self._view.action else 8
        words = mirrored(self, QRectF(TEXT_X, 0, self.width() - TEXT_X - button - 7, HEIGHT))
        text_line(painter, self, words, self._view.text, theme.font("body"), theme.colour("bg"))

    def _show(self, view: ToastView | None) -> None:
        self._view = view
        self._leave.stop()
        self.setVisible(view is not None)
        if view is None:
            return
        self.setAccessibleName(view.text)
        self.action_button.setText(view.action_label)
        self.action_button.setAccessibleName(view.action_label)
        self.action_button.setVisible(bool(view.action))
        self.action_button.updateGeometry()
        self.raise_()
        self.update()
        self._leave.start()

    def _act(self) -> None:
        if self._view is None:
            return
        action = self._view.action
        self._model.dismiss()
        self._wishes.notice_action(action)

    def _left(self) -> None:
        if self._over:
            self._leave.start()
        else:
            self._model.dismiss()
