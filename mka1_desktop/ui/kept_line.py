"""One line above the talk button: that speech is kept, waits or is being sent, and the way to drop it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, tabular, text_line, text_width
from mka1_desktop.ui.roles import Role
from mka1_desktop.viewmodels.kept import KeptModel, KeptStage, KeptView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

LINE_H, BUTTON_H, ICON, GAP = 36, 28, 20, 10
_LOOKS: dict[KeptStage, tuple[str, Role]] = {
    KeptStage.NONE: ("mic", "text2"),
    KeptStage.RECORDING: ("mic", "live_text"),
    KeptStage.WAITING: ("clock", "text2"),
    KeptStage.RESTING: ("clock", "text2"),
    KeptStage.SENDING: ("waveform", "accent_text"),
}


class KeptLine(QWidget):
    """Not there while nothing is kept."""

    def __init__(self, look: Look, model: KeptModel, wishes: Wishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._view = model.view
        self.drop_button = TextButton(look, tr("Kept", "Drop"), icon="trash", height=BUTTON_H, parent=self)
        self.drop_button.setAccessibleDescription(tr("Kept", "What you said is not sent"))
        self.drop_button.setToolTip(tr("Kept", "Do not send what you said"))
        self.drop_button.clicked.connect(lambda _checked=False: wishes.drop_speech())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.drop_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        model.changed.connect(self._show)
        look.theme.changed.connect(self._restyle)
        self._restyle()
        self._show(model.view)

    @property
    def words(self) -> str:
        """What stands there at this width."""
        font = tabular(self._look.theme.font("body", 500))
        return self._view.words if text_width(font, self._view.words) <= self._room() else self._view.short

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        icon, role = _LOOKS[self._view.stage]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = mirrored(self, QRectF(2, (self.height() - ICON) // 2, ICON, ICON))
        self._look.icons.paint(painter, icon, box, theme.colour(role))
        words = mirrored(self, QRectF(2 + ICON + GAP, 0, self._room(), self.height()))
        text_line(painter, self, words, self.words, tabular(theme.font("body", 500)), theme.colour(role))

    def _room(self) -> float:
        """Px for the words."""
        return self.width() - 2 - ICON - GAP - self.drop_button.sizeHint().width() - GAP

    def _show(self, view: KeptView) -> None:
        self._view = view
        self.setAccessibleName(view.words)
        self.setVisible(view.stage is not KeptStage.NONE)
        self.update()

    def _restyle(self) -> None:
        self.setFixedHeight(max(LINE_H, round(self._look.theme.line_height("body")) + 8))
        self.update()
