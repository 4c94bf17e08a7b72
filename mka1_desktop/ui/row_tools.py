"""The small tools of one turn: a real widget that the view puts on the row hovered, focused, or of the last answer."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from mka1_desktop.ui.buttons import IconButton
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.theme import TARGET_SMALL
from mka1_desktop.ui.turn_layout import TurnLayout
from mka1_desktop.viewmodels.transcript import TurnView
from mka1_desktop.viewmodels.words import tr

DONE_MS = 1500  # how long the tick stands after copying
BEFORE_WORDS = 28  # px for the icon before the words under a bubble
GLYPH_INSET = 6  # from the button's edge to its glyph


class RowTools(QWidget):
    """Copy, hear again, the way to branch, and the time of an answer. `key` names the turn it stands on."""

    copy_wanted = Signal(str)  # key of the turn
    hear_wanted = Signal(str)
    stop_wanted = Signal()
    branch_wanted = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = ""
        self._look = look
        self._copy = IconButton(look, "copy", tr("Conversation", "Copy"), size=TARGET_SMALL, icon_size=16, parent=self)
        self._hear = IconButton(look, "volume", "", size=TARGET_SMALL, icon_size=16, parent=self)
        self._playing = False
        self._branch = IconButton(
            look, "branch", tr("Conversation", "Continue from here in a new conversation"), size=TARGET_SMALL,
            icon_size=16, parent=self,
        )  # fmt: skip
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
        row.addWidget(self._hear)
        row.addWidget(self._branch)
        row.addWidget(self._time)
        self._copy.clicked.connect(self._copied)
        self._hear.clicked.connect(self._hear_or_stop)
        self._branch.clicked.connect(lambda _checked=False: self.branch_wanted.emit(self.key))
        self.restyle()
        self.hide()

    @property
    def copy_button(self) -> IconButton:
        return self._copy

    @property
    def hear_button(self) -> IconButton:
        return self._hear

    @property
    def branch_button(self) -> IconButton:
        return self._branch

    @property
    def has_focus(self) -> bool:
        return any(button.hasFocus() for button in (self._copy, self._hear, self._branch))

    def restyle(self) -> None:
        """Take the font anew."""
        self._time.setFont(self._look.theme.font("small"))

    def stand_on(self, layout: TurnLayout, content: QRectF, *, mirrored: bool) -> None:
        """Show on the line under this turn; `content` is the turn's box in px of the parent."""
        turn = layout.turn
        if turn.key != self.key:
            self._done.stop()
            self._rest()
        self.key = turn.key
        with_time = turn.role == "assistant" and turn.cut is None and turn.state not in {"failed", "unsure"}
        self._time.setText(turn.time_text if with_time else "")
        self._time.setVisible(bool(self._time.text()))
        self._branch.setVisible(turn.can_branch)
        self._show_hear(turn)
        self.adjustSize()
        self.setGeometry(self._place(layout, content, mirrored=mirrored))
        self.show()

    def _place(self, layout: TurnLayout, content: QRectF, *, mirrored: bool) -> QRect:
        """At the start of an answer's line, before the words under a bubble, else at the end."""
        width = self.sizeHint().width()
        if layout.turn.role == "user":
            words = QFontMetricsF(self._time.font()).horizontalAdvance(layout.meta_words)
            x = layout.meta.right() - words - BEFORE_WORDS - width
        elif layout.meta_words:
            x = layout.meta.right() - width
        else:
            x = layout.meta.x() - GLYPH_INSET
        box = QRectF(x, layout.meta.center().y() - TARGET_SMALL / 2, width, TARGET_SMALL)
        return layout.placed(box, mirrored=mirrored).translated(content.topLeft()).toAlignedRect()

    def _show_hear(self, turn: TurnView) -> None:
        self._playing = turn.playing
        self._hear.setVisible(turn.can_hear)
        self._hear.set_icon("stop" if turn.playing else "volume")
        self._hear.set_name(tr("Conversation", "Stop") if turn.playing else tr("Conversation", "Hear again"))

    def _hear_or_stop(self) -> None:
        if self._playing:
            self.stop_wanted.emit()
        else:
            self.hear_wanted.emit(self.key)

    def _copied(self) -> None:
        self._copy.set_icon("check", "ok")
        self._copy.set_name(tr("Conversation", "Copied"))
        self._done.start()
        self.copy_wanted.emit(self.key)

    def _rest(self) -> None:
        self._copy.set_icon("copy")
        self._copy.set_name(tr("Conversation", "Copy"))
