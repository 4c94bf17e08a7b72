"""The conversation slot: the turns, or the empty view while there are none."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget


class ConversationPane(QStackedWidget):
    """Shows `view` when `model` has rows, else `empty`, and tells how many turns there are."""

    turns_changed = Signal(int)  # emitted when it changes; 0 means that the empty view is shown

    def __init__(
        self, model: QAbstractItemModel, *, view: QWidget, empty: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._view = view
        self._empty = empty
        self._turns = -1
        self.addWidget(empty)
        self.addWidget(view)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._count)
        self._count()

    @property
    def turns(self) -> int:
        return self._turns

    def _count(self) -> None:
        turns = self._model.rowCount()
        if turns == self._turns:
            return
        self._turns = turns
        self.setCurrentWidget(self._view if turns else self._empty)
        self.setFocusProxy(self._view if turns else self._empty)
        self.turns_changed.emit(turns)
