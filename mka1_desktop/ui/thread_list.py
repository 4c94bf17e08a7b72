"""The list of threads: choose, rename, pin, delete, by pointer and by keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from mka1_desktop.ui.dialogs import AskDialog
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.menus import PanelMenu
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.thread_delegate import ThreadDelegate
from mka1_desktop.ui.viewport import clear_viewport
from mka1_desktop.viewmodels.threads import ROW_ROLE, ThreadListModel, ThreadRow
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

Index = QModelIndex | QPersistentModelIndex
_BY_KEYBOARD = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)


class ThreadList(QListView):
    """Rows of a ThreadListModel. A click, Enter or Space opens a thread; the wishes do the rest."""

    def __init__(
        self,
        look: Look,
        threads: ThreadListModel,
        wishes: Wishes,
        *,
        pin_thread: Callable[[str, bool], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        clear_viewport(self)
        self._look = look
        self._threads = threads
        self._wishes = wishes
        self._pin_thread = pin_thread
        self._asking: AskDialog | None = None
        self._delegate = ThreadDelegate(look, self)
        self._delegate.renamed.connect(wishes.rename_thread)
        self.setAccessibleName(tr("Threads", "Conversations"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(ThinScrollBar(look))
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setItemDelegate(self._delegate)
        self.setModel(threads)
        look.theme.changed.connect(self.scheduleDelayedItemsLayout)

    @property
    def asking(self) -> AskDialog | None:
        """The question before deleting, while it is open."""
        return self._asking

    def thread_at(self, index: Index) -> ThreadRow | None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        return row if isinstance(row, ThreadRow) else None

    def enter_from_search(self) -> None:
        """Take the focus on the first thread that is shown."""
        place = next((p for p in range(self._threads.rowCount()) if isinstance(self._threads.row(p), ThreadRow)), -1)
        if place >= 0:
            self.setCurrentIndex(self._threads.index(place))
            self.setFocus(Qt.FocusReason.TabFocusReason)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._delegate.focus_ring = False
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        row = self.thread_at(index)
        if event.button() is not Qt.MouseButton.LeftButton or row is None or self.state() is self.State.EditingState:
            return
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        more = self._delegate.more_box(QRectF(self.visualRect(index)), mirrored=mirrored)
        if more.contains(place):
            self._open_menu(index, place)
        else:
            self._wishes.open_thread(row.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        self._open_menu(index, self.visualRect(index).center() if by_key else event.pos())
        event.accept()

    # Keys

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._delegate.focus_ring = event.reason() in _BY_KEYBOARD
        if self.thread_at(self.currentIndex()) is None:
            rows = range(self._threads.rowCount())
            threads = [p for p in rows if isinstance(self._threads.row(p), ThreadRow)]
            opened = [p for p in threads if self._threads.row(p).open]  # type: ignore[union-attr]
            if threads:
                self.setCurrentIndex(self._threads.index((opened or threads)[0]))
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        renames = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F2
        if renames and event.type() is QEvent.Type.ShortcutOverride and self.thread_at(self.currentIndex()) is not None:
            event.accept()  # here it renames the row, elsewhere in the window the open thread
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() is self.State.EditingState:  # the field is done with it; Enter there opens nothing
            super().keyPressEvent(event)
            return
        self._delegate.focus_ring = True
        row = self.thread_at(self.currentIndex())
        if row is not None and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._wishes.open_thread(row.id)
        elif row is not None and event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.ask_to_delete(row)
        elif row is not None and event.key() == Qt.Key.Key_F2:
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    # Menu

    def menu_for(self, index: Index) -> PanelMenu | None:
        """The menu of a row; it deletes itself when it closes. None for heads."""
        row = self.thread_at(index)
        if row is None:
            return None
        menu = PanelMenu(self._look, row.title, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = QPersistentModelIndex(index)
        rename = menu.add_row(tr("Threads", "Rename"), icon="edit", keys="F2", width=200)
        rename.triggered.connect(lambda: self._rename(place))
        pin_words = tr("Threads", "Unpin") if row.pinned else tr("Threads", "Pin")
        menu.add_row(pin_words, icon="pin").triggered.connect(lambda: self._pin_thread(row.id, not row.pinned))
        menu.add_line()
        delete = menu.add_row(tr("Threads", "Delete"), icon="trash", keys=tr("Threads", "Del"), role="error")
        delete.triggered.connect(lambda: self.ask_to_delete(row))
        return menu

    def ask_to_delete(self, row: ThreadRow) -> None:
        """Ask once; the safe answer has the focus."""
        dialog = AskDialog(
            self._look,
            heading=tr("Threads", "Delete this conversation?"),
            sentence=tr("Threads", "“{title}” will be gone from this machine.", title=row.title),
            yes=tr("Threads", "Delete"),
            no=tr("Threads", "Keep it"),
            danger=True,
            parent=self.window(),
        )
        dialog.accepted.connect(lambda: self._wishes.delete_thread(row.id))
        dialog.finished.connect(self._asked)
        self._asking = dialog
        dialog.open()

    def _asked(self) -> None:
        if self._asking is not None:
            self._asking.deleteLater()
            self._asking = None

    def _rename(self, place: QPersistentModelIndex) -> None:
        if place.isValid():
            index = self._threads.index(place.row())
            self.setCurrentIndex(index)
            self.edit(index)

    def _open_menu(self, index: Index, place: QPoint) -> None:
        menu = self.menu_for(index)
        if menu is not None:
            menu.popup(self.viewport().mapToGlobal(place))
