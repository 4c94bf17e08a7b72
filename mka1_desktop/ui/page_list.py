"""The list of pages at the side of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, note_focus, pen, rounded, text_line
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.theme import RADIUS_ROW
from mka1_desktop.ui.viewport import clear_viewport
from mka1_desktop.viewmodels.settings import Page

ROW_HEIGHT, SIDE, PAD, ICON, ICON_GAP = 36, 8, 11, 18, 11
_NAME_ROLE, _ICON_ROLE = Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2
_BY_KEYBOARD = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)


class PageList(QListWidget):
    """One row a page; `chosen` gets the page's name."""

    chosen = Signal(str)

    def __init__(self, look: Look, pages: Sequence[Page], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        clear_viewport(self)
        self._delegate = _PageDelegate(look, self)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollBar(ThinScrollBar(look))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        for page in pages:
            item = QListWidgetItem(page.title, self)
            item.setData(_NAME_ROLE, page.name)
            item.setData(_ICON_ROLE, page.icon)
        self.currentItemChanged.connect(self._changed)
        look.theme.changed.connect(self.scheduleDelayedItemsLayout)

    @property
    def page_name(self) -> str:
        index = self.currentIndex()
        return str(index.data(_NAME_ROLE)) if index.isValid() else ""

    def choose(self, name: str) -> None:
        """Make this page the current one; unknown names change nothing."""
        for place in range(self.count()):
            if self.item(place).data(_NAME_ROLE) == name:
                self.setCurrentRow(place)

    def show_only(self, names: set[str]) -> None:
        """Hide the pages that are not named."""
        for place in range(self.count()):
            self.item(place).setHidden(self.item(place).data(_NAME_ROLE) not in names)

    def focusInEvent(self, event: QFocusEvent) -> None:
        note_focus(self, event)
        self._delegate.focus_ring = event.reason() in _BY_KEYBOARD
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._delegate.focus_ring = True
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._delegate.focus_ring = False
        super().mousePressEvent(event)

    def _changed(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(str(item.data(_NAME_ROLE)))


class _PageDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, view: PageList) -> None:
        super().__init__(view)
        self._look = look
        self._view = view
        self.focus_ring = False

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, max(ROW_HEIGHT, round(self._look.theme.line_height("body")) + 16))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, view = self._look.theme, self._view.viewport()
        rect = QRectF(option.rect)
        state = option.state
        box = rect.adjusted(SIDE, 0, -SIDE, 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            frame = pen(theme.colour("accent"), 2) if theme.high_contrast else None
            rounded(painter, box, RADIUS_ROW, theme.colour("selected"), frame)
            bar = QRectF(box.x(), box.center().y() - 8, 3, 16)
            rounded(painter, mirrored(view, bar), 1.5, theme.colour("accent"))
        elif state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, box, RADIUS_ROW, theme.colour("hover"))
        if state & QStyle.StateFlag.State_HasFocus and (self.focus_ring or theme.high_contrast):
            rounded(painter, box, RADIUS_ROW, None, pen(theme.colour("focus"), 2))
        icon = QRectF(box.x() + PAD, box.y() + (box.height() - ICON) // 2, ICON, ICON)
        name = str(index.data(_ICON_ROLE))
        self._look.icons.paint(painter, name, mirrored(view, icon), theme.colour("text2"))
        words = QRectF(icon.right() + ICON_GAP, box.y(), box.right() - icon.right() - ICON_GAP - 4, box.height())
        text_line(painter, view, mirrored(view, words), str(index.data()), theme.font("body"), theme.colour("text"))
        painter.restore()
