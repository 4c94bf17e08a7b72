"""The conversation as a list of turns that stands at the bottom and follows the newest words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from mka1_desktop.ui.conversation_delegate import ConversationDelegate
from mka1_desktop.ui.following_list import FollowingList
from mka1_desktop.ui.forms import form_of
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.menus import PanelMenu
from mka1_desktop.ui.paint import note_focus
from mka1_desktop.ui.row_tools import RowTools
from mka1_desktop.ui.turn_menu import turn_menu
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

Index = QModelIndex | QPersistentModelIndex
TOP_ROOM = 16  # above the first turn
_BY_KEYBOARD = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)


class ConversationView(FollowingList):
    """Shows a TranscriptModel. What the person does with a turn is a wish; "go on" calls `go_on` with its key."""

    content_changed = Signal(int)  # height of all turns in px, when it changed

    def __init__(
        self,
        look: Look,
        model: TranscriptModel,
        wishes: Wishes,
        *,
        go_on: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, parent)
        self._transcript = model
        self._wishes = wishes
        self._go_on = go_on
        self._hovered = -1
        self._content = -1
        self._laid: list[int] = []  # height of each row in px, without the lead
        self._delegate = ConversationDelegate(look, self)
        self._tools = (RowTools(look, self.viewport()), RowTools(look, self.viewport()))  # last answer; hover or focus
        self.setAccessibleName(tr("Conversation", "Conversation"))
        self.setMinimumHeight(96)
        self.set_up()
        self.setItemDelegate(self._delegate)
        self.setModel(model)
        self._connect()

    def _connect(self) -> None:
        self._look.theme.changed.connect(self._restyle)
        for tools in self._tools:
            tools.copy_wanted.connect(self._wishes.copy_turn)
            tools.hear_wanted.connect(lambda key: self._wishes.hear_again(key, 0))
            tools.stop_wanted.connect(self._wishes.stop)
            tools.branch_wanted.connect(self._wishes.branch_turn)
        self._transcript.modelReset.connect(self._opened)
        self._transcript.rowsInserted.connect(self._added)

    # For the window

    @property
    def tools(self) -> tuple[RowTools, RowTools]:
        """Of the last answer, and of the row that is hovered or focused."""
        return self._tools

    @property
    def delegate(self) -> ConversationDelegate:
        return self._delegate

    def content_height(self) -> int:
        """Height of all turns in px, as they are laid out now."""
        return sum(self._laid)

    def current_turn(self) -> TurnView | None:
        """The turn that keys act on: the current row, else the last one."""
        row = self.currentIndex().row()
        if row < 0:
            row = self._transcript.rowCount() - 1
        return self._transcript.turn(row) if row >= 0 else None

    def go_on_rect(self, row: int) -> QRect:
        """Where the button of a row is, in px of the viewport; empty when it has none."""
        rect = QRectF(self.visualRect(self._transcript.index(row)))
        return self._delegate.go_on_box(self._transcript, row, rect, mirrored=self._mirrored).toAlignedRect()

    # Layout

    def doItemsLayout(self) -> None:
        form = form_of(self.window().width(), self._look.theme.scale)
        self._delegate.set_view(self.width(), self.viewport().x(), form)
        rows = range(self._transcript.rowCount())
        self._laid = [self._delegate.height(self._transcript, row) for row in rows]
        height = sum(self._laid)
        self._delegate.lead = max(TOP_ROOM, self.viewport().height() - height)
        super().doItemsLayout()
        self.keep_end()
        self.place_extras()
        if height != self._content:
            self._content = height
            self.content_changed.emit(height)

    def dataChanged(self, top_left: Index, bottom_right: Index, roles: Sequence[int] = ()) -> None:
        if top_left.row() != bottom_right.row() or not top_left.isValid():
            super().dataChanged(top_left, bottom_right, roles)
            return
        row = top_left.row()  # a row that keeps its height costs no layout; Qt would ask every row for its size
        if row < len(self._laid) and self._laid[row] == self._delegate.height(self._transcript, row):
            self.viewport().update(self.visualRect(self._transcript.index(row)))
            self.place_extras()
        else:
            self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        self.place_extras()

    def _restyle(self) -> None:
        self._delegate.forget()
        for tools in self._tools:
            tools.restyle()
        self.scheduleDelayedItemsLayout()

    def _opened(self) -> None:
        self.follow()
        self._hovered = self._delegate.hot_row = -1
        self._delegate.forget()

    def _added(self) -> None:
        self.note_news()

    # Tools

    def place_extras(self) -> None:
        """Put the tools on their rows, and the way to the newest words over the end."""
        super().place_extras()
        rows = self._transcript.rowCount()
        last = next((r for r in range(rows - 1, -1, -1) if self._transcript.turn(r).is_last_answer), -1)
        pointed = self._hovered
        if pointed < 0 and self._delegate.focus_ring and self._focus_inside():
            pointed = self.currentIndex().row()
        self._place_tools(self._tools[0], last if last < 0 or not self._transcript.turn(last).live else -1)
        self._place_tools(self._tools[1], pointed if pointed != self._placed_row(self._tools[0]) else -1)

    def _placed_row(self, tools: RowTools) -> int:
        return self._transcript.row_of(tools.key) if not tools.isHidden() else -1

    def _place_tools(self, tools: RowTools, row: int) -> None:
        if not 0 <= row < self._transcript.rowCount() or self._transcript.turn(row).role == "notice":
            tools.hide()
            return
        content = self._delegate.content_box(QRectF(self.visualRect(self._transcript.index(row))), row)
        tools.stand_on(self._delegate.layout_of(self._transcript, row), content, mirrored=self._mirrored)

    def _focus_inside(self) -> bool:
        return self.hasFocus() or any(tools.has_focus for tools in self._tools)

    @property
    def _mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    # Pointer

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Leave:
            self._point_at(-1, on_button=False)
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        row = self.indexAt(place).row()
        self._point_at(row, on_button=row >= 0 and self.go_on_rect(row).contains(place))
        super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._delegate.focus_ring = False
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        row = self.indexAt(place).row()
        if event.button() is Qt.MouseButton.LeftButton and row >= 0 and self.go_on_rect(row).contains(place):
            self._act(self._transcript.turn(row))
        super().mouseReleaseEvent(event)

    def _act(self, turn: TurnView) -> None:
        """Do what the button of the turn does."""
        if turn.can_send_again:
            self._wishes.send_again(turn.key)
        elif turn.cut is not None and turn.can_go_on:
            self._go_on(turn.key)

    def _point_at(self, row: int, *, on_button: bool) -> None:
        hot = row if on_button else -1
        if hot != self._delegate.hot_row:
            self._delegate.hot_row = hot
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if on_button else Qt.CursorShape.ArrowCursor)
            self.viewport().update()
        if row != self._hovered:
            self._hovered = row
            self.place_extras()

    # Keys

    def focusInEvent(self, event: QFocusEvent) -> None:
        note_focus(self, event)
        self._delegate.focus_ring = event.reason() in _BY_KEYBOARD
        if not self.currentIndex().isValid() and self._transcript.rowCount():
            self.setCurrentIndex(self._transcript.index(self._transcript.rowCount() - 1))
        super().focusInEvent(event)
        self.place_extras()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
        self.place_extras()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.place_extras()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._delegate.focus_ring = True
        turn = self.current_turn()
        if event.matches(QKeySequence.StandardKey.Copy):
            if turn is not None:
                self._wishes.copy_turn(turn.key)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if turn is not None:
                self._act(turn)
        elif event.key() == Qt.Key.Key_End:
            self.setCurrentIndex(self._transcript.index(self._transcript.rowCount() - 1))
            self.jump_to_newest()
        elif not self.step_inside(event.key()):
            super().keyPressEvent(event)
            return
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        place = self.visualRect(index).center() if by_key else event.pos()
        menu = self.menu_for(index.row())
        menu.popup(self.viewport().mapToGlobal(place))
        event.accept()

    def menu_for(self, row: int) -> PanelMenu:
        """The menu of a row; it deletes itself when it closes."""
        turn = self._transcript.turn(row) if 0 <= row < self._transcript.rowCount() else None
        return turn_menu(self._look, turn, self._wishes, go_on=self._go_on, parent=self)
