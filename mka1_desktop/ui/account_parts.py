"""Parts of the key dialog: the masked field, lines that say how things stand, the fold, the way to the demo."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.dialogs import AskDialog, plain_label
from mka1_desktop.ui.field import Field
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, text_line, text_width
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import RADIUS_CARD, RADIUS_ROW
from mka1_desktop.viewmodels.words import tr

KEY_LIMIT = 1000  # characters; Windows' credential store takes 1,280
KEY_HEIGHT, ROUND, TICK = 44, 24, 16


class KeyField(Field):
    """A masked field with "Show" at its end. Its words never enter an undo history of anything else."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, tr("Account", "API key"), parent=parent)
        self._show = _ShowButton(look, self)
        self._show.clicked.connect(lambda: self.set_revealed(revealed=not self.revealed))
        self.edit.setMaxLength(KEY_LIMIT)
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.edit.textChanged.connect(self._changed)
        self._changed("")

    @property
    def show_button(self) -> QAbstractButton:
        return self._show

    @property
    def revealed(self) -> bool:
        return self.edit.echoMode() is QLineEdit.EchoMode.Normal

    def set_revealed(self, *, revealed: bool) -> None:
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if revealed else QLineEdit.EchoMode.Password)
        self._show.set_words(tr("Account", "Hide") if revealed else tr("Account", "Show"))
        self.arrange_end()

    def set_placeholder(self, *, has_key: bool) -> None:
        """Say what the field is for."""
        words = tr("Account", "Paste a new key to replace it") if has_key else tr("Account", "Paste your key")
        self.edit.setPlaceholderText(words)

    def sizeHint(self) -> QSize:
        return QSize(260, max(KEY_HEIGHT, super().sizeHint().height() + 8))

    def arrange_end(self) -> None:
        if not hasattr(self, "_show"):  # the base lays out before we exist
            return
        size = self._show.sizeHint()
        box = QRectF(self.width() - size.width() - 6, (self.height() - size.height()) / 2, size.width(), size.height())
        self._show.setGeometry(mirrored(self, box).toRect())

    def _changed(self, text: str) -> None:
        self._show.setVisible(bool(text))
        self.set_end_room(self._show.sizeHint().width() + 10 if text else 0)


class _ShowButton(Painted, QAbstractButton):
    """A word as a button, in the colour of links."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        ring_around(self, RADIUS_ROW)
        self.set_words(tr("Account", "Show"))

    def set_words(self, words: str) -> None:
        self.setText(words)
        self.setAccessibleName(tr("Account", "{word} the key", word=words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(round(text_width(self._look.theme.font("small", 500), self.text())) + 18, 28)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            rounded(painter, QRectF(self.rect()), RADIUS_ROW - 2, theme.colour("hover"))
        painter.setFont(theme.font("small", 500))
        painter.setPen(theme.colour("accent_text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class ResultLine(QWidget):
    """A round icon and a sentence; hidden while it has nothing to say."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = "info"
        self._kind = "info"
        self._label = plain_label("", self)
        self._detail = plain_label("", self, second=True)
        words = QVBoxLayout(self)
        words.setContentsMargins(ROUND + 12, 2, 0, 2)
        words.setSpacing(1)
        words.addWidget(self._label)
        words.addWidget(self._detail)
        self.setMinimumHeight(ROUND + 4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    @property
    def text(self) -> str:
        return self._label.text()

    def show_line(self, icon: str, text: str, *, kind: str, detail: str = "") -> None:
        """`kind`: info, ok, warn or error; the icon says it too. `detail` is a second, smaller line."""
        self._icon, self._kind = icon, kind
        self._label.setText(text)
        self._label.setFont(self._look.theme.font("body", 500))
        self._detail.setText(detail)
        self._detail.setFont(self._look.theme.font("small"))
        self._detail.setVisible(bool(detail))
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        grounds: dict[str, Role] = {"error": "error_soft", "warn": "warn_soft"}
        inks: dict[str, Role] = {"error": "error", "warn": "warn", "ok": "ok"}
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = mirrored(self, QRectF(0, (self.height() - ROUND) // 2, ROUND, ROUND))
        edge = pen(theme.colour("line")) if theme.high_contrast else None
        rounded(painter, box, ROUND / 2, theme.colour(grounds.get(self._kind, "accent_soft")), edge)
        inset = (ROUND - TICK) / 2
        ink = theme.colour(inks.get(self._kind, "accent_text"))
        self._look.icons.paint(painter, self._icon, box.adjusted(inset, inset, -inset, -inset), ink)


class Disclosure(Painted, QAbstractButton):
    """A line with a chevron that opens and closes what follows."""

    opened = Signal(bool)

    def __init__(self, look: Look, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_ROW)
        self.toggled.connect(self._toggled)
        self._say()

    def set_open(self, *, opened: bool) -> None:
        """Open or close; `opened` is emitted in any case, so that the first state is told too."""
        if self.isChecked() == opened:
            self._toggled(opened)
        else:
            self.setChecked(opened)

    def sizeHint(self) -> QSize:
        return QSize(200, max(36, round(self._look.theme.line_height("body")) + 12))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = theme.colour("text" if self.underMouse() else "text2")
        box = mirrored(self, QRectF(0, (self.height() - 16) // 2, 16, 16))
        if not self.isChecked() and self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            painter.save()
            painter.translate(2 * box.center().x(), 0)
            painter.scale(-1, 1)
            self._look.icons.paint(painter, "chevron-right", box, ink)
            painter.restore()
        else:
            self._look.icons.paint(painter, "chevron-down" if self.isChecked() else "chevron-right", box, ink)
        words = mirrored(self, QRectF(24, 0, self.width() - 24, self.height()))
        text_line(painter, self, words, self.text(), theme.font("body"), ink)

    def _toggled(self, checked: bool) -> None:
        self._say()
        self.update()
        self.opened.emit(checked)

    def _say(self) -> None:
        self.setAccessibleName(self.text())
        state = tr("Account", "shown") if self.isChecked() else tr("Account", "hidden")
        self.setAccessibleDescription(state)


class DemoCard(QWidget):
    """No account is needed to try it: one sentence and one button."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._label = plain_label(tr("Account", "No key yet? The built-in demo needs no account."), self)
        self._label.setFont(look.theme.font("body"))
        self.button = TextButton(look, tr("Account", "Use the demo instead"), height=32, parent=self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(48, 10, 10, 10)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(0, 1)
        self._stacked: bool | None = None
        self.stack(stacked=False)
        self.setMinimumHeight(52)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def least_width(self) -> int:
        """Px that the stacked card needs."""
        return self.button.sizeHint().width() + 58

    def stack(self, *, stacked: bool) -> None:
        """Put the button under the sentence, or beside it."""
        if stacked == self._stacked:
            return
        self._stacked = stacked
        for part in (self._label, self.button):
            self._grid.removeWidget(part)
        self._grid.addWidget(self._label, 0, 0)
        self._grid.addWidget(self.button, 1 if stacked else 0, 0 if stacked else 1, Qt.AlignmentFlag.AlignLeft)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = pen(theme.colour("line")) if theme.high_contrast else None
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, theme.colour("accent_soft"), edge)
        box = mirrored(self, QRectF(16, (self.height() - 18) // 2, 18, 18))
        self._look.icons.paint(painter, "info", box, theme.colour("accent_text"))


def delete_question(look: Look, parent: QWidget) -> AskDialog:
    """What is asked before a key is deleted."""
    return AskDialog(
        look,
        heading=tr("Account", "Delete the key?"),
        sentence=tr("Account", "Your conversations stay. To talk again you need to enter a key."),
        yes=tr("Account", "Delete"),
        no=tr("Account", "Keep it"),
        danger=True,
        parent=parent,
    )
