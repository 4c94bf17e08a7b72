"""What a sound check found: a card for each number, and one with what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, rounded, tabular, text_line
from mka1_desktop.ui.paragraph import Paragraph
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import RADIUS_CARD
from mka1_desktop.viewmodels.sound_check import FigureView

PAD, ICON = 14, 16
VERDICT_ICON = 22


class FigureCard(QWidget):
    """Label and mark, the number, and a word about it."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._view = FigureView(label="")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.theme.changed.connect(self.updateGeometry)

    @property
    def view(self) -> FigureView:
        return self._view

    def show_view(self, view: FigureView) -> None:
        self._view = view
        self.setAccessibleName(", ".join(filter(None, (f"{view.label}: {view.value}", view.words))))
        self.setToolTip(view.words)
        self.update()

    def sizeHint(self) -> QSize:
        theme = self._look.theme
        lines = 2 * theme.line_height("small") + theme.line_height("heading")
        return QSize(120, round(lines + 2 * PAD))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, view = self._look.theme, self._view
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, theme.colour("surface"), pen(theme.colour("line")))
        small, big = theme.line_height("small"), theme.line_height("heading")
        inner = self.width() - 2 * PAD
        mark = inner - ICON if view.mark != "none" else inner
        text_line(painter, self, mirrored(self, QRectF(PAD, PAD, mark, small)), view.label, theme.font("small"),
                  theme.colour("text2"))  # fmt: skip
        text_line(painter, self, mirrored(self, QRectF(PAD, PAD + small, inner, big)), view.value,
                  tabular(theme.font("heading")), theme.colour("text"))  # fmt: skip
        text_line(painter, self, mirrored(self, QRectF(PAD, PAD + small + big, inner, small)), view.words,
                  theme.font("small"), theme.colour("text2"))  # fmt: skip
        if view.mark != "none":
            box = mirrored(self, QRectF(self.width() - PAD - ICON, PAD + (small - ICON) / 2, ICON, ICON))
            name, role = ("check", theme.colour("ok")) if view.mark == "good" else ("alert", theme.colour("warn"))
            self._look.icons.paint(painter, name, box, role)


class FigureCards(QWidget):
    """Four beside each other, or two and two where the words are large."""

    def __init__(self, look: Look, count: int, gap: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards = [FigureCard(look, self) for _ in range(count)]
        self._gap = gap
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._columns = count

    @property
    def cards(self) -> tuple[FigureCard, ...]:
        return tuple(self._cards)

    def show_views(self, views: Sequence[FigureView]) -> None:
        for card, view in zip(self._cards, views, strict=False):
            card.show_view(view)

    def stand_in(self, width: int, *, narrow: bool) -> None:
        """Take places for this width in px; `narrow` is two and two."""
        self._columns = 2 if narrow else len(self._cards)
        rows = -(-len(self._cards) // self._columns)
        card_w = (width - (self._columns - 1) * self._gap) / self._columns
        card_h = self._cards[0].sizeHint().height()
        self.setFixedSize(width, rows * card_h + (rows - 1) * self._gap)
        for index, card in enumerate(self._cards):
            row, column = divmod(index, self._columns)
            box = QRectF(column * (card_w + self._gap), row * (card_h + self._gap), card_w, card_h)
            card.setGeometry(mirrored(self, box).toRect())


class VerdictCard(QWidget):
    """An icon, a bold sentence, more words, and a button where something can be done with one click."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = "info"
        self._good = True
        self._sentence = Paragraph(look, weight=600, parent=self)
        self._more = Paragraph(look, role="text2", parent=self)
        self.button = TextButton(look, "", parent=self)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._sentence)
        words.addWidget(self._more)
        words.addStretch(1)
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        row.setContentsMargins(2 * PAD + VERDICT_ICON, PAD, PAD, PAD)
        row.setSpacing(PAD)
        row.addLayout(words, 1)
        row.addWidget(self.button)

    @property
    def words(self) -> tuple[str, str]:
        return self._sentence.text(), self._more.text()

    def set_narrow(self, narrow: bool) -> None:
        """Put the button under the words, or beside them."""
        down, beside = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(down if narrow else beside)

    def show_words(self, sentence: str, more: str, *, icon: str, good: bool, button: str) -> None:
        """`button` are its words; empty: there is none."""
        self._icon, self._good = icon, good
        self._sentence.set_text(sentence)
        self._more.set_text(more)
        self._more.setVisible(bool(more))
        self.button.set_words(button)
        self.button.setVisible(bool(button))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground: Role = "accent_soft" if self._good else "warn_soft"
        ink: Role = "accent_text" if self._good else "warn"
        edge = pen(theme.colour("line")) if theme.high_contrast else None
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, theme.colour(ground), edge)
        top = (self.height() - VERDICT_ICON) / 2
        box = mirrored(self, QRectF(PAD + 2, top, VERDICT_ICON, VERDICT_ICON))
        self._look.icons.paint(painter, self._icon, box, theme.colour(ink))
