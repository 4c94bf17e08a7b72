"""The sidebar: name, new conversation, search, the threads of this machine, the account."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPalette, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mka1_desktop.ui.account_foot import AccountFoot
from mka1_desktop.ui.buttons import IconButton
from mka1_desktop.ui.dialogs import plain_label
from mka1_desktop.ui.field import SearchField
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.thread_list import ThreadList
from mka1_desktop.viewmodels.account import AccountModel
from mka1_desktop.viewmodels.threads import ThreadListModel
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

WIDTH, DRAWER_WIDTH, HEAD, FOOT = 264, 300, 52, 56
SEARCH_MS = 150  # a pause in typing before the store is asked
SEARCH_KEY = "Ctrl+K"


class Sidebar(QWidget):
    """Arranges the parts and forwards wishes. `Ctrl+K` is bound here while the sidebar can be seen."""

    def __init__(
        self,
        look: Look,
        *,
        threads: ThreadListModel,
        account: AccountModel,
        wishes: Wishes,
        pin_thread: Callable[[str, bool], None],
        open_account: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._threads = threads
        self._wishes = wishes
        self.setAccessibleName(tr("Threads", "Sidebar"))
        self._mark = _Mark(look, self)
        self._name = plain_label("MKA1", self)
        self._name.setWordWrap(False)
        self._new = IconButton(look, "plus", tr("Threads", "New conversation"), parent=self)
        self._search = SearchField(look, tr("Threads", "Search conversations"), key=_native(SEARCH_KEY), parent=self)
        self._list = ThreadList(look, threads, wishes, pin_thread=pin_thread, parent=self)
        self._empty = _Empty(look, self)
        self._foot = AccountFoot(look, account, self)
        self._settings = IconButton(look, "settings", tr("Threads", "Settings"), parent=self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SEARCH_MS)
        self._arrange()
        self._connect(open_account)
        self._restyle()
        self._show_empty()

    @property
    def thread_list(self) -> ThreadList:
        return self._list

    @property
    def search_field(self) -> SearchField:
        return self._search

    @property
    def new_button(self) -> IconButton:
        return self._new

    @property
    def settings_button(self) -> IconButton:
        return self._settings

    @property
    def foot(self) -> AccountFoot:
        return self._foot

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self._search.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.edit.selectAll()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 520)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._threads.refresh_days()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("sidebar"))
        end = 0 if self.layoutDirection() is Qt.LayoutDirection.RightToLeft else self.width() - 1
        painter.fillRect(QRectF(end, 0, 1, self.height()), theme.colour("line"))
        painter.fillRect(QRectF(0, self._foot.y() - 7, self.width(), 1), theme.colour("line"))

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 9, 0)
        head.setSpacing(8)
        head.addWidget(self._mark)
        head.addWidget(self._name)
        head.addStretch(1)
        head.addWidget(self._new)
        search = QHBoxLayout()
        search.setContentsMargins(12, 0, 13, 0)
        search.addWidget(self._search)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 6, 9, 6)
        foot.setSpacing(4)
        foot.addWidget(self._foot, 1)
        foot.addWidget(self._settings)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(8)
        column.addLayout(search)
        column.addSpacing(18)
        column.addWidget(self._list, 1)
        column.addWidget(self._empty, 1)
        column.addSpacing(1)
        column.addLayout(foot)
        for first, second in zip(self._order(), self._order()[1:], strict=False):
            self.setTabOrder(first, second)

    def _order(self) -> list[QWidget]:
        return [self._new, self._search.edit, self._search.clear_button, self._list, self._foot, self._settings]

    def _connect(self, open_account: Callable[[], None]) -> None:
        self._open_account = open_account
        self._new.clicked.connect(self._ask_new)
        self._settings.clicked.connect(self._ask_settings)
        self._foot.clicked.connect(self._ask_account)
        self._search.query_changed.connect(self._typed)
        self._search.left_down.connect(self._list.enter_from_search)
        self._pause.timeout.connect(lambda: self._wishes.search(self._threads.query))
        shortcut = QShortcut(QKeySequence(SEARCH_KEY), self)
        shortcut.activated.connect(self.focus_search)
        for signal in (self._threads.modelReset, self._threads.rowsInserted, self._threads.rowsRemoved):
            signal.connect(self._show_empty)
        self._look.theme.changed.connect(self._restyle)

    def _ask_new(self) -> None:
        self._wishes.new_thread()

    def _ask_settings(self) -> None:
        self._wishes.open_settings()

    def _ask_account(self) -> None:
        self._open_account()

    def _typed(self, text: str) -> None:
        before = self._threads.query
        self._threads.set_query(text)
        if self._threads.query != before:
            self._pause.start()

    def _show_empty(self) -> None:
        empty = not self._threads.has_threads and not self._threads.query
        self._list.setVisible(not empty)
        self._empty.setVisible(empty)

    def _restyle(self) -> None:
        self._name.setFont(self._look.theme.font("title"))
        self.update()


class _Mark(QWidget):
    """The coloured mark, for the eye only."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setFixedSize(22, 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).drawPixmap(0, 0, self._look.icons.mark(22, self.devicePixelRatioF()))


class _Empty(QWidget):
    """What stands in place of the list while there is nothing to list."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._words = plain_label(
            tr("Threads", "Your conversations will be kept here, on this machine."), self, second=True
        )
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 0, 28, 24)
        column.addStretch(1)
        column.addSpacing(32)
        column.addWidget(self._words)
        column.addStretch(1)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def words(self) -> QLabel:
        return self._words

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF((self.width() - 20) // 2, self._words.y() - 30, 20, 20)
        self._look.icons.paint(painter, "history", box, self._look.theme.colour("text2"))

    def _restyle(self) -> None:
        self._words.setFont(self._look.theme.font("body"))
        self._words.setForegroundRole(QPalette.ColorRole.PlaceholderText)


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
