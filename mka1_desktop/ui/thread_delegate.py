"""Paints the rows of the list of threads: heads of groups, titles with one mark, hits of a search with their words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import pen, rounded
from mka1_desktop.ui.theme import RADIUS_ROW
from mka1_desktop.viewmodels.threads import ROW_ROLE, HeadRow, ThreadRow, hit_in
from mka1_desktop.viewmodels.words import tr

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT: Final = 36
HIT_HEIGHT: Final = 56
HEAD_HEIGHT: Final = 28
HEAD_ABOVE: Final = 10  # more room above a head that is not the first row
SIDE, PAD, MARK, MORE = 8, 10, 16, 28
BAR_WIDTH = 3


class ThreadDelegate(QStyledItemDelegate):
    """Rows of a ThreadListModel. The sidebar tells it whether focus came by keyboard."""

    renamed = Signal(str, str)  # id of the thread, its new title

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.focus_ring = False

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        row, theme = index.data(ROW_ROLE), self._look.theme
        if isinstance(row, HeadRow):
            above = HEAD_ABOVE if index.row() else 0
            return QSize(120, above + max(HEAD_HEIGHT, round(theme.line_height("micro")) + 12))
        if isinstance(row, ThreadRow) and row.snippet:
            lines = round(theme.line_height("body") + theme.line_height("small"))
            return QSize(120, max(HIT_HEIGHT, lines + 20))
        return QSize(120, max(ROW_HEIGHT, round(theme.line_height("body")) + 16))

    def more_box(self, rect: QRectF, *, mirrored: bool) -> QRectF:
        """Where "more" is in the row under the pointer."""
        box = QRectF(rect.right() - SIDE - 4 - MORE, rect.center().y() - MORE / 2, MORE, MORE)
        return _placed(rect, box, mirrored=mirrored)

    # Renaming in place

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(80)
        editor.setFont(self._look.theme.font("body"))
        editor.setAccessibleName(tr("Threads", "New name"))
        editor.setAutoFillBackground(True)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def setModelData(self, editor: QWidget, _model: QAbstractItemModel, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(editor, QLineEdit) and isinstance(row, ThreadRow):
            title = " ".join(editor.text().split())
            if title and title != row.title:
                self.renamed.emit(row.id, title)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(SIDE, 2, -SIDE, -2))

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        rect = QRectF(option.rect)
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # a title reads in its own direction
        if isinstance(row, HeadRow):
            box = rect.adjusted(2 * SIDE, HEAD_ABOVE if index.row() else 0, -2 * SIDE, 0)
            self._words(painter, box, row.title, self._look.theme.font("micro", 600), mirrored=mirrored, second=True)
        elif isinstance(row, ThreadRow):
            state = option.state
            self._ground(painter, rect, row, state, mirrored=mirrored)
            self._thread(painter, rect, row, hovered=_hovered(state), mirrored=mirrored)
        painter.restore()

    def _ground(
        self, painter: QPainter, rect: QRectF, row: ThreadRow, state: QStyle.StateFlag, *, mirrored: bool
    ) -> None:
        theme = self._look.theme
        box = rect.adjusted(SIDE, 0, -SIDE, 0)
        if row.open:
            frame = pen(theme.colour("accent"), 2) if theme.high_contrast else None
            rounded(painter, box, RADIUS_ROW, theme.colour("selected"), frame)
            bar = (
                QRectF(box.x(), box.y() + (box.height() - 20) / 2, BAR_WIDTH, 20)
                if not row.snippet
                else QRectF(box.x(), box.y() + 10, BAR_WIDTH, box.height() - 20)
            )
            rounded(painter, _placed(rect, bar, mirrored=mirrored), 1.5, theme.colour("accent"))
        elif _hovered(state):
            rounded(painter, box, RADIUS_ROW, theme.colour("hover"))
        if state & QStyle.StateFlag.State_HasFocus and (self.focus_ring or theme.high_contrast):
            rounded(painter, box, RADIUS_ROW, None, pen(theme.colour("focus"), 2))

    def _thread(self, painter: QPainter, rect: QRectF, row: ThreadRow, *, hovered: bool, mirrored: bool) -> None:
        theme = self._look.theme
        inner = rect.adjusted(SIDE + PAD, 0, -SIDE - PAD, 0)
        first = QRectF(inner)
        if row.snippet:
            first.setHeight(theme.line_height("body"))
            first.moveTop(rect.y() + (rect.height() - first.height() - theme.line_height("small")) / 2)
        taken = self._mark(painter, first, rect, row, hovered=hovered, mirrored=mirrored)
        title = _placed(rect, first.adjusted(0, 0, -taken, 0), mirrored=mirrored)
        font = theme.font("body", 600 if row.unread else 500 if row.snippet else None)
        self._words(painter, title, row.title, font, mirrored=mirrored)
        if row.snippet:
            second = QRectF(inner.x(), first.bottom(), inner.width(), theme.line_height("small"))
            self._snippet(painter, _placed(rect, second, mirrored=mirrored), row, mirrored=mirrored)

    def _mark(
        self, painter: QPainter, line: QRectF, rect: QRectF, row: ThreadRow, *, hovered: bool, mirrored: bool
    ) -> float:
        """Paint the one mark at the end; return the px that it takes from the title."""
        theme = self._look.theme
        if hovered:
            box = self.more_box(QRectF(rect.x(), line.y(), rect.width(), line.height()), mirrored=mirrored)
            icon = QRectF(round(box.center().x() - 9), round(box.center().y() - 9), 18, 18)
            self._look.icons.paint(painter, "more", icon, theme.colour("text2"))
            return MORE
        end = QRectF(line.right() - MARK, round(line.center().y() - MARK / 2), MARK, MARK)
        if row.live or row.unread:
            centre = _placed(rect, QRectF(line.right() - 8, line.center().y() - 4, 8, 8), mirrored=mirrored).center()
            self._dot(painter, centre, ring=row.live)
            return MARK
        if row.pinned or row.private:
            box = _placed(rect, end, mirrored=mirrored)
            self._look.icons.paint(painter, "pin" if row.pinned else "lock", box, theme.colour("text2"))
            return MARK + 8
        font = theme.font("small")
        width = QFontMetricsF(font).horizontalAdvance(row.when) + 2
        box = _placed(rect, QRectF(line.right() - width, line.y(), width, line.height()), mirrored=mirrored)
        painter.setFont(font)
        painter.setPen(theme.colour("text2"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, row.when)
        return width + 8

    def _dot(self, painter: QPainter, centre: QPointF, *, ring: bool) -> None:
        """A dot for a new answer, a ring with a dot for the thread in which a session is in progress."""
        accent = self._look.theme.colour("accent")
        painter.setPen(pen(accent, 1.5) if ring else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if ring else accent)
        painter.drawEllipse(centre, 5.25 if ring else 4, 5.25 if ring else 4)
        if ring:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent)
            painter.drawEllipse(centre, 2, 2)

    def _snippet(self, painter: QPainter, box: QRectF, row: ThreadRow, *, mirrored: bool) -> None:
        """The line around the hit, the hit itself on a tint and underlined."""
        theme = self._look.theme
        font = theme.font("small")
        metrics = QFontMetricsF(font)
        hit = hit_in(row.snippet, row.hit) if not mirrored else None
        if hit is not None:
            left = box.x() + metrics.horizontalAdvance(row.snippet[: hit[0]])
            width = metrics.horizontalAdvance(row.snippet[hit[0] : hit[1]])
            if left + width <= box.right():
                tint = QRectF(left - 2, box.y() + 1, width + 4, box.height() - 1)
                rounded(painter, tint, 3, theme.colour("warn_soft"))
                painter.fillRect(QRectF(tint.x(), tint.bottom() - 2, tint.width(), 2), theme.colour("warn"))
        self._words(painter, box, row.snippet, font, mirrored=mirrored, second=True)

    def _words(
        self, painter: QPainter, box: QRectF, words: str, font: QFont, *, mirrored: bool, second: bool = False
    ) -> None:
        painter.setFont(font)
        painter.setPen(self._look.theme.colour("text2" if second else "text"))
        shown = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        side |= Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, side | Qt.TextFlag.TextSingleLine, shown)


def _hovered(state: QStyle.StateFlag) -> bool:
    return bool(state & QStyle.StateFlag.State_MouseOver)


def _placed(row: QRectF, box: QRectF, *, mirrored: bool) -> QRectF:
    """`box` at the other side of its row when the window reads from right to left."""
    return QRectF(row.left() + row.right() - box.right(), box.y(), box.width(), box.height()) if mirrored else box
