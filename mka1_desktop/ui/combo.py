"""A drop-down list in our own frame; popup, keys, type-ahead and role are QComboBox's own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, text_line
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.theme import RADIUS_ROW, TARGET
from mka1_desktop.viewmodels.settings import Choice

SIDE, CHEVRON, ROW_HEIGHT, MOST_ROWS = 13, 16, 34, 9


class Combo(Painted, QComboBox):
    """Shows `choices`; `chosen` gets the value that the person took."""

    chosen = Signal(str)

    def __init__(self, look: Look, name: str, choices: Sequence[Choice] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName(name)
        self.setStyleSheet("QComboBox { combobox-popup: 0; }")  # a list under the field, with its own scroll bar
        self.setMaxVisibleItems(MOST_ROWS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ring_around(self, RADIUS_ROW)
        rows = QListView(self)
        rows.setFrameShape(QFrame.Shape.NoFrame)
        rows.setVerticalScrollBar(ThinScrollBar(look))
        rows.setMouseTracking(True)
        self.setView(rows)
        self.setItemDelegate(_ChoiceDelegate(look, self))
        self.activated.connect(lambda place: self.chosen.emit(str(self.itemData(place))))
        look.theme.changed.connect(self._restyle)
        self._restyle()
        self.set_choices(choices)

    @property
    def value(self) -> str | None:
        found = self.currentData()
        return None if found is None else str(found)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Replace the list; the value that was shown stays shown when it is still there."""
        before = self.value
        self.clear()
        for choice in choices:
            self.addItem(choice.title, choice.value)
        if before is not None:
            self.set_value(before)

    def set_value(self, value: str) -> None:
        """Show `value`; one that is no choice is added under its own name, so that nothing is hidden."""
        place = self.findData(value)
        if place < 0:
            self.addItem(value, value)
            place = self.count() - 1
        self.setCurrentIndex(place)

    def sizeHint(self) -> QSize:
        return QSize(200, max(TARGET, round(self._look.theme.line_height("body")) + 16))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # scrolling the page must not change a setting

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = theme.colour("hover" if self.isEnabled() and self.underMouse() else "surface")
        edge = theme.colour("control" if self.isEnabled() else "line")
        rounded(painter, QRectF(self.rect()), RADIUS_ROW, fill, pen(edge))
        end = self.width() - SIDE - CHEVRON
        box = mirrored(self, QRectF(end, (self.height() - CHEVRON) // 2, CHEVRON, CHEVRON))
        ink = theme.colour("text" if self.isEnabled() else "disabled")
        self._look.icons.paint(painter, "chevron-down", box, ink)
        words = mirrored(self, QRectF(SIDE, 0, end - SIDE - 6, self.height()))
        text_line(painter, self, words, self.currentText(), theme.font("body"), ink)

    def _restyle(self) -> None:
        theme = self._look.theme
        self.setFont(theme.font("body"))
        palette = theme.palette()
        for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Window):
            palette.setColor(role, theme.colour("raised"))
        self.view().setPalette(palette)
        self.updateGeometry()


class _ChoiceDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, combo: Combo) -> None:
        super().__init__(combo)
        self._look = look
        self._combo = combo

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, max(ROW_HEIGHT, round(self._look.theme.line_height("body")) + 14))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._look.theme
        box = QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(box, theme.colour("raised"))
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            edge = pen(theme.colour("accent"), 2) if theme.high_contrast else None
            rounded(painter, box.adjusted(4, 1, -4, -1), RADIUS_ROW - 2, theme.colour("hover"), edge)
        view = self._combo.view()
        inner = box.adjusted(SIDE + 24, 0, -SIDE, 0)
        tick = QRectF(box.x() + SIDE, box.y() + (box.height() - 16) / 2, 16, 16)
        if view.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            inner = box.adjusted(SIDE, 0, -SIDE - 24, 0)
            tick.moveRight(box.right() - SIDE)
        if index.row() == self._combo.currentIndex():
            self._look.icons.paint(painter, "check", tick, theme.colour("accent"))
        text_line(painter, view, inner, str(index.data()), theme.font("body"), theme.colour("text"))
        painter.restore()
