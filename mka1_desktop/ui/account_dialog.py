"""The API key: paste it once, hear whether it works and where it is kept, replace or delete it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mka1_desktop.ui.account_parts import DemoCard, Disclosure, KeyField, ResultLine, delete_question
from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.dialogs import AskDialog, plain_label
from mka1_desktop.ui.focus_ring import FocusRing
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.service_fields import ServiceFields
from mka1_desktop.ui.viewport import clear_viewport
from mka1_desktop.viewmodels.account import AccountModel, AccountView, key_line, place_line
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

WIDTH, LEAST_WIDTH, PAD = 640, 380, 40
SCREEN_SHARE = 0.85  # of the screen's height, at most
NARROW_BELOW, PAD_NARROW = 480, 16


class AccountDialog(QDialog):
    """Shows an AccountModel. The key leaves by `wishes.key_entered` and is forgotten here once it is accepted."""

    def __init__(
        self,
        look: Look,
        account: AccountModel,
        wishes: Wishes,
        *,
        delete_key: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._account = account
        self._wishes = wishes
        self._delete_key = delete_key
        self._sent = False  # a key of this dialog is being checked
        self._asking: AskDialog | None = None
        self.setWindowTitle(tr("Account", "Your key"))
        self.resize(WIDTH, 480)
        self._heading = plain_label(tr("Account", "Sign in with your key"), self)
        self._intro = plain_label(
            tr("Account", "Paste the key of your MKA1 account. With or without the word “Bearer” is fine."),
            self,
            second=True,
        )
        self._key = KeyField(look, self)
        self._paste = TextButton(look, tr("Account", "Paste"), icon="copy", height=44, parent=self)
        self._works = ResultLine(look, self)
        self._kept = ResultLine(look, self)
        self._more = Disclosure(look, tr("Account", "Service address and end user"), self)
        self._fields = ServiceFields(look, self)
        self._demo = DemoCard(look, self)
        self._delete = TextButton(look, tr("Account", "Delete the key"), icon="trash", kind="quiet", parent=self)
        self._close = TextButton(look, tr("Account", "Close"), parent=self)
        self._check = TextButton(look, tr("Account", "Check and keep"), kind="primary", parent=self)
        self._arrange()
        self._ring = FocusRing(look, self)
        self._connect()
        self._fields.show_view(account.view)
        self._more.set_open(opened=False)
        self._restyle()
        self._render(account.view)

    # For tests and the window

    @property
    def key_field(self) -> KeyField:
        return self._key

    @property
    def paste_button(self) -> TextButton:
        return self._paste

    @property
    def check_button(self) -> TextButton:
        return self._check

    @property
    def delete_button(self) -> TextButton:
        return self._delete

    @property
    def close_button(self) -> TextButton:
        return self._close

    @property
    def demo_button(self) -> TextButton:
        return self._demo.button

    @property
    def disclosure(self) -> Disclosure:
        return self._more

    @property
    def fields(self) -> ServiceFields:
        """Address and end user."""
        return self._fields

    @property
    def sentence(self) -> str:
        """What is said about the key."""
        return self._works.text

    @property
    def place_sentence(self) -> str:
        """Where the key is kept."""
        return self._kept.text

    @property
    def asking(self) -> AskDialog | None:
        """The question before deleting, while it is open."""
        return self._asking

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._key.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        line = QRectF(0, self._foot.y(), self.width(), 1)
        QPainter(self).fillRect(line, self._look.theme.colour("line"))

    def _fit(self) -> None:
        """Margins, and the height that the words need at this width; what the screen cannot show is scrolled."""
        pad = PAD if self.width() >= NARROW_BELOW else PAD_NARROW
        self._column.setContentsMargins(pad, 32, pad, 20)
        self._foot_row.setContentsMargins(pad - 12, 16, pad, 16)  # the quiet button has its own padding
        self._demo.stack(stacked=self.width() < NARROW_BELOW * self._look.theme.scale)
        self._delete.set_compact(self.width() < NARROW_BELOW and self._look.theme.scale > 1)
        self._body.setMinimumHeight(self._column.totalHeightForWidth(self.width()))

    def _grow(self) -> None:
        """Take the height of the contents, as far as the screen has it."""
        self._fit()
        delete = 36 if self._look.theme.scale > 1 else self._delete.sizeHint().width()
        foot = delete + self._close.sizeHint().width() + self._check.sizeHint().width() + 16 - 12
        self.setMinimumWidth(max(LEAST_WIDTH, 2 * PAD_NARROW + max(foot, self._demo.least_width())))
        wanted = self._body.minimumHeight() + self._foot.sizeHint().height()
        self.resize(self.width(), min(wanted, round(self.screen().availableGeometry().height() * SCREEN_SHARE)))

    # Building

    def _arrange(self) -> None:
        entry = QHBoxLayout()
        entry.setSpacing(8)
        entry.addWidget(self._key, 1)
        entry.addWidget(self._paste)
        self._foot = QWidget(self)
        self._foot_row = foot = QHBoxLayout(self._foot)
        foot.setSpacing(8)
        foot.addWidget(self._delete)
        foot.addStretch(1)
        foot.addWidget(self._close)
        foot.addWidget(self._check)
        self._body = QWidget()
        column = self._column = QVBoxLayout(self._body)
        column.setSpacing(0)
        for part, gap in (
            (self._heading, 6),
            (self._intro, 20),
            (entry, 16),
            (self._works, 10),
            (self._kept, 14),
            (self._more, 0),
            (self._fields, 16),
            (self._demo, 0),
        ):
            if isinstance(part, QWidget):
                column.addWidget(part)
            else:
                column.addLayout(part)
            column.addSpacing(gap)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._scrolled(), 1)
        outer.addWidget(self._foot)

    def _scrolled(self) -> QScrollArea:
        area = QScrollArea(self)
        clear_viewport(area)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setVerticalScrollBar(ThinScrollBar(self._look))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body.setAutoFillBackground(False)
        area.setWidget(self._body)
        return area

    def _connect(self) -> None:
        self._paste.clicked.connect(self._paste_key)
        self._key.edit.textEdited.connect(self._typed)
        self._key.edit.returnPressed.connect(self._submit)
        self._check.clicked.connect(self._submit)
        self._close.clicked.connect(self.reject)
        self._demo.button.clicked.connect(self._use_demo)
        self._delete.clicked.connect(self._ask_to_delete)
        self._more.opened.connect(self._fold)
        self._fields.found_wrong.connect(lambda: self._more.set_open(opened=True))
        self._account.changed.connect(self._render)
        self._look.theme.changed.connect(self._restyle)

    # What the person does

    def _paste_key(self) -> None:
        text = QGuiApplication.clipboard().text()[: self._key.edit.maxLength() + 1].strip()
        if text:
            self._key.edit.setText("".join(c for c in text if c.isprintable()))
            self._typed()
        self._key.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self) -> None:
        self._key.set_wrong(wrong=False)
        self._render(self._account.view)

    def _submit(self) -> None:
        key = self._key.edit.text().strip()
        if not key or not self._check.isEnabled() or not self._fields.check():
            return
        self._fields.keep(self._account.view, self._wishes)
        self._sent = True
        self._wishes.key_entered(key)

    def _use_demo(self) -> None:
        self._wishes.use_demo()
        self.accept()

    def _ask_to_delete(self) -> None:
        dialog = delete_question(self._look, self)
        dialog.accepted.connect(self._delete_now)
        dialog.finished.connect(self._asked)
        self._asking = dialog
        dialog.open()

    def _delete_now(self) -> None:
        self._delete_key()

    def _asked(self) -> None:
        if self._asking is not None:
            self._asking.deleteLater()
            self._asking = None

    # What is shown

    def _render(self, view: AccountView) -> None:
        busy = view.state == "checking"
        if self._sent and view.has_key:  # accepted: nothing of it stays in the window
            self._sent = False
            self._key.edit.clear()
            self._key.set_revealed(revealed=False)
        refused = view.state == "refused" and self._sent
        if refused:
            self._sent = False
            self._key.set_wrong(wrong=True)
            self._key.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        icons = {"checking": "refresh", "refused": "alert", "stored": "check", "memory": "check", "none": "info"}
        kinds = {"refused": "error", "stored": "ok", "memory": "ok"}
        self._works.show_line(icons[view.state], key_line(view), kind=kinds.get(view.state, "info"))
        memory = view.state == "memory"
        detail = tr("Account", "It is never written to a file or a log.") if view.state == "stored" else ""
        kind = "warn" if memory else "info"
        self._kept.show_line("info" if memory else "lock", place_line(view), kind=kind, detail=detail)
        typed = bool(self._key.edit.text().strip())
        for part in (self._paste, self._fields, self._demo.button):
            part.setEnabled(not busy)
        self._key.edit.setReadOnly(busy)
        self._check.setEnabled(typed and not busy)
        words = tr("Account", "Checking…") if busy else tr("Account", "Check and keep")
        self._check.set_words(words)
        self._key.set_placeholder(has_key=view.has_key)
        policy = self._delete.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._delete.setSizePolicy(policy)
        self._delete.setVisible(view.has_key)
        self._heading.setText(tr("Account", "Your key") if view.has_key else tr("Account", "Sign in with your key"))
        self._grow()

    def _fold(self, opened: bool) -> None:
        self._fields.setVisible(opened)
        self._grow()

    def _restyle(self) -> None:
        theme = self._look.theme
        self._heading.setFont(theme.font("display"))
        self._intro.setFont(theme.font("message"))
        self._grow()
