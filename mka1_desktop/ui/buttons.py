"""Painted buttons: an icon alone, or an icon and a word. Name, role, state and keys come from QAbstractButton."""

from __future__ import annotations

from typing import Literal, TypeAlias

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, shaded, square_in
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import RADIUS_ROW, TARGET

Kind: TypeAlias = Literal["quiet", "outlined", "primary", "danger"]
_MIRRORED_ICONS = frozenset({"sidebar", "leave", "chevron-right", "reset"})


class IconButton(Painted, QAbstractButton):
    """A square button with an icon and no words; its name is for screen readers and the tooltip."""

    def __init__(
        self,
        look: Look,
        icon: str,
        name: str,
        *,
        size: int = TARGET,
        icon_size: int = 20,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = icon
        self._icon_size = icon_size
        self._role: Role = "text2"
        self._size = size
        self.set_name(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ring_around(self, RADIUS_ROW)

    def set_name(self, name: str) -> None:
        self.setAccessibleName(name)
        self.setToolTip(name)

    def set_icon(self, icon: str, role: Role = "text2") -> None:
        self._icon, self._role = icon, role
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isEnabled() and (self.underMouse() or self.isDown() or self.isChecked()):
            fill = theme.colour("hover")
            rounded(
                painter,
                QRectF(self.rect()),
                RADIUS_ROW,
                shaded(fill, 0.05, lighter=theme.dark) if self.isDown() else fill,
            )
        role: Role = self._role if self.isEnabled() else "disabled"
        box = square_in(self.rect(), self._icon_size)
        if self._icon in _MIRRORED_ICONS and self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        self._look.icons.paint(painter, self._icon, box, theme.colour(role))


class TextButton(Painted, QAbstractButton):
    """A button with words and, if given, an icon before them."""

    def __init__(
        self,
        look: Look,
        text: str,
        *,
        icon: str = "",
        kind: Kind = "outlined",
        height: int = TARGET,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._icon = icon
        self._kind: Kind = kind
        self._height = height
        self.setText(text)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        ring_around(self, RADIUS_ROW)

    def set_words(self, text: str, icon: str | None = None) -> None:
        """Other words, and another icon where one is given ("" is none)."""
        if icon is not None:
            self._icon = icon
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def set_compact(self, compact: bool) -> None:
        """Only the icon, the words become the tooltip."""
        if compact != self.property("compact"):
            self.setProperty("compact", compact)
            self.setToolTip(self.text() if compact else "")
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        if self.property("compact"):
            return QSize(self._height, self._height)
        words = QFontMetricsF(self._font()).horizontalAdvance(self.text())
        icon = 18 + 8 if self._icon else 0
        return QSize(round(words + icon + 2 * self._padding() + 0.5), self._height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        colour = self._ink()
        if self.property("compact"):
            self._look.icons.paint(painter, self._icon, square_in(self.rect(), 20), colour)
            return
        x = float(self._padding())
        if self._icon:
            box = mirrored(self, QRectF(x, (self.height() - 18) // 2, 18, 18))
            self._look.icons.paint(painter, self._icon, box, colour)
            x += 18 + 8
        painter.setFont(self._font())
        painter.setPen(colour)
        words = mirrored(self, QRectF(x, 0, self.width() - x - self._padding() + 1, self.height()))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, self.text())
        if theme.high_contrast and self._kind in ("primary", "danger"):
            rounded(painter, QRectF(self.rect()), RADIUS_ROW, None, pen(theme.colour("line")))

    def _paint_ground(self, painter: QPainter) -> None:
        theme = self._look.theme
        box = QRectF(self.rect())
        warm = self.isEnabled() and (self.underMouse() or self.isDown())
        strength = 0.10 if self.isDown() else 0.06
        if self._kind in ("primary", "danger"):
            fill = theme.colour("accent" if self._kind == "primary" else "error")
            if not self.isEnabled():
                fill = theme.colour("track")
            rounded(painter, box, RADIUS_ROW, shaded(fill, strength, lighter=theme.dark) if warm else fill)
        elif self._kind == "outlined":
            edge = pen(theme.colour("control" if self.isEnabled() else "line"))
            rounded(painter, box, RADIUS_ROW, theme.colour("hover" if warm else "surface"), edge)
        elif warm:
            rounded(painter, box, RADIUS_ROW, theme.colour("hover"))

    def _ink(self) -> QColor:
        theme = self._look.theme
        if not self.isEnabled():
            return theme.colour("disabled")
        inks: dict[Kind, Role] = {"quiet": "text2", "outlined": "text", "primary": "on_accent", "danger": "on_error"}
        return theme.colour(inks[self._kind])

    def _font(self) -> QFont:
        return self._look.theme.font("body", 400 if self._kind == "quiet" else 500)

    def _padding(self) -> int:
        return 12
