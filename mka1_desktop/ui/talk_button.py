"""The talk button: nine looks in one frame that never changes its size. Holding it is holding the talk key."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QInputEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mka1_desktop.domain.talk import IGNORE_MS
from mka1_desktop.ui.input_time import InputTime
from mka1_desktop.ui.keycap import cap_height, cap_width, paint_cap
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.motion import Follower, FrameClock, stepped
from mka1_desktop.ui.paint import (
    dashed,
    mirrored,
    pen,
    ring_around,
    rounded,
    shaded,
    text_line,
    text_width,
)
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.talk_style import STYLES, TalkStyle
from mka1_desktop.ui.theme import MAIN_CONTROL, RADIUS_CARD
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView
from mka1_desktop.viewmodels.talk import LIVE_LOOKS, TalkLook, TalkModel, TalkView, all_labels
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

ICON_X, ICON_SIZE, LABEL_X, GAP, CAP_MARGIN = 14, 20, 44, 11, 12
WIDEST = 300  # above it the key cap goes under the label
BAR_H = 4
SHORTEST_S = IGNORE_MS / 1000


class TalkButton(Painted, QAbstractButton):
    """Forwards holding as `talk_pressed` and `talk_released`, always in pairs; unmutes and retries by a click.

    A program that presses it (a screen reader through AT-SPI or UI Automation, `click()`) holds nothing: it toggles.
    """

    held = Signal(bool)  # for tests and the window: the button is down

    def __init__(
        self, look: Look, model: TalkModel, levels: LevelsModel, wishes: Wishes, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._wishes = wishes
        self._view = model.view
        self._holding = False
        self._by_hand: QInputEvent | None = None  # the event that is being handled
        self._time = InputTime()
        self._fills = False
        self._follower = Follower()
        self._clock = FrameClock(self, self._advance)
        self._levels = levels.view
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_CARD)
        self.pressed.connect(self._press)
        self.released.connect(self._release)
        model.changed.connect(self._show)
        levels.changed.connect(self._show_levels)
        look.theme.changed.connect(self.updateGeometry)
        self._show(model.view)

    def set_fills(self, fills: bool) -> None:
        """Take all the width there is (narrow windows), or the width of the widest label."""
        if fills != self._fills:
            self._fills = fills
            wide = QSizePolicy.Policy.Expanding if fills else QSizePolicy.Policy.Fixed
            self.setSizePolicy(wide, QSizePolicy.Policy.Fixed)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        in_line = self._label_width() + GAP + cap_width(self._look.theme, self._view.key_name)
        wanted = in_line if in_line + LABEL_X + CAP_MARGIN <= self._widest() else self._stacked_width()
        return QSize(round(LABEL_X + wanted + CAP_MARGIN), self._high())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._high()) if self._fills else self.sizeHint()

    # Holding: drifting off the button with the mouse down must not end the talk, so the mouse is handled here.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setDown(True)
        with self._moved_by(event):
            self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setDown(False)
        with self._moved_by(event):
            self.released.emit()
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with self._moved_by(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        with self._moved_by(event):
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self.isDown():
            self._release()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.sizeHint().height() != self.height():
            self.updateGeometry()  # the key cap has gone under the label, or come back

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._let_go()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowDeactivate or (
            event.type() is QEvent.Type.EnabledChange and not self.isEnabled()
        ):
            self._let_go()
        return super().event(event)

    @contextlib.contextmanager
    def _moved_by(self, event: QInputEvent) -> Iterator[None]:
        """Know, while signals are told, that a hand caused them, and when."""
        self._by_hand = event
        try:
            yield
        finally:
            self._by_hand = None

    def _let_go(self) -> None:
        self.setDown(False)
        self._release()

    def _press(self) -> None:
        if self._view.look is TalkLook.MUTED:
            self._wishes.mute_toggled()
        elif self._view.look is TalkLook.RETRY:
            self._wishes.notice_action("retry")
        elif self._by_hand is None:
            self._wishes.talk_toggled()
        elif not self._holding:
            self._holding = True
            self._wishes.talk_pressed(self._time.since_last(self._by_hand))
            self.held.emit(True)

    def _release(self) -> None:
        if self._holding:
            self._holding = False
            down_s = self._time.since_last(self._by_hand)
            # A button does not bounce: a pointer's tap and a key that a program sends take no time at all.
            self._wishes.talk_released(None if down_s is None else max(down_s, SHORTEST_S))
            self.held.emit(False)

    def _show(self, view: TalkView) -> None:
        resized = view.key_name != self._view.key_name
        self._view = view
        self.setText(view.label)
        self.setAccessibleName(view.label)
        self.setAccessibleDescription(tr("Talk", "Key: {key}", key=view.key_name))
        self.setEnabled(view.enabled)
        if resized:
            self.updateGeometry()
        self._show_levels(self._levels)
        self.update()

    def _show_levels(self, levels: LevelsView) -> None:
        self._levels = levels
        live = self._view.look in LIVE_LOOKS
        target = (levels.microphone or 0.0) if live else 0.0
        if self._look.motion.reduced:
            if stepped(target) != stepped(self._follower.value):
                self.update()
            self._follower.set_at_once(stepped(target))
        else:
            self._follower.target = target
        self._clock.set_running(live and not self._look.motion.reduced and (target > 0 or self._follower.value > 0))

    def _advance(self, passed_s: float) -> None:
        if not self._follower.advance(passed_s):
            self._clock.set_running(False)
        self.update(0, self.height() - BAR_H - 1, self.width(), BAR_H + 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._clock.painted()
        style = STYLES[self._view.look]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter, style)
        if self._view.look in LIVE_LOOKS:
            self._paint_bar(painter)
        ink = self._look.theme.colour(style.ink)
        stacked = self._stacked()
        label_h = self.height() / 2 + 4 if stacked else self.height()
        icon = mirrored(self, QRectF(ICON_X, (self.height() - ICON_SIZE) // 2, ICON_SIZE, ICON_SIZE))
        self._look.icons.paint(painter, style.icon, icon, ink)
        cap = cap_width(self._look.theme, self._view.key_name)
        room = self.width() - LABEL_X - CAP_MARGIN - (0 if stacked else cap + 4)
        label = mirrored(self, QRectF(LABEL_X, 0, room, label_h))
        text_line(painter, self, label, self._view.label, self._look.theme.font("body", 600), ink)
        if self._view.look is not TalkLook.NO_DEVICE:
            self._paint_cap(painter, ink, cap, stacked=stacked)

    def _paint_frame(self, painter: QPainter, style: TalkStyle) -> None:
        theme = self._look.theme
        fill = QColor(theme.colour(style.fill)) if style.fill else None
        if fill and self.isEnabled() and (self.isDown() or self.underMouse()):
            fill = shaded(fill, 0.10 if self.isDown() else 0.06, lighter=theme.dark)
        edge: QPen | None = None
        if style.edge and style.dashes:
            edge = dashed(theme.colour(style.edge), style.edge_px, 5, 3)
        elif style.edge:
            edge = pen(theme.colour(style.edge), style.edge_px)
        elif theme.high_contrast:
            edge = pen(theme.colour("line"))
        rounded(painter, QRectF(self.rect()), RADIUS_CARD, fill, edge)

    def _paint_bar(self, painter: QPainter) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS_CARD, RADIUS_CARD)
        painter.save()
        painter.setClipPath(shape)
        width = self.width() * self._follower.value
        bar = mirrored(self, QRectF(0, self.height() - BAR_H, width, BAR_H))
        painter.fillRect(bar, self._look.theme.faded("on_live", 0.85))
        painter.restore()

    def _paint_cap(self, painter: QPainter, ink: QColor, width: float, *, stacked: bool) -> None:
        high = cap_height(self._look.theme)
        if stacked:
            high -= 3
            box = QRectF(LABEL_X, self.height() - high - 5, min(width, self.width() - LABEL_X - CAP_MARGIN), high)
        else:
            box = QRectF(self.width() - CAP_MARGIN - width, round((self.height() - high) / 2), width, high)
        painter.setLayoutDirection(self.layoutDirection())
        paint_cap(painter, self._look.theme, mirrored(self, box), self._view.key_name, ink=ink, edge=ink)

    def _stacked(self) -> bool:
        needed = LABEL_X + self._label_width() + GAP + cap_width(self._look.theme, self._view.key_name) + CAP_MARGIN
        return needed > (self.width() if self._fills else self._widest())

    def _label_width(self) -> float:
        font = self._look.theme.font("body", 600)
        return max(text_width(font, label) for label in all_labels())

    def _stacked_width(self) -> float:
        return max(self._label_width(), cap_width(self._look.theme, self._view.key_name))

    def _widest(self) -> float:
        return WIDEST * max(1.0, self._look.theme.scale)

    def _high(self) -> int:
        line = self._look.theme.line_height("body")
        needed = line + cap_height(self._look.theme) + 6 if self._stacked() else line + 16
        return max(MAIN_CONTROL, round(needed))
