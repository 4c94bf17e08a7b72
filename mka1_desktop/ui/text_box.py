"""The text box: grows to six lines, Enter sends, Shift+Enter makes a new line. Plain text only."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QEvent, QMimeData, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QAbstractButton, QFrame, QPlainTextEdit, QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import (
    mirrored,
    note_focus,
    pen,
    ring_around,
    rounded,
    shaded,
    square_in,
    text_line,
)
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.theme import MAIN_CONTROL, RADIUS_CARD, RADIUS_ROW, TARGET
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

LIMIT_B = 12 * 1024  # UTF-8; LiveKit's reliable packets carry at most 15 KiB
PASTE_LIMIT = 200_000  # characters that are taken over from a clipboard at all
MAX_LINES = 6
SIDE, PADDING = 16, 12


def size_b(text: str) -> int:
    """Bytes of `text` as UTF-8; half surrogate pairs count as they are replaced."""
    return len(text.encode("utf-8", "replace"))


class _Editor(QPlainTextEdit):
    """The bare field. It never takes rich text, files or pictures."""

    def __init__(self, box: TextBox) -> None:
        super().__init__(box)
        self._box = box
        self._composing = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if enter and not shift and not self._composing:
            event.accept()
            if not event.isAutoRepeat():
                self._box.submit()
            return
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        self._box.words_changed()

    def focusInEvent(self, event: QFocusEvent) -> None:
        note_focus(self._box, event)
        super().focusInEvent(event)
        self._box.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._composing = False
        super().focusOutEvent(event)
        self._box.update()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text()[:PASTE_LIMIT].replace("\x00", "")
        self.textCursor().insertText(text)
        self.ensureCursorVisible()


class _SendButton(Painted, QAbstractButton):
    """An arrow, filled once there is something to send."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(TARGET, TARGET)
        name = tr("TextBox", "Send")
        self.setAccessibleName(name)
        self.setToolTip(tr("TextBox", "Send (Enter)"))
        ring_around(self, RADIUS_ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = theme.colour("text2")
        if self.isEnabled():
            fill, ink = theme.colour("accent"), theme.colour("on_accent")
            if self.underMouse() or self.isDown():
                fill = shaded(fill, 0.10 if self.isDown() else 0.06, lighter=theme.dark)
            rounded(painter, QRectF(self.rect()), RADIUS_ROW, fill)
        self._look.icons.paint(painter, "send", square_in(self.rect(), 20), ink)


class TextBox(QWidget):
    """A frame with the field and the send button in it. `text_submitted` gets the words, then the field is empty."""

    def __init__(self, look: Look, wishes: Wishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._wishes = wishes
        self._least = MAIN_CONTROL
        self._editor = _Editor(self)
        self._editor.setAccessibleName(tr("TextBox", "Type a message"))
        self._editor.setPlaceholderText(tr("TextBox", "Type a message"))
        self._bar = ThinScrollBar(look, self)
        self._editor.setVerticalScrollBar(self._bar)
        self._send = _SendButton(look, self)
        self._send.clicked.connect(self.submit)
        self._too_long_b = 0
        self.setFocusProxy(self._editor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_CARD)
        self._editor.textChanged.connect(self.words_changed)
        self._editor.document().documentLayout().documentSizeChanged.connect(self._grow)
        look.theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def editor(self) -> QPlainTextEdit:
        return self._editor

    @property
    def send_button(self) -> QAbstractButton:
        return self._send

    @property
    def problem(self) -> str:
        """Why the words cannot be sent, or nothing."""
        if self._too_long_b <= 0:
            return ""
        return tr("TextBox", "Too long by {n} bytes (at most 12 KB)", n=self._too_long_b)

    def text(self) -> str:
        return self._editor.toPlainText()

    def put(self, text: str) -> None:
        """Replace the words by a suggestion, undoable, with the cursor behind them. Nothing is sent."""
        cursor = self._editor.textCursor()
        cursor.beginEditBlock()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text[:PASTE_LIMIT])
        cursor.endEditBlock()
        self._editor.setTextCursor(cursor)
        self._editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Send what is written; nothing happens while it is empty or too long."""
        text = self.text().strip()
        if not text or size_b(text) > LIMIT_B:
            return
        self._editor.clear()
        self._wishes.text_submitted(text)

    def set_least_height(self, least: int) -> None:
        """48, or 44 in narrow windows."""
        if least != self._least:
            self._least = least
            self._grow()

    def sizeHint(self) -> QSize:
        return QSize(240, self._high())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._high())

    def words_changed(self) -> None:
        """The words or the composition changed: send button, limit, height."""
        text = self.text()
        self._too_long_b = max(0, size_b(text.strip()) - LIMIT_B)
        self._send.setEnabled(bool(text.strip()) and not self._too_long_b)
        self._editor.setAccessibleDescription(self.problem)
        self._grow()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        QTimer.singleShot(0, self, self._grow)  # wrapping follows the new width

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = pen(theme.colour("error" if self._too_long_b else "control"), 1.5 if self._too_long_b else 1.0)
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, theme.colour("surface"), edge)
        if self._too_long_b:
            box = QRectF(
                SIDE, self.height() - self._problem_h() - 4, self.width() - 2 * SIDE - TARGET, self._problem_h()
            )
            text_line(painter, self, mirrored(self, box), self.problem, theme.font("small"), theme.colour("error"))

    def _restyle(self) -> None:
        self._editor.setFont(self._look.theme.font("body"))
        palette = self._look.theme.palette()
        palette.setColor(palette.ColorRole.Base, Qt.GlobalColor.transparent)
        self._editor.setPalette(palette)
        self.words_changed()

    def _line_h(self) -> float:
        return self._editor.fontMetrics().lineSpacing()

    def _problem_h(self) -> float:
        return self._look.theme.line_height("small") if self._too_long_b else 0.0

    def _lines(self) -> int:
        return max(1, round(self._editor.document().size().height()))  # QPlainTextEdit measures in lines

    def _words_h(self) -> float:
        return min(self._lines(), MAX_LINES) * self._line_h()

    def _high(self) -> int:
        if self._lines() == 1 and not self._too_long_b:
            return max(self._least, ceil(self._words_h()) + PADDING)
        return max(self._least, round(self._words_h() + 2 * PADDING + self._problem_h()))

    def _grow(self) -> None:
        policy = (
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if self._lines() > MAX_LINES else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self._editor.setVerticalScrollBarPolicy(policy)
        if self.sizeHint().height() != self.height():
            self.updateGeometry()
        self._arrange()

    def _arrange(self) -> None:
        inset = (self._least - TARGET) // 2
        room = self.height() - self._problem_h()
        words_h = max(1, min(ceil(self._words_h()), round(room) - 12))  # a low window may give less than was asked for
        top = round((room - words_h) / 2)
        width = self.width() - SIDE - TARGET - inset - 6
        self._editor.setGeometry(mirrored(self, QRectF(SIDE, top, width, words_h)).toRect())
        send = QRectF(self.width() - inset - TARGET, self.height() - inset - TARGET, TARGET, TARGET)
        self._send.setGeometry(mirrored(self, send).toRect())
