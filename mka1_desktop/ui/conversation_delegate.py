"""Paints the turns of a conversation. Rows are laid out once and kept; only what changed is laid out again."""

from __future__ import annotations

from typing import Final, cast

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mka1_desktop.ui.forms import Form
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import pen, rounded
from mka1_desktop.ui.theme import RADIUS_BUBBLE, RADIUS_ROW
from mka1_desktop.ui.turn_layout import (
    GO_ON_ICON,
    GO_ON_PAD,
    Column,
    TurnLayout,
    column_for,
    lay_out,
)
from mka1_desktop.ui.turn_paint import bubble_path, paint_current_word, paint_cut, paint_interim, paint_mark, x_of
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView

Index = QModelIndex | QPersistentModelIndex
KEPT_LAYOUTS: Final = 300
META_ICON = 16


class ConversationDelegate(QStyledItemDelegate):
    """Rows of a TranscriptModel. The view tells it what is hovered and whether the focus came by keyboard."""

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._layouts: dict[str, TurnLayout] = {}
        self._heights: dict[str, tuple[TurnView, str, int, int]] = {}  # key -> turn, day, column width, height
        self._column = Column(0, 0)
        self.lead = 0  # px of empty space above the first row, so that a short conversation stands at the bottom
        self.hot_row = -1  # row whose button is under the pointer
        self.focus_ring = False

    def forget(self) -> None:
        """Lay everything out anew: fonts or colours changed."""
        self._layouts.clear()
        self._heights.clear()

    def set_view(self, width: int, offset: int, form: Form) -> None:
        """Take the width of the view, how far its viewport stands from its left edge in px, and the window's form."""
        column = column_for(width, form)
        if column.width != self._column.width:
            self._layouts.clear()
        self._column = Column(column.x - offset, column.width)

    @property
    def column(self) -> Column:
        """The band of the turns, in px of the viewport."""
        return self._column

    def height(self, model: TranscriptModel, row: int) -> int:
        """Height of a row in px, without the lead."""
        turn, day, width = model.turn(row), model.day_above(row), self.column.width
        kept = self._heights.get(turn.key)
        if kept is not None and kept[2] == width and kept[1] == day and (kept[0] is turn or kept[0] == turn):
            return kept[3]
        return self.layout_of(model, row).height

    def layout_of(self, model: TranscriptModel, row: int) -> TurnLayout:
        """The laid out row, from memory when nothing about it changed."""
        turn, day, width = model.turn(row), model.day_above(row), self.column.width
        kept = self._layouts.get(turn.key)
        if kept is not None and kept.width == width and kept.day == day and (kept.turn is turn or kept.turn == turn):
            return kept
        if len(self._layouts) >= KEPT_LAYOUTS:
            del self._layouts[next(iter(self._layouts))]
        made = self._layouts[turn.key] = lay_out(turn, day, width, self._look.theme)
        self._heights[turn.key] = (turn, day, width, made.height)
        return made

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        model = _model(index)
        lead = self.lead if index.row() == 0 else 0
        return QSize(self.column.width, self.height(model, index.row()) + lead)

    def content_box(self, rect: QRectF, row: int) -> QRectF:
        """The column's part of a row's rectangle, without the lead."""
        lead = self.lead if row == 0 else 0
        return QRectF(rect.x() + self.column.x, rect.y() + lead, self.column.width, rect.height() - lead)

    def go_on_box(self, model: TranscriptModel, row: int, rect: QRectF, *, mirrored: bool) -> QRectF:
        """Where the row's button is ("go on from here", "send again"), in px of the view; empty without one."""
        layout = self.layout_of(model, row)
        if layout.go_on.isEmpty():
            return QRectF()
        content = self.content_box(rect, row)
        return layout.placed(layout.go_on, mirrored=mirrored).translated(content.topLeft())

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        layout = self.layout_of(_model(index), index.row())
        content = self.content_box(QRectF(option.rect), index.row())
        mirrored = option.direction == Qt.LayoutDirection.RightToLeft
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # words read in their own direction
        painter.translate(content.topLeft())
        if layout.day:
            self._line(painter, layout.day_box, layout.day, Qt.AlignmentFlag.AlignCenter)
        hot = index.row() == self.hot_row
        if layout.turn.role == "user":
            self._person(painter, layout, hot=hot, mirrored=mirrored)
        elif layout.turn.role == "assistant":
            self._assistant(painter, layout, hot=hot, mirrored=mirrored)
        else:
            painter.setPen(self._look.theme.colour("text2"))
            layout.text.draw(painter, layout.placed(layout.text_box, mirrored=mirrored).topLeft())
        has_focus = option.state & QStyle.StateFlag.State_HasFocus
        if has_focus and (self.focus_ring or self._look.theme.high_contrast):
            ring = QRectF(0, 0, content.width(), content.height()).adjusted(-8, -6, 8, -8)
            rounded(painter, ring, RADIUS_ROW, None, pen(self._look.theme.colour("focus"), 2))
        painter.restore()

    def _person(self, painter: QPainter, layout: TurnLayout, *, hot: bool, mirrored: bool) -> None:
        theme, turn = self._look.theme, layout.turn
        box = layout.placed(layout.bubble, mirrored=mirrored)
        edge: QPen | None = None
        if turn.live:
            edge = pen(theme.colour("live"), 1.5)
        elif theme.high_contrast:
            edge = pen(theme.colour("line"))
        inset = edge.widthF() / 2 if edge else 0.0
        painter.setPen(edge or Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("live_soft" if turn.live else "mine"))
        shape = box.adjusted(inset, inset, -inset, -inset)
        painter.drawPath(bubble_path(shape, RADIUS_BUBBLE - inset, mirrored=mirrored))
        self._text(painter, layout, mirrored=mirrored)
        if turn.live:
            self._caret(painter, layout, mirrored=mirrored)
        self._end_note(painter, layout, mirrored=mirrored)
        self._person_meta(painter, layout, mirrored=mirrored)
        if layout.go_on_words:
            self._button(painter, layout, hot=hot, mirrored=mirrored)

    def _person_meta(self, painter: QPainter, layout: TurnLayout, *, mirrored: bool) -> None:
        """Icon and words at the end edge."""
        if not layout.meta_words:
            return
        theme = self._look.theme
        words = painter.fontMetrics().horizontalAdvance(layout.meta_words)
        painter.setFont(theme.font("small"))
        words = painter.fontMetrics().horizontalAdvance(layout.meta_words)
        meta = layout.meta
        icon = QRectF(meta.right() - words - 6 - META_ICON, meta.center().y() - META_ICON / 2, META_ICON, META_ICON)
        text = QRectF(meta.right() - words - 1, meta.y(), words + 2, meta.height())
        painter.setPen(theme.colour("text2"))
        painter.drawText(layout.placed(text, mirrored=mirrored), Qt.AlignmentFlag.AlignCenter, layout.meta_words)
        if layout.meta_icon:
            icon = layout.placed(icon, mirrored=mirrored)
            self._look.icons.paint(painter, layout.meta_icon, _whole(icon), theme.colour("text2"))

    def _assistant(self, painter: QPainter, layout: TurnLayout, *, hot: bool, mirrored: bool) -> None:
        theme = self._look.theme
        paint_mark(painter, layout.placed(layout.mark, mirrored=mirrored), theme.colour("accent"))
        self._text(painter, layout, mirrored=mirrored)
        self._end_note(painter, layout, mirrored=mirrored)
        if layout.go_on_words:
            self._button(painter, layout, hot=hot, mirrored=mirrored)
            self._line(painter, layout.placed(layout.beside, mirrored=mirrored), layout.meta_words, _start(mirrored))
        elif layout.meta_words:
            self._start_meta(painter, layout, mirrored=mirrored)

    def _text(self, painter: QPainter, layout: TurnLayout, *, mirrored: bool) -> None:
        at = layout.placed(layout.text_box, mirrored=mirrored).topLeft()
        theme = self._look.theme
        current = layout.shown.span("current")
        if current is not None:
            paint_current_word(painter, layout.text, at, current, theme)
        painter.setPen(theme.colour("text"))
        layout.text.draw(painter, at)
        bar, chip, interim = (layout.shown.span(kind) for kind in ("bar", "chip", "interim"))
        if bar is not None and chip is not None:
            paint_cut(painter, layout.text, at, bar, chip, theme)
        if interim is not None:
            paint_interim(painter, layout.text, at, interim, theme)

    def _caret(self, painter: QPainter, layout: TurnLayout, *, mirrored: bool) -> None:
        """A bar of 3 px behind the last word while the microphone is open."""
        line = layout.text.lineAt(layout.text.lineCount() - 1)
        if not line.isValid():
            return
        at = layout.placed(layout.text_box, mirrored=mirrored).topLeft()
        x = x_of(line, line.textStart() + line.textLength())
        x = x - 7 if layout.shown.right_to_left else x + 4
        middle = at.y() + line.y() + line.height() / 2
        box = QRectF(round(at.x() + x), round(middle - 9), 3, 18)
        rounded(painter, box, 1.5, self._look.theme.colour("live"))

    def _button(self, painter: QPainter, layout: TurnLayout, *, hot: bool, mirrored: bool) -> None:
        theme = self._look.theme
        box = layout.placed(layout.go_on, mirrored=mirrored)
        fill = theme.colour("hover" if hot else "surface")
        rounded(painter, box, RADIUS_ROW, fill, pen(theme.colour("control")))
        inner = layout.go_on.adjusted(GO_ON_PAD, 0, -GO_ON_PAD, 0)
        icon = layout.placed(
            QRectF(inner.x(), inner.center().y() - GO_ON_ICON / 2, GO_ON_ICON, GO_ON_ICON), mirrored=mirrored
        )
        painter.save()
        if mirrored and layout.go_on_icon == "play":  # this arrow points where the reading goes
            painter.translate(2 * icon.center().x(), 0)
            painter.scale(-1, 1)
        self._look.icons.paint(painter, layout.go_on_icon, _whole(icon), theme.colour("text"))
        painter.restore()
        painter.setFont(theme.font("small", 500))
        painter.setPen(theme.colour("text"))
        words = layout.placed(inner.adjusted(GO_ON_ICON + 8, 0, 1, 0), mirrored=mirrored)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, layout.go_on_words)

    def _start_meta(self, painter: QPainter, layout: TurnLayout, *, mirrored: bool) -> None:
        meta = layout.meta
        icon = QRectF(meta.x(), meta.center().y() - META_ICON / 2, META_ICON, META_ICON)
        colour = self._look.theme.colour("text2")
        self._look.icons.paint(painter, layout.meta_icon, _whole(layout.placed(icon, mirrored=mirrored)), colour)
        words = layout.placed(meta.adjusted(META_ICON + 6, 0, 0, 0), mirrored=mirrored)
        self._line(painter, words, layout.meta_words, _start(mirrored))

    def _end_note(self, painter: QPainter, layout: TurnLayout, *, mirrored: bool) -> None:
        if layout.note_words:
            side = _start(mirrored) if layout.turn.role == "assistant" else _end(mirrored)
            self._line(painter, layout.placed(layout.note, mirrored=mirrored), layout.note_words, side)

    def _line(self, painter: QPainter, box: QRectF, words: str, side: Qt.AlignmentFlag) -> None:
        """One small line, elided at its end."""
        painter.setFont(self._look.theme.font("small"))
        painter.setPen(self._look.theme.colour("text2"))
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()) + 1)
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def _start(mirrored: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignAbsolute


def _end(mirrored: bool) -> Qt.AlignmentFlag:
    return _start(not mirrored)


def _whole(box: QRectF) -> QRectF:
    """The box on whole px, so that an icon stays sharp."""
    return QRectF(QPointF(round(box.x()), round(box.y())), box.size())


def _model(index: Index) -> TranscriptModel:
    return cast("TranscriptModel", index.model())
