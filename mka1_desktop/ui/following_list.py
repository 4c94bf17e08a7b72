"""A list that stays at its end while things are added, until the person scrolls away."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from mka1_desktop.ui.jump_button import JumpButton
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.viewport import clear_viewport

Index = QModelIndex | QPersistentModelIndex
AT_END_PX = 24  # this near to the end counts as the end
STEP_PX = 72  # an arrow key inside a row that is higher than the view
JUMP_LIFT = 11  # px below the button


class FollowingList(QListView):
    """Rows of unequal height, scrolled by the pixel, with a button that leads back to the end."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        clear_viewport(self)
        self._follows = True
        self._look = look
        self._jump = JumpButton(look, self)

    def set_up(self) -> None:
        """Called once by the subclass when it can be laid out: some of these calls lay out at once."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.viewport().setMouseTracking(True)
        bar = ThinScrollBar(self._look)
        self.setVerticalScrollBar(bar)
        bar.setSingleStep(24)
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._range_changed)
        self._jump.clicked.connect(self.jump_to_newest)

    @property
    def follows(self) -> bool:
        """Whether the newest words are kept in sight."""
        return self._follows

    @property
    def jump_button(self) -> JumpButton:
        return self._jump

    def follow(self) -> None:
        """Keep the end in sight from the next layout on."""
        self._follows = True

    def jump_to_newest(self) -> None:
        """Show the last words and follow again."""
        self.follow()
        self.executeDelayedItemsLayout()
        self._to_end()
        self.place_extras()

    def note_news(self) -> None:
        """Something was added; when the end is out of sight the button says so."""
        if not self._follows:
            self._jump.set_news(news=True)

    def place_extras(self) -> None:
        """Put what floats over the rows where it belongs: after layout, scrolling, resizing."""
        self._jump.setVisible(not self._follows and self.verticalScrollBar().maximum() > 0)
        if self._follows:
            self._jump.set_news(news=False)
        size, port = self._jump.sizeHint(), self.viewport().geometry()
        corner = QPoint(port.center().x() - size.width() // 2, port.bottom() - size.height() - JUMP_LIFT)
        self._jump.setGeometry(QRect(corner, size))

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """A row that is higher than the view comes with the edge that was nearer."""
        box, port, bar = self.visualRect(index), self.viewport().rect(), self.verticalScrollBar()
        if hint is not QAbstractItemView.ScrollHint.EnsureVisible or box.height() <= port.height():
            super().scrollTo(index, hint)
        elif box.bottom() < port.bottom():
            bar.setValue(bar.value() - (port.bottom() - box.bottom()))
        elif box.top() > port.top():
            bar.setValue(bar.value() + box.top())

    def step_inside(self, key: int) -> bool:
        """Scroll within the current row when it is higher than the view; false when there is nothing left to see."""
        box, port, bar = self.visualRect(self.currentIndex()), self.viewport().rect(), self.verticalScrollBar()
        if key == Qt.Key.Key_Down and self.currentIndex().isValid() and box.bottom() > port.bottom() + 1:
            bar.setValue(bar.value() + min(STEP_PX, box.bottom() - port.bottom()))
            return True
        if key == Qt.Key.Key_Up and self.currentIndex().isValid() and box.top() < port.top():
            bar.setValue(bar.value() - min(STEP_PX, port.top() - box.top()))
            return True
        return False

    def keep_end(self) -> None:
        """After a layout: back to the end, if that is where the person was."""
        if self._follows:
            self._to_end()

    def _to_end(self) -> None:
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _scrolled(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - AT_END_PX
        self.place_extras()

    def _range_changed(self, _low: int, _high: int) -> None:
        self.keep_end()
