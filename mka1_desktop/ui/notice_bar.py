"""One notice above the composer: a bold sentence, a plain one, one button, close."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QSizePolicy, QWidget

from mka1_desktop.ui.buttons import IconButton, TextButton
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, rounded, text_width
from mka1_desktop.ui.paragraph import Paragraph
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import RADIUS_CARD
from mka1_desktop.viewmodels.notices import NoticeKind, NoticesModel, NoticeView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

LEAVES_AFTER_MS = 6000
LEAST_H, ICON, TEXT_X, STACKED_BELOW = 48, 20, 48, 480
_ACTION_ICONS = {"edit_key": "key", "retry": "refresh", "edit_settings": "settings"}
_LOOKS: dict[NoticeKind, tuple[Role, Role, str]] = {
    NoticeKind.INFO: ("accent_soft", "accent", "info"),
    NoticeKind.WAITING: ("warn_soft", "warn", "wifi-off"),
    NoticeKind.FAILURE: ("error_soft", "error", "alert"),
    NoticeKind.MICROPHONE: ("live_soft", "live_text", "mic-off"),
}


class NoticeBar(QWidget):
    """Shows the notice in force and nothing while there is none. Failures stay, others leave by themselves."""

    def __init__(
        self,
        look: Look,
        model: NoticesModel,
        wishes: Wishes,
        *,
        leaves_after_ms: int = LEAVES_AFTER_MS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._model = model
        self._wishes = wishes
        self._view: NoticeView | None = None
        self._over = False  # the pointer is on it
        self._sentence = Paragraph(look, weight=600, parent=self)
        self._more = Paragraph(look, role="text2", parent=self)
        self._words = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._words.setSpacing(0)
        self._words.setContentsMargins(0, 2, 0, 2)
        self._words.addWidget(self._sentence)
        self._words.addWidget(self._more)
        self.action_button = TextButton(look, "", parent=self)
        self.action_button.clicked.connect(self._act)
        self.close_button = IconButton(look, "close", tr("Notice", "Close"), icon_size=18, parent=self)
        self.close_button.clicked.connect(model.dismiss)
        self._grid = QGridLayout(self)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._stacked: bool | None = None
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(leaves_after_ms)
        self._leave.timeout.connect(self._left)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._place(stacked=False)
        model.changed.connect(self._show)
        look.theme.changed.connect(self._arrange)
        self._show(model.view)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        height = self.heightForWidth(self.width()) if self.width() > 0 else hint.height()
        return QSize(hint.width(), max(LEAST_H, height, hint.height() if height <= 0 else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Enter:
            self._over = True
            self._leave.stop()
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.Hide):
            self._over = False
        if event.type() is QEvent.Type.Leave and self._view is not None and self._view.leaves:
            self._leave.start()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._view is None:
            return
        theme = self._look.theme
        fill, ink, icon = _LOOKS[self._view.kind]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = pen(theme.colour("line")) if theme.high_contrast else None
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, theme.colour(fill), edge)
        top = 14 if self._stacked else (self.height() - ICON) // 2
        box = mirrored(self, QRectF(15, top, ICON, ICON))
        self._look.icons.paint(painter, self._view.icon or icon, box, theme.colour(ink))

    def _show(self, view: NoticeView | None) -> None:
        self._view = view
        self._leave.stop()
        self.setVisible(view is not None)
        if view is None:
            return
        self._sentence.set_text(view.sentence)
        self._more.set_text(view.more)
        self._more.setVisible(bool(view.more))
        self.setAccessibleName(f"{view.sentence} {view.more}".strip())
        self.action_button.setVisible(bool(view.action))
        self.action_button.set_words(view.action_label, _ACTION_ICONS.get(view.action, ""))
        self._arrange()
        self.update()
        if view.leaves and not self._over:
            self._leave.start()

    def _act(self) -> None:
        if self._view is not None:
            self._wishes.notice_action(self._view.action)

    def _left(self) -> None:
        if self._over or self.action_button.hasFocus() or self.close_button.hasFocus():
            self._leave.start()
            return
        self._model.dismiss()

    def _arrange(self) -> None:
        """One line where both sentences fit, else one under the other; the button below where it is narrow."""
        if self._view is None:
            return
        self._place(stacked=self.width() < STACKED_BELOW and bool(self._view.action))
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self._grid.setContentsMargins(6 if rtl else TEXT_X, 6, TEXT_X if rtl else 6, 6)
        theme = self._look.theme
        bold = text_width(theme.font("body", 600), self._view.sentence)
        plain = text_width(theme.font("body"), self._view.more)
        room = self.width() - TEXT_X - 36 - 22 - (self.action_button.sizeHint().width() if self._view.action else 0)
        one_line = bool(self._view.more) and bold + plain + 10 < room and not self._stacked
        direction = QBoxLayout.Direction.LeftToRight if one_line else QBoxLayout.Direction.TopToBottom
        self._words.setDirection(direction)
        self._words.setSpacing(6 if one_line else 0)
        policy = QSizePolicy.Policy.Fixed if one_line else QSizePolicy.Policy.Preferred
        self._sentence.setSizePolicy(policy, QSizePolicy.Policy.Preferred)
        self._words.setStretch(1, 1)
        self.updateGeometry()

    def _place(self, *, stacked: bool) -> None:
        if stacked == self._stacked:
            return
        self._stacked = stacked
        grid = self._grid
        for item in (self._words, self.action_button, self.close_button):
            grid.removeItem(item) if isinstance(item, QBoxLayout) else grid.removeWidget(item)
        middle, top = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignTop
        if stacked:
            grid.addLayout(self._words, 0, 0, 1, 1)
            grid.addWidget(self.close_button, 0, 1, top)
            grid.addWidget(self.action_button, 1, 0, 1, 2, Qt.AlignmentFlag.AlignLeading)
        else:
            grid.addLayout(self._words, 0, 0)
            grid.addWidget(self.action_button, 0, 1, middle)
            grid.addWidget(self.close_button, 0, 2, middle)
        grid.setColumnStretch(0, 1)
