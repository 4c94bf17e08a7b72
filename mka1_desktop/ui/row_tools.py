"""The small tools of one turn: a real widget that the view puts on the row that is hovered, focused or the last answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from mka1_desktop.ui.buttons import IconButton
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.theme import TARGET_SMALL
from mka1_desktop.viewmodels.transcript import TurnView
from mka1_desktop.viewmodels.words import tr

DONE_MS = 1500  # how long the tick stands after copying


class RowTools(QWidget):
    """Copy, and the time of an answer. `key` names the turn it stands on."""

    copy_wanted = Signal(str)  # key of the turn

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self._look = look
        self._copy = IconButton(look, "copy", tr("Conversation", "Copy"), size=TARGET_SMALL, icon_size=16, parent=self)
        self._time = QLabel(self)
        self._time.setTextFormat(Qt.TextFormat.PlainText)
        self._time.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._done = QTimer(self)
        self._done.setSingleShot(True)
        self._done.setInterval(DONE_MS)
        self._done.timeout.connect(self._rest)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._copy)
        row.addWidget(self._time)
        self._copy.clicked.connect(self._copied)
        self.restyle()
        self.hide()

    @property
    def copy_button(self) -> IconButton:
        return self._copy

    def restyle(self) -> None:
        """Take the font anew."""
        self._time.setFont(self._look.theme.font("small"))

    def show_for(self, turn: TurnView) -> None:
        """Stand for this turn; the view gives the place."""
        if turn.key != self.key:
            self._done.stop()
            self._rest()
        self.key = turn.key
        with_time = turn.role == "assistant" and turn.cut is None and turn.state not in {"failed", "unsure"}
        self._time.setText(turn.time_text if with_time else "")
        self._time.setVisible(bool(self._time.text()))
        self.adjustSize()

    def _copied(self) -> None:
        self._copy.set_icon("check", "ok")
        self._copy.set_name(tr("Conversation", "Copied"))
        self._done.start()
        self.copy_wanted.emit(self.key)

    def _rest(self) -> None:
        self._copy.set_icon("copy")
        self._copy.set_name(tr("Conversation", "Copy"))
