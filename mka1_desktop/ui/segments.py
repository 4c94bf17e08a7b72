"""Segments: a few choices side by side, one of them chosen. Radio buttons in a common frame."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import pen, ring_around, rounded
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.theme import RADIUS_ROW, TARGET
from mka1_desktop.viewmodels.settings import Choice

PAD = 10


class Segments(QWidget):
    """Shows `choices`; `chosen` gets the value that the person took. Arrow keys move, as among radio buttons."""

    chosen = Signal(str)

    def __init__(self, look: Look, name: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, _Segment] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 1, 1, 1)
        row.setSpacing(0)
        for place, choice in enumerate(choices):
            button = _Segment(look, choice.title, name, first=place == 0, parent=self)
            button.clicked.connect(lambda _=False, value=choice.value: self.chosen.emit(value))
            self._group.addButton(button)
            self._buttons[choice.value] = button
            row.addWidget(button, 1)

    @property
    def value(self) -> str | None:
        return next((value for value, button in self._buttons.items() if button.isChecked()), None)

    def button(self, value: str) -> QAbstractButton:
        """The segment of a value; raises KeyError."""
        return self._buttons[value]

    def set_value(self, value: str) -> None:
        """Show `value` as chosen; nothing is emitted. Values that are none of the choices change nothing."""
        if value in self._buttons:
            self._buttons[value].setChecked(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(self.rect()), RADIUS_ROW, theme.colour("surface"), pen(theme.colour("control")))


class _Segment(Painted, QRadioButton):
    def __init__(self, look: Look, title: str, group: str, *, first: bool, parent: Segments) -> None:
        super().__init__(parent)
        self._look = look
        self._first = first
        self.setText(title)
        self.setAccessibleName(f"{group}: {title}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._toggled)
        ring_around(self, RADIUS_ROW)

    def sizeHint(self) -> QSize:
        words = QFontMetricsF(self._look.theme.font("body", 600)).horizontalAdvance(self.text())
        return QSize(round(words) + 2 * PAD, max(TARGET - 2, round(self._look.theme.line_height("body")) + 14))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.isChecked():
            rounded(painter, box, RADIUS_ROW - 1, theme.colour("accent_soft"), pen(theme.colour("accent"), 1.5))
        elif self.underMouse():
            path = QPainterPath()
            path.addRoundedRect(box, RADIUS_ROW - 1, RADIUS_ROW - 1)
            painter.fillPath(path, theme.colour("hover"))
        painter.setFont(theme.font("body", 600 if self.isChecked() else None))
        painter.setPen(theme.colour("accent_text" if self.isChecked() else "text"))
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 8)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, shown)

    def _toggled(self) -> None:
        self.update()
