"""The main window: arranges head, sidebar, conversation, notice and composer. It decides nothing else."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from mka1_desktop.ui.composer import Composer
from mka1_desktop.ui.drawer import Scrim, SidebarHost
from mka1_desktop.ui.focus_ring import FocusRing
from mka1_desktop.ui.forms import DRAWER_W, MIN_HEIGHT, MIN_WIDTH, SIDEBAR_W, SIDEBAR_WIDEST, Form, form_of, side_margin
from mka1_desktop.ui.head_bar import HeadBar
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.notice_bar import NoticeBar
from mka1_desktop.ui.status_line import StatusPanel
from mka1_desktop.ui.talk_keys import TalkKeys
from mka1_desktop.ui.toast import Toast
from mka1_desktop.ui.turn_menu import HEAR_KEY
from mka1_desktop.viewmodels.head import HeadView
from mka1_desktop.viewmodels.status import Phase
from mka1_desktop.viewmodels.window import WindowModels
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

__all__ = ["MainWindow", "WindowModels"]

USUAL_SIZE = (960, 680)
CAPTION_PAUSE_MS = 400  # figure and badge change places in a pause of the captions
LEAST_CONVERSATION_H = 56  # two lines of twice the size
BADGE_FROM_TURNS = 2  # in narrow windows


class MainWindow(QMainWindow):
    """Gets the sidebar and the conversation as widgets; they tell it how much room their contents take."""

    close_requested = Signal()  # the window is gone; what that means is decided elsewhere
    search_requested = Signal()  # Ctrl+K: the sidebar is open now

    def __init__(
        self,
        look: Look,
        *,
        models: WindowModels,
        wishes: Wishes,
        sidebar: QWidget,
        conversation: QWidget,
        talk_key: str,
        sidebar_open: bool = True,
    ) -> None:
        super().__init__()
        self._look = look
        self._models = models
        self._wishes = wishes
        self._form: Form | None = None
        self._open = sidebar_open
        self._drawer = False
        self._sidebar_w = SIDEBAR_W
        self._content_h, self._turns = 0, 0
        self._thread = models.head.view.thread_id
        self.setWindowIcon(look.icons.app_icon())
        self.setMinimumSize(MIN_WIDTH, MIN_HEIGHT)
        self.resize(*USUAL_SIZE)
        self._build(sidebar, conversation)
        self.talk_keys = TalkKeys(self, wishes, key=talk_key, can_stop=lambda: models.talk.view.can_stop)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(CAPTION_PAUSE_MS)
        self._pause.timeout.connect(self._choose_figure)
        self._connect()
        self._show_head(models.head.view)
        self._arrange()

    def _build(self, sidebar: QWidget, conversation: QWidget) -> None:
        look, models, wishes = self._look, self._models, self._wishes
        self._central = central = QWidget(self)
        self.setCentralWidget(central)
        self._main = QWidget(central)
        self.head = HeadBar(look, models.head, wishes)
        self.panel = StatusPanel(look, models.status, models.levels, wishes)
        self.notice = NoticeBar(look, models.notices, wishes)
        self.composer = Composer(
            look, talk=models.talk, status=models.status, kept=models.kept, levels=models.levels,
            devices=models.devices, wishes=wishes,
        )  # fmt: skip
        self._notice_room = QWidget()
        room = QVBoxLayout(self._notice_room)
        room.addWidget(self.notice)
        column = QVBoxLayout(self._main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(conversation, 1)
        column.addWidget(self.panel)
        column.addWidget(self._notice_room)
        column.addWidget(self.composer)
        self.conversation = conversation
        self._scrim = Scrim(central)
        self.sidebar = SidebarHost(look, sidebar, central)
        self.toast = Toast(look, models.toasts, wishes, parent=central)
        self.ring = FocusRing(look, central)
        self._order_focus(conversation)

    def _order_focus(self, conversation: QWidget) -> None:
        bar, composer = self.composer.device_bar, self.composer
        order = [
            self.head.sidebar_button,
            self.head.details_button,
            self.head.end_button,
            conversation,
            composer.kept_line.drop_button,
            composer.talk_button,
            composer.text_box.editor,
            composer.text_box.send_button,
            composer.stop_button,
            bar.mute,
            bar.microphone,
            bar.hush,
            bar.speaker,
            bar.volume,
            bar.mode,
            bar.more,
        ]
        for one, following in pairwise(order):
            QWidget.setTabOrder(one, following)

    def _connect(self) -> None:
        self.head.sidebar_button.clicked.connect(self.toggle_sidebar)
        self._scrim.clicked.connect(self.close_drawer)
        self.sidebar.dragged.connect(self._drag_sidebar)
        self.composer.resized.connect(self._place_toast)
        self._models.head.changed.connect(self._show_head)
        self._models.status.changed.connect(lambda _view: self._choose_figure())
        self._models.kept.changed.connect(lambda _view: self._choose_figure())
        self._models.notices.changed.connect(lambda _view: self._show_notice())
        self._models.toasts.changed.connect(lambda _view: self._place_toast())
        self._look.theme.changed.connect(self._restyle)
        keys = (
            ("F2", self.head.begin_rename),
            ("Ctrl+B", self.toggle_sidebar),
            ("Ctrl+N", self._wishes.new_thread),
            (HEAR_KEY, self._wishes.hear_last),
            ("Ctrl+,", self._wishes.open_settings),
        )
        for key, act in keys:
            QShortcut(QKeySequence(key), self).activated.connect(act)
        self._search_key = QShortcut(QKeySequence("Ctrl+K"), self)  # the sidebar has its own while it is seen
        self._search_key.activated.connect(self.open_search)

    # What the contents tell the window

    def set_content_height(self, height: int) -> None:
        """Height of all turns in px; the figure changes place in the next pause."""
        if height != self._content_h:
            self._content_h = height
            self._pause.start()

    def set_turns(self, turns: int) -> None:
        """How many turns the thread has; with none the conversation shows its own figure instead of the window's."""
        if turns == self._turns:
            return
        emptied = 0 in (turns, self._turns)
        self._turns = turns
        if emptied:
            self._choose_figure()
        else:
            self._pause.start()

    def set_talk_key(self, key: str) -> None:
        """The in-window talk key, as written in the settings."""
        self.talk_keys.set_key(key)

    # Sidebar

    @property
    def form(self) -> Form:
        return self._form or form_of(self.width(), self._look.theme.scale)

    @property
    def sidebar_shown(self) -> bool:
        return self._drawer if self.form.drawer else self._open

    def toggle_sidebar(self) -> None:
        """Fold or unfold the sidebar; where it is a drawer, open or close that."""
        if self.form.drawer:
            self._drawer = not self._drawer
        else:
            self._open = not self._open
            self._wishes.set_setting("window.sidebar", self._open)
        self._arrange()
        if self._drawer:
            self.sidebar.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_drawer(self) -> None:
        if self._drawer:
            self._drawer = False
            self._arrange()
            self.composer.text_box.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_search(self) -> None:
        """Make the sidebar visible and ask its search field to take the focus."""
        if not self.sidebar_shown:
            self.toggle_sidebar()
        self.search_requested.emit()

    def _drag_sidebar(self, width: int) -> None:
        self._sidebar_w = max(SIDEBAR_W, min(SIDEBAR_WIDEST, width))
        self._arrange()

    # Qt's own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._drawer:
            self.close_drawer()
            event.accept()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.focusWidget() is None:
            self.composer.text_box.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.talk_keys.let_go()
        super().closeEvent(event)
        self.close_requested.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.theme.colour("bg"))

    # Arranging

    def _restyle(self) -> None:
        self._form = None
        self._arrange()
        self.update()

    def _arrange(self) -> None:
        form = form_of(self.width(), self._look.theme.scale)
        if form != self._form:
            self._form = form
            self._drawer = False
            for part in (self.head, self.composer):
                part.set_form(form)
            self.panel.set_figure_size(form.figure)
            self.sidebar.set_draggable(form.draggable)
        area = self._central.rect()
        width = DRAWER_W if form.drawer else self._sidebar_w
        shown = self.sidebar_shown
        beside = 0 if form.drawer or not shown else width
        self._main.setGeometry(self._visual(QRect(beside, 0, area.width() - beside, area.height()), area))
        self.sidebar.setGeometry(self._visual(QRect(0, 0, min(width, area.width() - 40), area.height()), area))
        self.sidebar.setVisible(shown)
        self._search_key.setEnabled(not shown)
        self._scrim.setGeometry(area)
        self._scrim.setVisible(form.drawer and shown)
        side = side_margin(self._main.width(), form)
        room = self._notice_room.layout()
        if room is not None:
            room.setContentsMargins(side, 8, side, 12)
        if form.drawer and shown:
            self._scrim.raise_()
            self.sidebar.raise_()
        self._show_notice()
        self._place_toast()

    def _visual(self, box: QRect, area: QRect) -> QRect:
        """`box`, given for left to right, in this window's direction."""
        if self.layoutDirection() is Qt.LayoutDirection.LeftToRight:
            return box
        return QRect(area.width() - box.right() - 1, box.top(), box.width(), box.height())

    def _show_head(self, view: HeadView) -> None:
        self.setWindowTitle(tr("Window", "{title} — MKA1", title=view.shown_title))
        if view.thread_id != self._thread:
            self._thread = view.thread_id
            self.close_drawer()

    def _show_notice(self) -> None:
        self._notice_room.setVisible(self._models.notices.view is not None)
        self._choose_figure()

    def _place_toast(self) -> None:
        bottom = self._main.height() - self.composer.height() - 12
        self.toast.place(QRectF(self._main.geometry()), bottom)

    def _choose_figure(self) -> None:
        """The large figure while there is room for it below the last turn, else the badge."""
        form = self.form
        view = self._models.status.view
        notice = self._notice_room.sizeHint().height() if self._models.notices.view is not None else 0
        area = self._main.height() - self.head.height() - notice - self.composer.base_height()
        room = area - max(self._content_h, LEAST_CONVERSATION_H) >= self.panel.wanted_height
        crowded = form.stacked and self._turns >= BADGE_FROM_TURNS
        empty = self._turns == 0
        large = view.large and room and not crowded and not empty
        self.panel.setVisible(large)
        self.composer.set_badge(not large and not (empty and view.figure is Phase.IDLE))
