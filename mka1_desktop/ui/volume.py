"""The volume slider: 0 to 150 %, with a notch at 100. Keys, role and value come from QSlider."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, note_focus, pen, ring_around, rounded
from mka1_desktop.viewmodels.devices import DevicesModel, DevicesView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

WIDTH, HEIGHT = 64, 28
LOUDEST, USUAL = 150, 100
KNOB, GROOVE, NOTCH_H = 12, 4, 8
_STICKY = 4  # percent around the notch that a drag snaps to


class VolumeSlider(QSlider):
    """Tells `volume_changed` what the person chose; values from outside are shown and not told back."""

    def __init__(self, look: Look, model: DevicesModel, wishes: Wishes, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._look = look
        self._wishes = wishes
        self._showing = False
        self.setRange(0, LOUDEST)
        self.setSingleStep(5)
        self.setPageStep(25)
        self.setAccessibleName(tr("Sound", "Volume of the assistant"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        ring_around(self, 6, 4)
        self.valueChanged.connect(self._forward)
        model.changed.connect(self._show)
        look.theme.changed.connect(self.update)
        self._show(model.view)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, HEIGHT)

    def focusInEvent(self, event: QFocusEvent) -> None:
        note_focus(self, event)
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._take(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._take(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.setValue(self.value() + (self.singleStep() if event.angleDelta().y() > 0 else -self.singleStep()))
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        ink = theme.colour("text2" if self.isEnabled() else "disabled")
        x = self._x_of(self.value())
        groove = QRectF(0, middle - GROOVE / 2, self.width(), GROOVE)
        rounded(painter, groove, GROOVE / 2, theme.colour("track"))
        rounded(painter, mirrored(self, QRectF(0, groove.top(), x, GROOVE)), GROOVE / 2, ink)
        if abs(x - self._x_of(USUAL)) < KNOB:
            self._paint_knob(painter, x, middle, ink)
            return
        notch = mirrored(self, QRectF(self._x_of(USUAL) - 0.5, middle + GROOVE / 2 + 2, 1, NOTCH_H / 2))
        painter.fillRect(notch, theme.colour("control"))
        self._paint_knob(painter, x, middle, ink)

    def _paint_knob(self, painter: QPainter, x: float, middle: float, ink: QColor) -> None:
        knob = mirrored(self, QRectF(x - KNOB / 2, middle - KNOB / 2, KNOB, KNOB))
        rounded(painter, knob, KNOB / 2, ink, pen(self._look.theme.colour("bg"), 1))

    def _x_of(self, value: int) -> float:
        return KNOB / 2 + (self.width() - KNOB) * value / LOUDEST

    def _take(self, x: float) -> None:
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            x = self.width() - x
        value = round((x - KNOB / 2) / (self.width() - KNOB) * LOUDEST)
        self.setValue(USUAL if abs(value - USUAL) <= _STICKY else value)

    def _show(self, view: DevicesView) -> None:
        self._showing = True
        if not self.isSliderDown():
            self.setValue(view.volume)
        self._showing = False
        self._name_value()

    def _forward(self, value: int) -> None:
        self._name_value()
        self.update()
        if not self._showing:
            self._wishes.volume_changed(value)

    def _name_value(self) -> None:
        words = tr("Sound", "{n} %", n=self.value())
        self.setToolTip(tr("Sound", "Volume {n} %", n=self.value()))
        self.setAccessibleDescription(words)
