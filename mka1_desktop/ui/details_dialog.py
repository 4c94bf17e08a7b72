"""What the open conversation is: a small dialog of labels and values, with a way to copy its id."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mka1_desktop.ui.buttons import IconButton, TextButton
from mka1_desktop.ui.dialogs import plain_label
from mka1_desktop.ui.focus_ring import FocusRing
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import rounded
from mka1_desktop.ui.theme import RADIUS_ROW, TARGET_SMALL
from mka1_desktop.viewmodels.details import DetailRow, DetailsModel, DetailsView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

WIDTH, PAD, GAP = 480, 24, 12  # px at the usual text size
SCREEN_SHARE = 0.95  # of the screen's width, at most
LABEL_W = 120
ICON = 18


class DetailsDialog(QDialog):
    """Shows a DetailsModel, also while it changes. Copying is a wish."""

    def __init__(self, look: Look, model: DetailsModel, wishes: Wishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._wishes = wishes
        self._copies: list[IconButton] = []
        self.setWindowTitle(tr("Details", "Details"))
        self._heading = plain_label(tr("Details", "Details of this conversation"), self)
        self._title = plain_label("", self, second=True)
        self._rows = QWidget(self)
        self._note = _Note(look, self)
        self._close = TextButton(look, tr("Details", "Close"), parent=self)
        self._close.clicked.connect(self.accept)
        self._arrange()
        self._ring = FocusRing(look, self)
        model.changed.connect(self._show)
        look.theme.changed.connect(lambda: self._show(model.view))
        self._show(model.view)
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    # For tests

    @property
    def copy_buttons(self) -> tuple[IconButton, ...]:
        return tuple(self._copies)

    @property
    def close_button(self) -> TextButton:
        return self._close

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that is written in it, top down."""
        inside = [label.text() for label in self._rows.findChildren(QLabel)]
        note = [self._note.text] if not self._note.isHidden() else []
        return (self._title.text(), *inside, *note)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.theme.colour("raised"))

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._close)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(PAD, PAD, PAD, PAD)
        column.setSpacing(4)
        column.addWidget(self._heading)
        column.addWidget(self._title)
        column.addSpacing(GAP)
        column.addWidget(self._rows)
        column.addSpacing(GAP)
        column.addWidget(self._note)
        column.addSpacing(GAP)
        column.addLayout(foot)

    def _show(self, view: DetailsView) -> None:
        theme = self._look.theme
        self._heading.setFont(theme.font("heading"))
        self._title.setFont(theme.font("body"))
        self._title.setText(view.shown_title)
        self._show_rows(view.rows)
        self._note.show_text(view.note)
        self._column.activate()
        width = self._width()
        self.setFixedSize(width, self._column.totalHeightForWidth(width))

    def _width(self) -> int:
        widest = round(self.screen().availableGeometry().width() * SCREEN_SHARE)
        return min(round(WIDTH * max(1.0, self._look.theme.scale)), widest)

    def _show_rows(self, rows: tuple[DetailRow, ...]) -> None:
        held = next((at for at, button in enumerate(self._copies) if button.hasFocus()), None)
        fresh = QWidget(self)
        self._copies = []
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, round(LABEL_W * max(1.0, self._look.theme.scale)))
        grid.setColumnStretch(1, 1)
        for place, row in enumerate(rows):
            self._add_row(grid, place, row)
        self._column.replaceWidget(self._rows, fresh)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = fresh
        if held is not None:
            (self._copies[held] if held < len(self._copies) else self._close).setFocus(Qt.FocusReason.OtherFocusReason)

    def _add_row(self, grid: QGridLayout, place: int, row: DetailRow) -> None:
        parent = grid.parentWidget()
        label, value = plain_label(row.label, parent, second=True), plain_label(row.value, parent)
        for words in (label, value):
            words.setFont(self._look.theme.font("body"))
            words.setMinimumHeight(TARGET_SMALL)
            words.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading)
        value.setAccessibleName(f"{row.label}: {row.value}")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(label, place, 0)
        grid.addWidget(value, place, 1)
        if row.copied:
            name = tr("Details", "Copy: {label}", label=row.label)
            copy = IconButton(self._look, "copy", name, size=TARGET_SMALL, icon_size=16, parent=parent)
            copy.clicked.connect(lambda _checked=False, words=row.copied: self._copy(copy, words))
            grid.addWidget(copy, place, 2)
            self._copies.append(copy)
            room = self._width() - 2 * PAD - 2 * GAP - grid.columnMinimumWidth(0) - TARGET_SMALL
            value.setText(value.fontMetrics().elidedText(row.value, Qt.TextElideMode.ElideMiddle, room))
            value.setToolTip(row.value)

    def _copy(self, button: IconButton, words: str) -> None:
        button.set_icon("check", "ok")
        button.set_name(tr("Conversation", "Copied"))
        self._wishes.copy_words(words)


class _Note(QWidget):
    """A sentence on a soft ground, with the sign of information before it."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._words = plain_label("", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP + ICON + GAP, 10, GAP, 10)
        row.addWidget(self._words)

    @property
    def text(self) -> str:
        return self._words.text()

    def show_text(self, text: str) -> None:
        self._words.setFont(self._look.theme.font("body"))
        self._words.setText(text)
        self.setVisible(bool(text))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(self.rect()), RADIUS_ROW, theme.colour("accent_soft"))
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = self.width() - GAP - ICON if rtl else GAP
        self._look.icons.paint(painter, "info", QRectF(x, 12, ICON, ICON), theme.colour("accent_text"))
