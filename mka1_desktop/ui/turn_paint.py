"""The shapes inside a turn: bubble, mark, the word being spoken, the cut and its chip."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QTextLayout, QTextLine

from mka1_desktop.ui.paint import dashed, pen, rounded
from mka1_desktop.ui.theme import Theme
from mka1_desktop.ui.turn_text import Span

BUBBLE_TIP = 4  # radius at the lower end corner
BAR_WIDTH, BAR_HEIGHT, CHIP_HEIGHT = 3, 18, 18
DOT = 1.5


def bubble_path(box: QRectF, radius: float, *, mirrored: bool) -> QPainterPath:
    """A rounded box whose lower end corner is nearly square."""
    path = QPainterPath()
    round_box = QPainterPath()
    round_box.addRoundedRect(box, radius, radius)
    tip = QRectF(
        box.left() if mirrored else box.right() - 2 * radius, box.bottom() - 2 * radius, 2 * radius, 2 * radius
    )
    path.addRoundedRect(tip, BUBBLE_TIP, BUBBLE_TIP)
    return round_box.united(path) if box.height() >= 2 * radius else round_box


def paint_mark(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """The ring and its dot; never mirrored."""
    unit = box.width() / 24
    ring = QPointF(box.x() + 13.5 * unit, box.y() + 11 * unit)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(colour, 3.2 * unit))
    painter.drawEllipse(ring, 7.2 * unit, 7.2 * unit)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(box.x() + 5.2 * unit, box.y() + 20 * unit), 2.2 * unit, 2.2 * unit)


def paint_current_word(painter: QPainter, layout: QTextLayout, at: QPointF, span: Span, theme: Theme) -> None:
    """Tint and underline under the word that is being spoken."""
    for line, left, right in _pieces(layout, span):
        box = QRectF(at.x() + left - 2, at.y() + line.y() - 1, right - left + 4, line.height() + 3)
        rounded(painter, box, 3, theme.colour("accent_soft"))
        painter.fillRect(QRectF(box.x(), round(box.bottom()) - 2, box.width(), 2), theme.colour("accent"))


def paint_interim(painter: QPainter, layout: QTextLayout, at: QPointF, span: Span, theme: Theme) -> None:
    """Dots under the words that may still change."""
    dots = QPen(theme.colour("text2"), DOT, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
    dots.setDashPattern([1.0, 1.0])
    painter.setPen(dots)
    for line, left, right in _pieces(layout, span):
        y = round(at.y() + line.y() + line.ascent() + 4) + DOT / 2
        painter.drawLine(QPointF(round(at.x() + left), y), QPointF(at.x() + right, y))


def paint_cut(  # noqa: PLR0917 - a drawing primitive, called like QPainter's own
    painter: QPainter, layout: QTextLayout, at: QPointF, bar: Span, chip: Span, theme: Theme
) -> None:
    """The bar at which the voice was stopped and the dashed frame around "not heard"."""
    capital = QFontMetricsF(theme.font("micro")).capHeight()
    high = max(CHIP_HEIGHT, QFontMetricsF(theme.font("micro")).height())
    for line, left, right in _pieces(layout, bar):
        middle = at.y() + line.y() + line.ascent() - capital / 2
        x = round(at.x() + (left + right - BAR_WIDTH) / 2)
        box = QRectF(x, round(middle - BAR_HEIGHT / 2), BAR_WIDTH, BAR_HEIGHT)
        rounded(painter, box, 1.5, theme.colour("text2"))
    edge = dashed(theme.colour("control"), 1.0, 3.0, 2.0)
    for line, left, right in _pieces(layout, chip):
        middle = at.y() + line.y() + line.ascent() - capital / 2
        box = QRectF(round(at.x() + left), round(middle - high / 2), round(right - left), high)
        rounded(painter, box, 4, None, edge)


def _pieces(layout: QTextLayout, span: Span) -> list[tuple[QTextLine, float, float]]:
    """The parts of a run on each line: line, left and right edge in px of the layout."""
    pieces = []
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        start, end = max(span.start, line.textStart()), min(span.end, line.textStart() + line.textLength())
        if start >= end:
            continue
        one, other = x_of(line, start), x_of(line, end)
        pieces.append((line, min(one, other), max(one, other)))
    return pieces


def x_of(line: QTextLine, place: int) -> float:
    """Where the cursor before the letter at `place` stands, in px of the layout."""
    return cast("tuple[float, int]", line.cursorToX(place))[0]
