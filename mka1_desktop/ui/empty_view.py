"""The empty conversation: the figure, one question, how to begin, and a few phrases to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from mka1_desktop.ui.dialogs import plain_label
from mka1_desktop.ui.figure import StateFigure
from mka1_desktop.ui.keycap import HintLine
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, text_line
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.scroll_bar import ThinScrollBar
from mka1_desktop.ui.theme import RADIUS_CARD
from mka1_desktop.ui.viewport import clear_viewport
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

GRID_WIDTH, GAP = 600, 10
ONE_COLUMN_BELOW = 560
SUGGESTION_HEIGHT, SIDE, ICON, ICON_GAP = 44, 16, 18, 10
FIGURE, FIGURE_SMALL, FIGURE_LOW = 120, 104, 72
LOW_BELOW = 470  # height in px of the view under which the figure takes its smallest size
PAD_WIDE, PAD_NARROW = 24, 16


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A phrase to begin with and the name of its icon."""

    phrase: str
    icon: str = "captions"


class EmptyView(QScrollArea):
    """Shown while a thread has no turns. `figure` is the state figure; it keeps its own life."""

    def __init__(self, look: Look, wishes: Wishes, figure: StateFigure, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        clear_viewport(self)
        self._look = look
        self._wishes = wishes
        self._figure = figure
        self._buttons: list[SuggestionButton] = []
        self._columns = 0
        self._key, self._can_talk = "", True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(ThinScrollBar(look))
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget(self)
        body.setAutoFillBackground(False)
        self._question = plain_label(tr("Empty", "What shall we talk about?"), body)
        self._question.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint = HintLine(look, size="message", centred=True, parent=body)
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        self._arrange(body)
        self.setWidget(body)
        look.theme.changed.connect(self._restyle)
        self._restyle()
        self._show_hint()

    @property
    def suggestions(self) -> tuple[SuggestionButton, ...]:
        return tuple(self._buttons)

    @property
    def columns(self) -> int:
        """Columns of suggestions at this width."""
        return self._columns

    def set_key(self, key: str, *, can_talk: bool = True) -> None:
        """Name the talk key; `key` is its native name, empty when there is none."""
        self._key, self._can_talk = key, can_talk
        self._show_hint()

    def set_suggestions(self, suggestions: Sequence[Suggestion]) -> None:
        """Show these phrases; a click puts one into the text box."""
        for button in self._buttons:
            self._grid.removeWidget(button)
            button.deleteLater()
        self._buttons = [SuggestionButton(self._look, one, self.widget()) for one in suggestions]
        for button in self._buttons:
            button.clicked.connect(self._chosen)
        self._columns = 0
        self._fit()

    def _chosen(self) -> None:
        button = self.sender()
        if isinstance(button, SuggestionButton):
            self._wishes.suggestion(button.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _arrange(self, body: QWidget) -> None:
        self._frame = QWidget(body)
        self._frame.setLayout(self._grid)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._frame.setMaximumWidth(GRID_WIDTH)
        column = QVBoxLayout(body)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._figure, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(20)
        column.addWidget(self._question)
        column.addSpacing(4)
        column.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(32)
        column.addWidget(self._frame)
        column.addStretch(1)
        self._column = column

    def _fit(self) -> None:
        """Columns, margins and the figure's size for this width and height."""
        narrow = self.width() < ONE_COLUMN_BELOW
        pad = PAD_NARROW if narrow else PAD_WIDE
        side = max(pad, (self.width() - GRID_WIDTH) // 2)
        self._column.setContentsMargins(side, 12, side, 12)
        low = self.height() < LOW_BELOW
        size = FIGURE_LOW if narrow or low else FIGURE_SMALL if self.height() < 520 else FIGURE
        self._figure.set_size(size)
        self._show_hint()
        columns = 1 if narrow else 2
        if columns != self._columns:
            self._columns = columns
            for place, button in enumerate(self._buttons):
                self._grid.addWidget(button, place // columns, place % columns)
            self._grid.setColumnStretch(0, 1)
            self._grid.setColumnStretch(1, columns - 1)

    def _show_hint(self) -> None:
        """The long sentence where it fits, else the short one."""
        if not self._can_talk:
            self._hint.show_hint(tr("Empty", "There is no microphone. Type below."))
            return
        if self._key:
            long, short = tr("Empty", "Hold {key} and speak, or type below."), tr("Empty", "Hold {key} and speak.")
        else:
            long = tr("Empty", "Hold the talk button and speak, or type below.")
            short = tr("Empty", "Hold the talk button and speak.")
        self._hint.show_hint(long, self._key)
        if self._hint.sizeHint().width() > self.viewport().width() - 2 * PAD_NARROW:
            self._hint.show_hint(short, self._key)

    def _restyle(self) -> None:
        self._question.setFont(self._look.theme.font("display"))


class SuggestionButton(Painted, QAbstractButton):
    """One phrase on a quiet card."""

    def __init__(self, look: Look, suggestion: Suggestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = suggestion.icon
        self.setText(suggestion.phrase)
        self.setAccessibleName(suggestion.phrase)
        self.setAccessibleDescription(tr("Empty", "Puts this phrase into the text box"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_CARD)
        look.theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        words = QFontMetricsF(self._look.theme.font("body")).horizontalAdvance(self.text())
        high = max(SUGGESTION_HEIGHT, round(self._look.theme.line_height("body")) + 24)
        return QSize(round(words) + 2 * SIDE + ICON + ICON_GAP + 2, high)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = theme.colour("hover" if self.underMouse() or self.isDown() else "surface")
        edge = theme.colour("control" if self.underMouse() else "line")
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, fill, pen(edge))
        box = mirrored(self, QRectF(SIDE + 1, (self.height() - ICON) // 2, ICON, ICON))
        self._look.icons.paint(painter, self._icon, box, theme.colour("text2"))
        x = SIDE + 1 + ICON + ICON_GAP
        words = mirrored(self, QRectF(x, 0, self.width() - x - SIDE, self.height()))
        text_line(painter, self, words, self.text(), theme.font("body"), theme.colour("text"))
