"""The state beside the words: as a line with the badge, or as the large figure under the last turn."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.figure import BADGE_PX, StateFigure
from mka1_desktop.ui.keycap import HintLine
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import tabular
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.status import Phase, StatusModel, StatusView
from mka1_desktop.viewmodels.wishes import Wishes

LINE_H = 36
PANEL_EXTRA = 88  # under and over the large figure
_ACTION_H = 46


def plain_label(parent: QWidget | None = None) -> QLabel:
    """A label that shows any text as it is."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


class StatusLine(QWidget):
    """Badge, word, counter or detail; at the end the hint, or the one action that the state offers."""

    def __init__(
        self, look: Look, status: StatusModel, levels: LevelsModel, wishes: Wishes, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._badge = StateFigure(look, status, levels, stop=wishes.stop, size=BADGE_PX, parent=self)
        self._word = plain_label(self)
        self._detail = HintLine(look, size="body", parent=self)
        self._hint = HintLine(look, size="small", parent=self)
        self._action = TextButton(look, "", icon="refresh", height=28, parent=self)
        self._action_name = ""
        self._action.clicked.connect(lambda _checked=False: wishes.notice_action(self._action_name))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._badge)
        row.addWidget(self._word)
        row.addWidget(self._detail)
        row.addStretch(1)
        row.addWidget(self._hint)
        row.addWidget(self._action)
        self.setFixedHeight(LINE_H)
        status.changed.connect(self._show)
        look.theme.changed.connect(self._restyle)
        self._restyle()
        self._show(status.view)

    def _show(self, view: StatusView) -> None:
        self._word.setText(view.word)
        parts = [part for part in (view.time_text, view.detail) if part]
        self._detail.show_hint(" · ".join(parts))
        self._detail.setToolTip(view.detail)
        hint = view.hint if view.hint_key or not parts else ""
        self._hint.show_hint(hint, view.hint_key)
        self._hint.setVisible(bool(hint))  # unseen it takes no room from the others
        self._action_name = view.action
        self._action.setVisible(bool(view.action))
        if view.action_label:
            self._action.set_words(view.action_label)

    def _restyle(self) -> None:
        theme = self._look.theme
        self._word.setFont(theme.font("body", 600))
        self.setFixedHeight(max(LINE_H, round(theme.line_height("body")) + 8))


class StatusPanel(QWidget):
    """The large figure, its word and hint, and the one action that the state offers."""

    def __init__(
        self, look: Look, status: StatusModel, levels: LevelsModel, wishes: Wishes, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._wishes = wishes
        self._size = 104
        self._figure = StateFigure(look, status, levels, stop=wishes.stop, size=self._size, parent=self)
        self._word = plain_label(self)
        self._word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint = HintLine(look, size="body", centred=True, parent=self)
        self._action = TextButton(look, "", icon="refresh", height=32, parent=self)
        self._action_name = ""
        self._action.clicked.connect(lambda _checked=False: wishes.notice_action(self._action_name))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 22, 0, 12)
        column.setSpacing(4)
        for widget in (self._figure, self._word, self._hint):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(6)
        column.addWidget(self._action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._view = status.view
        status.changed.connect(self._show)
        look.theme.changed.connect(self._restyle)
        self._restyle()
        self._show(status.view)

    @property
    def action(self) -> TextButton:
        return self._action

    @property
    def wanted_height(self) -> int:
        """What the panel takes when it is shown."""
        scaled = round((PANEL_EXTRA - 48) * max(1.0, self._look.theme.scale)) + 48
        return self._size + scaled + (_ACTION_H if self._view.action else 0)

    def set_figure_size(self, size: int) -> None:
        self._size = size
        self._figure.set_size(size)
        self.setFixedHeight(self.wanted_height)

    def _show(self, view: StatusView) -> None:
        self._view = view
        counted = view.time_text if view.phase is not Phase.RECONNECTING else ""
        self._word.setText(f"{view.word} · {counted}" if counted else view.word)
        self._hint.show_hint(view.detail or view.hint, "" if view.detail else view.hint_key)
        self._action_name = view.action
        self._action.setVisible(bool(view.action))
        if view.action_label:
            self._action.set_words(view.action_label)
        self.setFixedHeight(self.wanted_height)

    def _restyle(self) -> None:
        self._word.setFont(tabular(self._look.theme.font("title")))
        self.setFixedHeight(self.wanted_height)
