"""Small painting steps that several widgets share."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QWidget

KEYBOARD_FOCUS = "keyboardFocus"  # widget property: the focus came by keyboard
RING_RADIUS = "ringRadius"  # widget property: corner radius of the shape that the focus ring goes around
RING_INSET = "ringInset"  # widget property: px from the widget's edge to its shape
_BY_KEYBOARD = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)


def rounded(painter: QPainter, box: QRectF, radius: float, fill: QColor | None, edge: QPen | None = None) -> None:
    """A rounded box whose edge lies wholly inside `box`, so that lines stay sharp."""
    inset = edge.widthF() / 2 if edge else 0.0
    painter.setPen(edge or Qt.PenStyle.NoPen)
    painter.setBrush(fill or Qt.BrushStyle.NoBrush)
    shape = box.adjusted(inset, inset, -inset, -inset)
    painter.drawRoundedRect(shape, max(0.0, radius - inset), max(0.0, radius - inset))


def pen(colour: QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    return QPen(colour, width, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def dashed(colour: QColor, width: float, dash: float = 4.0, gap: float = 3.0) -> QPen:
    """A dashed edge with lengths in px, whatever its width."""
    line = QPen(colour, width)
    line.setCapStyle(Qt.PenCapStyle.FlatCap)
    line.setDashPattern([dash / width, gap / width])
    return line


def mirrored(widget: QWidget, box: QRectF) -> QRectF:
    """`box`, given for left to right, where it belongs in this widget's direction."""
    if widget.layoutDirection() is Qt.LayoutDirection.LeftToRight:
        return box
    return QRectF(widget.width() - box.right(), box.top(), box.width(), box.height())


def start_aligned(widget: QWidget) -> Qt.AlignmentFlag:
    """Start edge and vertical middle, in this widget's direction."""
    side = QStyle.visualAlignment(widget.layoutDirection(), Qt.AlignmentFlag.AlignLeft)
    return side | Qt.AlignmentFlag.AlignVCenter


def text_line(  # noqa: PLR0917 - a drawing primitive, called like QPainter's own
    painter: QPainter, widget: QWidget, box: QRectF, text: str, font: QFont, colour: QColor
) -> None:
    """One line at the start edge, elided at its end. `box` is already in the widget's direction."""
    painter.setFont(font)
    painter.setPen(colour)
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, start_aligned(widget) | Qt.TextFlag.TextSingleLine, shown)


def text_width(font: QFont, text: str) -> float:
    return QFontMetricsF(font).horizontalAdvance(text)


def tabular(font: QFont) -> QFont:
    """The same font with digits of one width, so that counters do not tremble."""
    counted = QFont(font)
    counted.setFeature(QFont.Tag("tnum"), 1)
    return counted


def snapped(widget: QWidget, value: float) -> float:
    """Rounded to a whole device pixel, so that a 1 px line is one line."""
    ratio = widget.devicePixelRatioF()
    return round(value * ratio) / ratio


def note_focus(widget: QWidget, event: QFocusEvent) -> None:
    """Remember how the focus came; called from focusInEvent."""
    widget.setProperty(KEYBOARD_FOCUS, event.reason() in _BY_KEYBOARD)


def ring_around(widget: QWidget, radius: int, inset: int = 0) -> None:
    """Let the window draw its focus ring around this widget's shape."""
    widget.setProperty(RING_RADIUS, radius)
    widget.setProperty(RING_INSET, inset)


def hover_changes(event: QEvent) -> bool:
    """Whether a painted button has to be painted anew after this event."""
    return event.type() in (QEvent.Type.Enter, QEvent.Type.Leave, QEvent.Type.EnabledChange)


def square_in(box: QRect, size: int) -> QRectF:
    """A square of `size` in the middle of `box`, on whole px."""
    corner = box.center() - QPoint(size // 2, size // 2) + QPoint(1 if size % 2 == 0 else 0, 1 if size % 2 == 0 else 0)
    return QRectF(QPointF(corner), QSize(size, size))


def shaded(colour: QColor, amount: float, *, lighter: bool) -> QColor:
    """`colour` with `amount` (0 to 1) of black, or of white, over it."""
    other = 255 if lighter else 0
    parts = [round(c + (other - c) * amount) for c in (colour.red(), colour.green(), colour.blue())]
    return QColor(*parts)
