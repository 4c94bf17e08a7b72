"""The picture of a sound check: what was played and what came back, from left to right in every language."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import pen, rounded
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import RADIUS_CARD
from mka1_desktop.viewmodels.sound_check import BARS, Bar
from mka1_desktop.viewmodels.words import tr

PAD, BAR_W, LEAST_H, TALLEST_H = 14, 3, 4, 60
TOP_H, LABEL_GAP = 92, 4


class SoundTrace(QWidget):
    """A card of bars; those that are still to come are dots."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._bars: tuple[Bar, ...] = ()
        self.setAccessibleName(tr("Sound check", "Picture of the check"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)

    @property
    def bars(self) -> tuple[Bar, ...]:
        return self._bars

    def show_bars(self, bars: Sequence[Bar]) -> None:
        if tuple(bars) != self._bars:
            self._bars = tuple(bars)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, round(TOP_H + LABEL_GAP + self._look.theme.line_height("small") + PAD))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, theme.colour("surface"), pen(theme.colour("line")))
        for index in range(BARS):
            bar = self._bars[index] if index < len(self._bars) else None
            if bar is None:
                self._bar(painter, index, 0.0, "track")
                continue
            if bar.played:
                self._bar(painter, index, bar.played, "accent")
            self._bar(painter, index, bar.heard, "live" if bar.played else "control")
        self._labels(painter)

    def _bar(self, painter: QPainter, index: int, height: float, role: Role) -> None:
        tall = max(LEAST_H, height * TALLEST_H)
        box = QRectF(self._x(index), PAD + (TOP_H - PAD - tall) / 2, BAR_W, tall)
        rounded(painter, box, BAR_W / 2, self._look.theme.colour(role))

    def _x(self, index: int) -> float:
        return PAD + index * (self.width() - 2 * PAD - BAR_W) / (BARS - 1)

    def _labels(self, painter: QPainter) -> None:
        theme = self._look.theme
        painter.setFont(theme.font("small"))
        painter.setPen(theme.colour("text2"))
        middle = next((self._x(i) for i, bar in enumerate(self._bars) if bar.played), self.width() * 0.38)
        top, height = TOP_H + LABEL_GAP, theme.line_height("small")
        for left, right, words in (
            (PAD, middle - PAD, tr("Sound check", "Room")),
            (middle, self.width() - PAD, tr("Sound check", "Test sound, and what comes back of it")),
        ):
            box = QRectF(left, top, right - left, height)
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
