"""The state figure as a widget: it turns a status and the levels into a pose, thirty times a second at most."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mka1_desktop.ui.figure_shapes import Pose, paint_badge, paint_figure
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.motion import (
    BREATH_S,
    COLLAPSE_MS,
    FAST_IN_MS,
    LEVEL_FALL_S,
    SLOW_TURN_S,
    TURN_S,
    Follower,
    FrameClock,
    stepped,
)
from mka1_desktop.ui.roles import Role
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView
from mka1_desktop.viewmodels.status import Phase, StatusModel, StatusView

BADGE_PX = 24
_LOOPS = frozenset({Phase.CONNECTING, Phase.THINKING, Phase.RECONNECTING})
_VOICES = frozenset({Phase.SPEAKING, Phase.GREETING})
_GREETING_FALL_S = 0.3
_OLDER_S = 0.066  # the bars pass a level outward this often
_IN = QEasingCurve(QEasingCurve.Type.OutCubic)
_COLLAPSE = QEasingCurve(QEasingCurve.Type.InCubic)


class StateFigure(QWidget):
    """Shows the state by shape, colour and motion. A click stops a voice and does nothing else."""

    def __init__(
        self,
        look: Look,
        status: StatusModel,
        levels: LevelsModel,
        *,
        stop: Callable[[], None],
        size: int = BADGE_PX,
        ground: Role = "bg",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._stop = stop
        self._size = size
        self._ground: Role = ground
        self._phase = status.view.figure
        self._before: Phase | None = None
        self._number = ""
        self._phase_s = 0.0  # since this figure came
        self._follower = Follower()
        self._older: tuple[float, float, float] = (0.0, 0.0, 0.0)
        self._older_s = 0.0
        self._levels = levels.view
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._clock = FrameClock(self, self._advance)
        status.changed.connect(self._show_status)
        levels.changed.connect(self._show_levels)
        look.motion.changed.connect(self._motion_changed)
        look.theme.changed.connect(self.update)
        self._show_status(status.view)
        self._phase_s = 10.0  # nothing has changed before the first look

    @property
    def phase(self) -> Phase:
        """The figure that is drawn."""
        return self._phase

    @property
    def moving(self) -> bool:
        return self._clock.running

    def set_size(self, size: int) -> None:
        """Side of the box in px; 24 is the badge."""
        if size != self._size:
            self._size = size
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def pose(self) -> Pose:
        """What is drawn now."""
        reduced = self._look.motion.reduced
        level = stepped(self._follower.target) if reduced else self._follower.value
        turn_s = SLOW_TURN_S if self._phase is Phase.RECONNECTING else TURN_S
        return Pose(
            phase=self._phase,
            level=level,
            levels=(level, level, level) if reduced else self._older,
            turn=0.0 if reduced else (self._phase_s / turn_s * 360) % 360,
            breath=1.0 if reduced else 0.5 + 0.5 * math.cos(self._phase_s / BREATH_S * 2 * math.pi),
            parted=1.0 if reduced else _COLLAPSE.valueForProgress(min(1.0, self._phase_s * 1000 / COLLAPSE_MS)),
            number=self._number,
            mirrored=self.layoutDirection() is Qt.LayoutDirection.RightToLeft,
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._phase in _VOICES:
            self._stop()
            event.accept()
            return
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._clock.painted()
        painter = QPainter(self)
        pose = self.pose()
        share = 1.0 if self._look.motion.reduced else min(1.0, self._phase_s * 1000 / FAST_IN_MS)
        if self._before is not None and share < 1.0 and self._phase is not Phase.INTERRUPTED:
            share = _IN.valueForProgress(share)
            painter.setOpacity(1 - share)
            self._paint(painter, Pose(phase=self._before, mirrored=pose.mirrored))
            painter.setOpacity(share)
        self._paint(painter, pose)

    def _paint(self, painter: QPainter, pose: Pose) -> None:
        draw = paint_badge if self._size <= BADGE_PX else paint_figure
        box = QRectF((self.width() - self._size) / 2, (self.height() - self._size) / 2, self._size, self._size)
        draw(painter, box, pose, self._look.theme, self._look.icons, self._ground)

    def _show_status(self, view: StatusView) -> None:
        self.setAccessibleName(view.word)
        self._number = view.time_text if view.phase is Phase.RECONNECTING else ""
        if view.figure is not self._phase:
            self._before, self._phase = self._phase, view.figure
            self._phase_s = 0.0
            self._older = (0.0, 0.0, 0.0)
            self._follower = Follower(_GREETING_FALL_S if self._phase is Phase.GREETING else LEVEL_FALL_S)
            voice = self._phase in _VOICES
            self.setCursor(Qt.CursorShape.PointingHandCursor if voice else Qt.CursorShape.ArrowCursor)
        self._show_levels(self._levels)
        self.update()

    def _show_levels(self, levels: LevelsView) -> None:
        self._levels = levels
        heard = levels.microphone if self._phase is Phase.LISTENING else levels.speaker
        wanted = heard or 0.0 if self._phase in _VOICES or self._phase is Phase.LISTENING else 0.0
        if wanted != self._follower.target:
            if self._look.motion.reduced and stepped(wanted) != stepped(self._follower.target):
                self.update()
            self._follower.target = wanted
        self._set_clock()

    def _motion_changed(self) -> None:
        self._set_clock()
        self.update()

    def _set_clock(self) -> None:
        young = self._phase_s * 1000 < FAST_IN_MS
        busy = self._phase in _LOOPS or young or self._follower.target > 0 or any(self._older)
        self._clock.set_running(busy and not self._look.motion.reduced)

    def _advance(self, passed_s: float) -> None:
        self._phase_s += passed_s
        self._follower.advance(passed_s)
        self._older_s += passed_s
        newest, older, oldest = self._older
        if self._older_s >= _OLDER_S:
            self._older_s = 0.0
            older, oldest = newest, older
        self._older = (self._follower.value, older, oldest)
        self._set_clock()
        self.update()
