"""The foot of the sidebar: whose account this is, and the way to its key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, text_line
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.theme import RADIUS_ROW
from mka1_desktop.viewmodels.account import AccountModel, AccountView, foot_lines
from mka1_desktop.viewmodels.words import tr

HEIGHT, BADGE, PAD, GAP = 44, 28, 8, 10


class AccountFoot(Painted, QAbstractButton):
    """A round letter, the account's name and its host; a click opens the key dialog."""

    def __init__(self, look: Look, account: AccountModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._account = account
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_ROW)
        account.changed.connect(self._render)
        look.theme.changed.connect(self.updateGeometry)
        self._render(account.view)

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        return QSize(160, max(HEIGHT, round(theme.line_height("body") + theme.line_height("small")) + 8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            rounded(painter, QRectF(self.rect()), RADIUS_ROW, theme.colour("hover"))
        name, place = foot_lines(self._account.view)
        badge = mirrored(self, QRectF(PAD, (self.height() - BADGE) / 2, BADGE, BADGE))
        edge = pen(theme.colour("line")) if theme.high_contrast else None
        rounded(painter, badge, BADGE / 2, theme.colour("accent_soft"), edge)
        if self._account.view.has_key or self._account.view.demo:
            painter.setFont(theme.font("small", 600))
            painter.setPen(theme.colour("accent_text"))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, name[:1].upper())
        else:
            box = badge.adjusted(6, 6, -6, -6)
            self._look.icons.paint(painter, "key", box, theme.colour("accent_text"))
        x = PAD + BADGE + GAP
        first, second = theme.line_height("body") - 2, theme.line_height("small")
        top = (self.height() - first - second) / 2
        box = mirrored(self, QRectF(x, top, self.width() - x - PAD, first))
        text_line(painter, self, box, name, theme.font("body", 500), theme.colour("text"))
        box = mirrored(self, QRectF(x, top + first, self.width() - x - PAD, second))
        text_line(painter, self, box, place, theme.font("small"), theme.colour("text2"))

    def _render(self, view: AccountView) -> None:
        name, place = foot_lines(view)
        self.setAccessibleName(tr("Account", "Account: {name}, {place}", name=name, place=place))
        self.setToolTip(tr("Account", "Account and key"))
        self.update()
