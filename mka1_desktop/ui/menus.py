"""Menus with our own rows on the real QMenu: keys, roles and screen reader come from it, the look from here."""

from __future__ import annotations

import os

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, rounded, text_line, text_width
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import RADIUS_CARD, RADIUS_ROW

ROW_H, PICKER_ROW_H, TALL_ROW_H, LINE_H = 30, 34, 50, 11
PADDING, TICK_W, PANEL_PADDING, SHADOW = 12, 16, 6, 24
_LIFT = 8  # the shadow lies this far below
_COMPOSITED = ("gnome", "kde", "cinnamon", "budgie", "pantheon", "unity", "deepin", "cosmic")


def can_be_translucent() -> bool:
    """Whether a window may have soft edges: on X11 only where the desktop is known to compose windows."""
    if QGuiApplication.platformName() != "xcb":
        return True
    desktop = os.environ.get("XDG_CURRENT_DESKTOP", "").lower()
    return any(name in desktop for name in _COMPOSITED)


class PanelMenu(QMenu):
    """A menu as a raised panel with a soft shadow, or with square corners where windows cannot be translucent."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._soft = can_be_translucent()
        self.setAccessibleName(name)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, self._soft)
        edge = PANEL_PADDING + (SHADOW if self._soft else 0)
        self.setContentsMargins(edge, edge, edge, edge)
        # Fusion would add its own frame and margins; the panel is painted here.
        self.setStyleSheet("QMenu { background: transparent; border: none; padding: 0; margin: 0; }")

    @property
    def look(self) -> Look:
        return self._look

    def add_row(
        self,
        text: str,
        *,
        detail: str = "",
        keys: str = "",
        icon: str = "",
        ticked: bool = False,
        role: Role = "text",
        height: int = ROW_H,
        width: int = 0,
    ) -> QAction:
        """Append a row; `detail` makes it two lines high, `keys` is written at its end."""
        action = QWidgetAction(self)
        action.setText(text.replace("&", "&&"))
        if detail:
            height = TALL_ROW_H
        action.setCheckable(ticked)
        action.setChecked(ticked)
        row = MenuRow(self, action, text, detail=detail, keys=keys, icon=icon, role=role, height=height, width=width)
        action.setDefaultWidget(row)
        self.addAction(action)
        return action

    def add_line(self) -> None:
        """Append a divider."""
        action = QWidgetAction(self)
        action.setDefaultWidget(_Line(self))
        action.setSeparator(True)
        self.addAction(action)

    def open_at(self, anchor: QWidget, *, above: bool) -> None:
        """Show at the start edge of `anchor`, above or below it, kept on the screen; returns at once."""
        self.setLayoutDirection(anchor.layoutDirection())
        size = self.sizeHint()
        soft = SHADOW if self._soft else 0
        rtl = anchor.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = anchor.width() - size.width() + soft if rtl else -soft
        y = -size.height() + soft - 4 if above else anchor.height() - soft + 4
        self.popup(anchor.mapToGlobal(QPoint(x, y)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._soft:
            painter.fillRect(self.rect(), theme.colour("raised"))
            painter.setPen(theme.colour("line"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            return
        panel = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        if not theme.high_contrast:
            paint_shadow(painter, panel, RADIUS_CARD, SHADOW, _LIFT, 0.40 if theme.dark else 0.16)
        rounded(painter, panel, RADIUS_CARD, theme.colour("raised"), pen(theme.colour("line")))


def paint_shadow(painter: QPainter, box: QRectF, radius: float, blur: float, lift: float, strength: float) -> None:  # noqa: PLR0917 - a drawing primitive
    """A soft shadow as stacked rounded boxes; for pop-ups, which are painted once."""
    painter.setPen(Qt.PenStyle.NoPen)
    steps = 12
    for step in range(steps):
        spread = blur * (1 - 2 * step / steps) / 2
        colour = QColor(0, 0, 0)
        colour.setAlphaF(strength * 1.6 / steps * (0.35 + 0.65 * step / steps))
        painter.setBrush(colour)
        shape = box.adjusted(-spread, -spread + lift, spread, spread + lift)
        painter.drawRoundedRect(shape, radius + max(0.0, spread), radius + max(0.0, spread))


class MenuRow(QWidget):
    """One painted row. QMenu moves the active action; the row shows and triggers it."""

    def __init__(
        self,
        menu: PanelMenu,
        action: QWidgetAction,
        text: str,
        *,
        detail: str,
        keys: str,
        icon: str,
        role: Role,
        height: int,
        width: int,
    ) -> None:
        super().__init__(menu)
        self._menu = menu
        self._action = action
        self._text, self._detail, self._keys, self._icon = text, detail, keys, icon
        self._role: Role = role
        self._size = QSize(self._wanted_width(width), round(height * max(1.0, menu.look.theme.scale)))
        self.setMouseTracking(True)
        menu.hovered.connect(lambda _action: self.update())
        action.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return self._size

    def minimumSizeHint(self) -> QSize:
        return self._size

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Enter and self._action.isEnabled():
            self._menu.setActiveAction(self._action)
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self._action.isEnabled() and self.rect().contains(event.position().toPoint()):
            self._menu.close()
            self._action.trigger()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._menu.look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        active = self._menu.activeAction() is self._action and self._action.isEnabled()
        if active:
            edge = pen(theme.colour("accent"), 2) if theme.high_contrast else None
            rounded(painter, QRectF(self.rect()), RADIUS_ROW, theme.colour("hover"), edge)
        ink = theme.colour(self._role if self._action.isEnabled() else "disabled")
        mark = mirrored(self, QRectF(PADDING, (self.height() - 18) / 2, 18, 18))
        if self._action.isCheckable() and self._action.isChecked():
            self._menu.look.icons.paint(painter, "check", mark, theme.colour("accent"))
        elif self._icon:
            self._menu.look.icons.paint(painter, self._icon, mark, theme.colour("text2"))
        x = PADDING + TICK_W + PADDING
        keys_w = text_width(theme.font("small"), self._keys) + PADDING if self._keys else 0
        room = self.width() - x - PADDING - keys_w
        if self._detail:
            half = self.height() / 2 - 6
            top = mirrored(self, QRectF(x, 6, room, half))
            low = mirrored(self, QRectF(x, 6 + half, room, half))
            text_line(painter, self, top, self._text, theme.font("body", 600 if self._ticked() else 500), ink)
            text_line(painter, self, low, self._detail, theme.font("small"), theme.colour("text2"))
        else:
            box = mirrored(self, QRectF(x, 0, room, self.height()))
            text_line(painter, self, box, self._text, theme.font("body"), ink)
        if self._keys:
            box = mirrored(self, QRectF(self.width() - PADDING - keys_w, 0, keys_w, self.height()))
            painter.setFont(theme.font("small"))
            painter.setPen(theme.colour("text2"))
            end = Qt.AlignmentFlag.AlignRight if self._ltr() else Qt.AlignmentFlag.AlignLeft
            painter.drawText(box, end | Qt.AlignmentFlag.AlignVCenter, self._keys)

    def _ticked(self) -> bool:
        return self._action.isCheckable() and self._action.isChecked()

    def _ltr(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.LeftToRight

    def _wanted_width(self, least: int) -> int:
        theme = self._menu.look.theme
        words = max(text_width(theme.font("body", 600), self._text), text_width(theme.font("small"), self._detail))
        keys = text_width(theme.font("small"), self._keys) + 24 if self._keys else 0
        return max(least, min(420, round(PADDING + TICK_W + PADDING + words + keys + PADDING + 8)))


class _Line(QWidget):
    def __init__(self, menu: PanelMenu) -> None:
        super().__init__(menu)
        self._menu = menu

    def sizeHint(self) -> QSize:
        return QSize(40, LINE_H)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRect(0, LINE_H // 2, self.width(), 1), self._menu.look.theme.colour("line"))
