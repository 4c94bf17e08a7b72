"""The head of the window: sidebar button, title that can be renamed, details, connection chip, End."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QStackedWidget, QWidget

from mka1_desktop.ui.buttons import IconButton, TextButton
from mka1_desktop.ui.forms import HEAD_H, WIDE, Form
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import dashed, mirrored, pen, rounded, text_line, text_width
from mka1_desktop.ui.roles import Role
from mka1_desktop.viewmodels.head import HeadModel, HeadView, Link
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

TITLE_LIMIT = 200  # characters
_DOT = 8
_LINK_ROLES: dict[Link, Role] = {
    Link.OFF: "control",
    Link.CONNECTING: "accent",
    Link.ON: "ok",
    Link.RECONNECTING: "warn",
    Link.FAILED: "error",
}


class LinkChip(QWidget):
    """Dot and word of the connection. Each state has a dot of its own shape."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._link = Link.OFF
        self._words = ""
        self._bare = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)

    def show_link(self, link: Link, words: str) -> None:
        self._link, self._words = link, words
        self.setAccessibleName(tr("Head", "Connection: {state}", state=words))
        self.setToolTip(words)
        self.updateGeometry()
        self.update()

    def set_bare(self, bare: bool) -> None:
        """The dot alone, in narrow windows."""
        if bare != self._bare:
            self._bare = bare
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        if self._bare:
            return QSize(32, 32)
        words = text_width(self._look.theme.font("small", 500), self._words)
        return QSize(round(12 + _DOT + 8 + words + 13), max(32, round(self._look.theme.line_height("small")) + 14))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        if self._bare:
            self._paint_dot(painter, QPointF(self.width() / 2, middle))
            return
        rounded(painter, QRectF(self.rect()), middle, None, pen(theme.colour("line")))
        dot = mirrored(self, QRectF(12, middle - _DOT / 2, _DOT, _DOT)).center()
        self._paint_dot(painter, dot)
        words = mirrored(self, QRectF(12 + _DOT + 8, 0, self.width() - 12 - _DOT - 8 - 8, self.height()))
        text_line(painter, self, words, self._words, theme.font("small", 500), theme.colour("text"))

    def _paint_dot(self, painter: QPainter, at: QPointF) -> None:
        colour = self._look.theme.colour(_LINK_ROLES[self._link])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        match self._link:
            case Link.ON:
                painter.drawEllipse(at, _DOT / 2, _DOT / 2)
            case Link.FAILED:
                painter.save()
                painter.translate(at)
                painter.rotate(45)
                painter.drawRect(QRectF(-3.5, -3.5, 7, 7))
                painter.restore()
            case Link.RECONNECTING:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(dashed(colour, 2.5, 3.4, 2.2))
                painter.drawEllipse(at, 3.75, 3.75)
            case Link.CONNECTING:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(pen(colour, 2))
                painter.drawArc(QRectF(at.x() - 3.5, at.y() - 3.5, 7, 7), 45 * 16, 270 * 16)
            case Link.OFF:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(pen(colour, 2))
                painter.drawEllipse(at, 3.5, 3.5)


class _Title(QWidget):
    """The title as words; double click begins renaming."""

    def __init__(self, bar: HeadBar, look: Look) -> None:
        super().__init__(bar)
        self._bar = bar
        self._look = look
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def show_text(self, text: str) -> None:
        self._text = text
        self.setAccessibleName(text)
        self.update()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self._bar.begin_rename()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        font = theme.font("title")
        text_line(painter, self, QRectF(self.rect()), self._text, font, theme.colour("text"))
        cut = QFontMetricsF(font).horizontalAdvance(self._text) > self.width()
        self.setToolTip(self._text if cut else "")


class _TitleEdit(QLineEdit):
    """Enter and leaving keep the words, Esc throws them away."""

    def __init__(self, bar: HeadBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self.setMaxLength(TITLE_LIMIT)
        self.setAccessibleName(tr("Head", "Title of the conversation"))
        self.editingFinished.connect(bar.finish_rename)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._bar.cancel_rename()
            event.accept()
            return
        super().keyPressEvent(event)


class HeadBar(QWidget):
    """Shows a HeadView; renaming, details, folding the sidebar and ending are wishes."""

    def __init__(self, look: Look, model: HeadModel, wishes: Wishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._wishes = wishes
        self._view = model.view
        self._renaming = False
        self.sidebar_button = IconButton(look, "sidebar", tr("Window", "Conversations"))
        self._title = _Title(self, look)
        self._edit = _TitleEdit(self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._title)
        self._stack.addWidget(self._edit)
        self.details_button = IconButton(look, "info", tr("Head", "Details of this conversation"))
        self.details_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.details_button.clicked.connect(lambda _checked=False: wishes.show_details())
        self.chip = LinkChip(look)
        self.end_button = TextButton(look, tr("Head", "End"), icon="leave", kind="quiet")
        self.end_button.setAccessibleName(tr("Head", "End the session"))
        self.end_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.end_button.clicked.connect(lambda _checked=False: wishes.hang_up())
        self._row = row = QHBoxLayout(self)
        row.setSpacing(8)
        row.addWidget(self.sidebar_button)
        row.addWidget(self._stack, 1)
        row.addWidget(self.details_button)
        row.addWidget(self.chip)
        row.addWidget(self.end_button)
        model.changed.connect(self._show)
        look.theme.changed.connect(self._restyle)
        self._restyle()
        self.set_form(WIDE)
        self._show(model.view)

    @property
    def title_edit(self) -> QLineEdit:
        return self._edit

    def set_form(self, form: Form) -> None:
        self.chip.set_bare(not form.words)
        self.end_button.set_compact(not form.words)
        self._row.setContentsMargins(12 if form.words else 8, 0, 12 if form.words else 8, 0)

    def begin_rename(self) -> None:
        """Put the title into a field; a thread that is not yet one cannot be renamed."""
        if self._view.thread_id is None or self._renaming:
            return
        self._renaming = True
        self._edit.setText(self._view.title)
        self._edit.selectAll()
        self._stack.setCurrentWidget(self._edit)
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def finish_rename(self) -> None:
        """Keep the words, unless they are empty or the same."""
        if not self._renaming:
            return
        self._renaming = False
        title = " ".join(self._edit.text().split())
        self._stack.setCurrentWidget(self._title)
        thread = self._view.thread_id
        if thread is not None and title and title != self._view.title:
            self._wishes.rename_thread(thread, title)

    def cancel_rename(self) -> None:
        self._renaming = False
        self._stack.setCurrentWidget(self._title)

    def paintEvent(self, _event: QPaintEvent) -> None:
        line = self._look.theme.colour("line")
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, line)

    def _show(self, view: HeadView) -> None:
        if view.thread_id != self._view.thread_id:
            self.cancel_rename()
        self._view = view
        self._title.show_text(view.shown_title)
        self.chip.show_link(view.link, view.shown_link)
        self.end_button.setEnabled(view.can_end)

    def _restyle(self) -> None:
        self._edit.setFont(self._look.theme.font("title"))
        self.setFixedHeight(max(HEAD_H, round(self._look.theme.line_height("title")) + 24))
