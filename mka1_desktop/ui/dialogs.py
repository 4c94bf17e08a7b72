"""Dialogs that can be awaited: `open()` and a future, never `exec()`, which stops every task under qasync."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.focus_ring import FocusRing
from mka1_desktop.ui.look import Look

WIDTH, PAD = 400, 24


async def shown(dialog: QDialog) -> bool:
    """Open the dialog and wait until it is closed; true when it was accepted.

    A cancelled wait closes the dialog. The caller still owns it.
    """
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def tell(result: int) -> None:
        if not answer.done():
            answer.set_result(result == QDialog.DialogCode.Accepted.value)

    dialog.finished.connect(tell)
    try:
        dialog.open()
        return await answer
    finally:
        dialog.finished.disconnect(tell)
        if not answer.done() or answer.cancelled():
            dialog.reject()


def plain_label(text: str, parent: QWidget | None = None, *, second: bool = False) -> QLabel:
    """A label that wraps and shows its text as it is, whatever is in it."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setText(text)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText if second else QPalette.ColorRole.WindowText)
    return label


class AskDialog(QDialog):
    """A question: heading, one sentence, two buttons at the end; the safe one has the focus."""

    def __init__(
        self,
        look: Look,
        *,
        heading: str,
        sentence: str,
        yes: str,
        no: str,
        danger: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.setWindowTitle(heading)
        self.setModal(True)
        self.setFixedWidth(WIDTH)
        head, words = plain_label(heading, self), plain_label(sentence, self, second=True)
        head.setFont(look.theme.font("heading"))
        words.setFont(look.theme.font("body"))
        self.setAccessibleDescription(sentence)
        self._no = TextButton(look, no, parent=self)
        self._yes = TextButton(look, yes, kind="danger" if danger else "primary", parent=self)
        self._no.clicked.connect(self.reject)
        self._yes.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addStretch(1)
        foot.addWidget(self._no)
        foot.addWidget(self._yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, PAD, PAD, PAD)
        column.setSpacing(8)
        column.addWidget(head)
        column.addWidget(words)
        column.addSpacing(16)
        column.addLayout(foot)
        self._ring = FocusRing(look, self)
        (self._no if danger else self._yes).setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.theme.colour("raised"))

    @property
    def yes_button(self) -> TextButton:
        return self._yes

    @property
    def no_button(self) -> TextButton:
        return self._no
