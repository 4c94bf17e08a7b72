"""Key caps: the name of a key in a small frame, alone or inside a sentence."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import pen, rounded, tabular, text_width
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import RADIUS_KEY, Theme, Token

PADDING = 7
MARK = "{key}"


def cap_height(theme: Theme) -> float:
    return max(20.0, QFontMetricsF(theme.font("micro")).height() + 4)


def cap_width(theme: Theme, key: str) -> float:
    """Width of a key cap in px."""
    return round(text_width(theme.font("micro"), key) + 2 * PADDING + 0.5)


def paint_cap(
    painter: QPainter, theme: Theme, box: QRectF, key: str, *, ink: QColor, edge: QColor, fill: QColor | None = None
) -> None:
    """Draw a cap into `box`; the key's name is written left to right in every language."""
    rounded(painter, box, RADIUS_KEY, fill, pen(edge))
    painter.setFont(theme.font("micro"))
    painter.setPen(ink)
    direction = painter.layoutDirection()
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, key)
    painter.setLayoutDirection(direction)


class HintLine(QWidget):
    """One sentence with, where it says `{key}`, a key cap in it."""

    def __init__(
        self,
        look: Look,
        *,
        size: Token = "body",
        role: Role = "text2",
        centred: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._token: Token = size
        self._role: Role = role
        self._centred = centred
        self._text = ""
        self._key = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)

    def show_hint(self, text: str, key: str = "") -> None:
        if (text, key) == (self._text, self._key):
            return
        self._text, self._key = text, key
        self.setAccessibleName(text.replace(MARK, key))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(sum(width for _, width, _ in self._parts()) + 0.5), round(self._height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, round(self._height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        parts = self._parts()
        total = sum(width for _, width, _ in parts)
        x = max(0.0, (self.width() - total) / 2) if self._centred else 0.0
        for text, width, is_key in parts:
            shown = min(width, self.width() - x)
            if shown <= 0:
                return
            left = x if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else self.width() - x - shown
            if is_key:
                high = cap_height(theme)
                box = QRectF(round(left), round((self.height() - high) / 2), round(shown), high)
                paint_cap(painter, theme, box, text, ink=theme.colour("text"), edge=theme.colour("control"))
            else:
                self._paint_words(painter, QRectF(left, 0, shown, self.height()), text)
            x += width

    def _paint_words(self, painter: QPainter, box: QRectF, text: str) -> None:
        font = tabular(self._look.theme.font(self._token))
        painter.setFont(font)
        painter.setPen(self._look.theme.colour(self._role))
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 1)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, shown)

    def _parts(self) -> list[tuple[str, float, bool]]:
        """Words and caps in reading order, each with its width."""
        theme = self._look.theme
        font = tabular(theme.font(self._token))
        before, mark, after = self._text.partition(MARK)
        if not (mark and self._key):
            return [(self._text, text_width(font, self._text), False)] if self._text else []
        parts = [(before, text_width(font, before), False)] if before else []
        parts.append((self._key, cap_width(theme, self._key), True))
        if after:
            parts.append((after, text_width(font, after) + 2, False))
        return parts

    def _height(self) -> float:
        return max(self._look.theme.line_height(self._token), cap_height(self._look.theme) if self._key else 0)
