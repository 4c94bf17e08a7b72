"""The way back to the newest words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded
from mka1_desktop.ui.painted import Painted
from mka1_desktop.viewmodels.words import tr

HEIGHT, PAD, ICON, GAP = 36, 14, 16, 6


class JumpButton(Painted, QAbstractButton):
    """A chip that floats over the end of the list; with news it says so and takes the main colour."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._news = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        ring_around(self, HEIGHT // 2)
        self._name()
        self.hide()

    def set_news(self, *, news: bool) -> None:
        if news != self._news:
            self._news = news
            self._name()
            self.update()

    def sizeHint(self) -> QSize:
        words = QFontMetricsF(self._look.theme.font("body", 500)).horizontalAdvance(self.text())
        return QSize(round(words) + 2 * PAD + ICON + GAP, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        warm = self.underMouse() or self.isDown()
        edge = pen(theme.colour("accent" if self._news else "control"))
        rounded(painter, QRectF(self.rect()), HEIGHT / 2, theme.colour("hover" if warm else "raised"), edge)
        ink = theme.colour("accent_text" if self._news else "text")
        icon = mirrored(self, QRectF(PAD, (HEIGHT - ICON) // 2, ICON, ICON))
        self._look.icons.paint(painter, "chevron-down", icon, ink)
        painter.setFont(theme.font("body", 500))
        painter.setPen(ink)
        words = mirrored(self, QRectF(PAD + ICON + GAP, 0, self.width() - 2 * PAD - ICON - GAP + 1, HEIGHT))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())

    def _name(self) -> None:
        self.setText(tr("Conversation", "New turns") if self._news else tr("Conversation", "Newest"))
        self.setAccessibleName(tr("Conversation", "Jump to the newest turn"))
