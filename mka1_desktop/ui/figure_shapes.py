"""The ten state figures and their badges as drawings (design, section 3). Pure painting: a pose in, strokes out.

Large figures are drawn in a box of 120 units, badges in one of 24; angles run clockwise from 12 o'clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from mka1_desktop.ui.icons import Icons
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import Theme
from mka1_desktop.viewmodels.status import Phase

LARGE_UNITS, BADGE_UNITS = 120.0, 24.0
_GAP = 12.0  # degrees that the muted ring leaves free on each side of its bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A figure at one moment. Levels and shares are 0 to 1, `turn` is in degrees."""

    phase: Phase = Phase.IDLE
    level: float = 0.0
    levels: tuple[float, float, float] = (0.0, 0.0, 0.0)  # newest first
    turn: float = 0.0
    breath: float = 1.0  # 0 breathed out, 1 breathed in
    parted: float = 1.0  # how far the halves of the interrupted figure are apart
    number: str = ""  # in the middle while reconnecting
    mirrored: bool = False  # right to left: the other half is filled


@dataclass(frozen=True, slots=True)
class Brush:
    """A painter whose origin is the middle of the figure and whose unit is the figure's own."""

    painter: QPainter
    theme: Theme
    icons: Icons
    unit: float  # px
    ground: Role  # what the figure stands on

    def ring(self, radius: float, width: float, colour: QColor) -> None:
        self._line(colour, width)
        self.painter.drawEllipse(QPointF(0, 0), radius, radius)

    def disc(self, radius: float, colour: QColor) -> None:
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(colour)
        self.painter.drawEllipse(QPointF(0, 0), radius, radius)

    def arc(
        self, radius: float, width: float, colour: QColor, middle: float, sweep: float, *, flat: bool = False
    ) -> None:
        """An arc around the clock angle `middle`, `sweep` degrees long."""
        self._line(colour, width, flat=flat)
        box = QRectF(-radius, -radius, 2 * radius, 2 * radius)
        self.painter.drawArc(box, round((90 - middle - sweep / 2) * 16), round(sweep * 16))

    def bar(self, start: QPointF, end: QPointF, width: float, colour: QColor) -> None:
        self._line(colour, width)
        self.painter.drawLine(QLineF(start, end))

    def glyph(self, name: str, size: float, colour: QColor) -> None:
        """An icon in the middle, drawn at its own sharpness and not scaled."""
        px = round(size * self.unit)
        self.painter.save()
        self.painter.scale(1 / self.unit, 1 / self.unit)
        self.icons.paint(self.painter, name, QRectF(-px / 2, -px / 2, px, px), colour)
        self.painter.restore()

    def colour(self, role: Role, opacity: float = 1.0) -> QColor:
        return self.theme.faded(role, opacity)

    def _line(self, colour: QColor, width: float, *, flat: bool = False) -> None:
        line = QPen(colour, width)
        line.setCapStyle(Qt.PenCapStyle.FlatCap if flat else Qt.PenCapStyle.RoundCap)
        line.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self.painter.setPen(line)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_figure(  # noqa: PLR0917 - a drawing primitive, called like QPainter's own
    painter: QPainter, box: QRectF, pose: Pose, theme: Theme, icons: Icons, ground: Role = "bg"
) -> None:
    """Paint the large figure into a square box of logical px."""
    unit = box.width() / LARGE_UNITS
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center())
    painter.scale(unit, unit)
    _large(Brush(painter, theme, icons, unit, ground), pose)
    painter.restore()


def paint_badge(  # noqa: PLR0917 - a drawing primitive, called like QPainter's own
    painter: QPainter, box: QRectF, pose: Pose, theme: Theme, icons: Icons, ground: Role = "bg"
) -> None:
    """Paint the badge into a square box of logical px."""
    unit = box.width() / BADGE_UNITS
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center())
    painter.scale(unit, unit)
    _badge(Brush(painter, theme, icons, unit, ground), pose)
    painter.restore()


def _large(b: Brush, pose: Pose) -> None:
    match pose.phase:
        case Phase.IDLE:
            b.ring(40, 3, b.colour("control"))
            b.glyph("mic", 34, b.colour("text2"))
        case Phase.CONNECTING:
            b.arc(40, 4, b.colour("accent"), 180 + pose.turn, 300)
        case Phase.GREETING:
            b.disc(32 + 8 * pose.level, b.colour("accent"))
            b.ring(50, 2, b.colour("accent", 0.35))
        case Phase.LISTENING:
            b.disc(46 + 10 * pose.level, b.colour("live", 0.12))
            b.ring(40, 6, b.colour("live", 0.28))
            b.arc(40, 6, b.colour("live"), 180, max(24.0, 300 * pose.level))
            b.glyph("mic", 36, b.colour("live_text"))
        case Phase.THINKING:
            for middle in (0, 120, 240):
                b.arc(38 + 3 * pose.breath, 5, b.colour("accent", 0.7 + 0.3 * pose.breath), middle, 80)
        case Phase.SPEAKING:
            radius = 36 + 8 * pose.level
            b.disc(radius + 8, b.colour("accent", 0.14))
            b.disc(radius, b.colour("accent"))
            _bars(b, pose.levels, width=5, step=10, low=8, range_=28)
        case Phase.INTERRUPTED:
            _halves(b, 36, 12 * pose.parted, 2.5, mirrored=pose.mirrored)
        case Phase.MUTED:
            _muted(b, 40, 4, 31, 5)
        case Phase.RECONNECTING:
            for dash in range(12):
                b.arc(40, 4, b.colour("warn"), dash * 30 + pose.turn, 16, flat=True)
            _number(b, pose.number)
        case Phase.ERROR:
            b.ring(40, 4, b.colour("error"))
            b.bar(QPointF(0, -18), QPointF(0, 4), 6, b.colour("error"))
            b.painter.translate(0, 17)
            b.disc(4, b.colour("error"))


def _badge(b: Brush, pose: Pose) -> None:
    match pose.phase:
        case Phase.IDLE:
            b.ring(9, 2, b.colour("control"))
        case Phase.CONNECTING:
            b.arc(9, 2.5, b.colour("accent"), 180 + pose.turn, 300)
        case Phase.GREETING:
            b.disc(6.5, b.colour("accent"))
            b.ring(10, 1, b.colour("accent", 0.6))
        case Phase.LISTENING:
            b.ring(9, 3, b.colour("live", 0.28))
            b.arc(9, 3, b.colour("live"), 180, max(24.0, 300 * pose.level))
            b.disc(2.5 + 2 * pose.level, b.colour("live"))
        case Phase.THINKING:
            for middle in (0, 120, 240):
                b.arc(9, 2.5, b.colour("accent", 0.7 + 0.3 * pose.breath), middle, 76)
        case Phase.SPEAKING:
            b.disc(10.5, b.colour("accent"))
            newest, older, _ = pose.levels
            _bars(b, (newest, older, 0.0), width=2, step=4, low=3, range_=6, count=3)
        case Phase.INTERRUPTED:
            _halves(b, 9, 2, 1.5, mirrored=pose.mirrored)
        case Phase.MUTED:
            _muted(b, 9, 2, 7.5, 2)
        case Phase.RECONNECTING:
            for dash in range(8):
                b.arc(9, 2, b.colour("warn"), dash * 45 + pose.turn, 26, flat=True)
        case Phase.ERROR:
            b.ring(9, 2, b.colour("error"))
            b.bar(QPointF(0, -4.5), QPointF(0, 0.5), 2, b.colour("error"))
            b.painter.translate(0, 4.25)
            b.disc(1.25, b.colour("error"))


def _bars(
    b: Brush,
    levels: tuple[float, float, float],
    *,
    width: float,
    step: float,
    low: float,
    range_: float,
    count: int = 5,
) -> None:
    """Bars around the middle: the newest level there, older ones outward on both sides."""
    for index in range(-(count // 2), count // 2 + 1):
        length = max(0.01, low + range_ * levels[abs(index)] - width)
        b.bar(QPointF(index * step, -length / 2), QPointF(index * step, length / 2), width, b.colour("on_accent"))


def _halves(b: Brush, radius: float, gap: float, width: float, *, mirrored: bool) -> None:
    """A disc cut in two: the start half filled (heard), the end half an outline (not heard)."""
    start, end = _half(radius, gap, 0), _half(radius, gap, width / 2)
    if mirrored:
        b.painter.scale(-1, 1)
    b.painter.setPen(Qt.PenStyle.NoPen)
    b.painter.setBrush(b.colour("accent"))
    b.painter.drawPath(start)
    b.painter.scale(-1, 1)
    line = QPen(b.colour("text2"), width)
    line.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    b.painter.setPen(line)
    b.painter.setBrush(Qt.BrushStyle.NoBrush)
    b.painter.drawPath(end)


def _half(radius: float, gap: float, inset: float) -> QPainterPath:
    """The part of a disc that lies left of its middle by `gap` / 2, drawn in by `inset`."""
    edge, inner = gap / 2 + inset, radius - inset
    angle = math.degrees(math.acos(min(1.0, edge / inner)))
    box = QRectF(-inner, -inner, 2 * inner, 2 * inner)
    path = QPainterPath()
    path.arcMoveTo(box, 180 - angle)
    path.arcTo(box, 180 - angle, 2 * angle)
    path.closeSubpath()
    return path


def _muted(b: Brush, radius: float, width: float, reach: float, bar: float) -> None:
    """A ring broken where a bar crosses it; the bar clears a stripe through the glyph under it."""
    for middle in (45, 225):
        b.arc(radius, width, b.colour("text2"), middle, 180 - 2 * _GAP)
    start, end = QPointF(-reach, -reach), QPointF(reach, reach)
    if b.unit * radius > BADGE_UNITS:
        b.glyph("mic", 42, b.colour("text2"))
        b.bar(start * 0.8, end * 0.8, 12, b.colour(b.ground))
    b.bar(start, end, bar, b.colour("text"))


def _number(b: Brush, text: str) -> None:
    if not text:
        return
    font = QFont(b.theme.font("body", 600))
    font.setPixelSize(19)
    font.setFeature(QFont.Tag("tnum"), 1)
    b.painter.setFont(font)
    b.painter.setPen(b.colour("text"))
    b.painter.drawText(QRectF(-34, -20, 68, 40), Qt.AlignmentFlag.AlignCenter, text)
