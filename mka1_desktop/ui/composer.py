"""The bar at the bottom: status line, talk and text and stop, devices. Always in this order."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QVBoxLayout, QWidget

from mka1_desktop.ui.device_bar import DeviceBar
from mka1_desktop.ui.forms import WIDE, Form, side_margin
from mka1_desktop.ui.kept_line import KeptLine
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import pen, ring_around, rounded, shaded, square_in
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.status_line import StatusLine
from mka1_desktop.ui.talk_button import TalkButton
from mka1_desktop.ui.text_box import TextBox
from mka1_desktop.ui.theme import MAIN_CONTROL, RADIUS_CARD
from mka1_desktop.viewmodels.devices import DevicesModel
from mka1_desktop.viewmodels.kept import KeptModel
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.status import StatusModel
from mka1_desktop.viewmodels.talk import TalkModel, TalkView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

GAP = 8


class StopButton(Painted, QAbstractButton):
    """Silences the answer. It keeps its square; dimmed while there is nothing to stop."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(MAIN_CONTROL, MAIN_CONTROL)
        self.setAccessibleName(tr("Talk", "Stop the voice"))
        self.setToolTip(tr("Talk", "Stop the voice (Esc)"))
        ring_around(self, RADIUS_CARD)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        ink = theme.colour("disabled")
        if self.isEnabled():
            fill, ink = theme.colour("text"), theme.colour("bg")
            if self.isDown() or self.underMouse():
                fill = shaded(fill, 0.16, lighter=not theme.dark)
            rounded(painter, box, RADIUS_CARD, fill)
        else:
            rounded(painter, box, RADIUS_CARD, None, pen(theme.colour("line")))
        rounded(painter, square_in(self.rect(), 14), 3, ink)


class Composer(QWidget):
    """Arranges its rows for the form of the window; holds no state of its own."""

    resized = Signal()

    def __init__(
        self,
        look: Look,
        *,
        talk: TalkModel,
        status: StatusModel,
        kept: KeptModel,
        levels: LevelsModel,
        devices: DevicesModel,
        wishes: Wishes,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._form = WIDE
        self._stacked: bool | None = None
        self.status_line = StatusLine(look, status, levels, wishes, self)
        self.kept_line = KeptLine(look, kept, wishes, self)
        self.talk_button = TalkButton(look, talk, levels, wishes, self)
        self.text_box = TextBox(look, wishes, self)
        self.stop_button = StopButton(look, self)
        self.stop_button.clicked.connect(lambda _checked=False: wishes.stop())
        self.device_bar = DeviceBar(look, talk=talk, levels=levels, devices=devices, wishes=wishes, parent=self)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._row = QGridLayout()
        self._row.setSpacing(GAP)
        self._column.addWidget(self.status_line)
        self._column.addWidget(self.kept_line)
        self._gap = QWidget(self)
        self._gap.setFixedHeight(4)
        self._column.addWidget(self._gap)
        self._column.addLayout(self._row)
        self._column.addSpacing(GAP)
        self._column.addWidget(self.device_bar)
        kept.changed.connect(lambda _view: self._set_gap())
        talk.changed.connect(self._show)
        self._show(talk.view)
        self.set_form(WIDE)

    def set_form(self, form: Form) -> None:
        """Take the sizes and the order of `form`."""
        self._form = form
        if form.stacked != self._stacked:
            self._stacked = form.stacked
            self._place_row()
        self.talk_button.set_fills(form.stacked)
        self._set_heights()
        self.device_bar.set_form(form)
        self._set_margins()

    def set_badge(self, shown: bool) -> None:
        """Show the status line, while the large figure is not there."""
        self.status_line.setVisible(shown)
        self._set_gap()

    def base_height(self) -> int:
        """Height without the status line."""
        extra = self.status_line.height() if self.status_line.isVisibleTo(self) else 0
        if extra and not self.kept_line.isVisibleTo(self):
            extra += self._gap.height()
        return self.sizeHint().height() - extra

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._set_margins()
        self.resized.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, self._look.theme.colour("line"))

    def _set_gap(self) -> None:
        """A little room between the lines and the buttons, where there is a line."""
        self._gap.setVisible(self.status_line.isVisibleTo(self) or self.kept_line.isVisibleTo(self))

    def _place_row(self) -> None:
        row = self._row
        for widget in (self.talk_button, self.text_box, self.stop_button):
            row.removeWidget(widget)
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        if self._stacked:
            row.addWidget(self.talk_button, 0, 0)
            row.addWidget(self.stop_button, 0, 1, top)
            row.addWidget(self.text_box, 1, 0, 1, 2)
            row.setColumnStretch(0, 1)
            row.setColumnStretch(1, 0)
        else:
            row.addWidget(self.talk_button, 0, 0, bottom)
            row.addWidget(self.text_box, 0, 1)
            row.addWidget(self.stop_button, 0, 2, bottom)
            row.setColumnStretch(0, 0)
            row.setColumnStretch(1, 1)

    def _set_heights(self) -> None:
        """Talk, text and stop are equally high where they share a row, whatever the text size."""
        shared = self.talk_button.sizeHint().height()
        square = MAIN_CONTROL if self._stacked else shared
        self.stop_button.setFixedSize(square, square)
        self.text_box.set_least_height(self._form.least_text_h if self._stacked else shared)

    def _set_margins(self) -> None:
        side = side_margin(self.width(), self._form)
        self._column.setContentsMargins(side, 7 if self._form.stacked else 11, side, 8 if self._form.stacked else 10)

    def _show(self, view: TalkView) -> None:
        self._set_heights()  # another key may need another height
        self.stop_button.setEnabled(view.can_stop)
