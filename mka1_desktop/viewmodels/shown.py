"""The base of the view-models: one frozen view in, one signal out when it differs."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

View = TypeVar("View")


class Shown(QObject, Generic[View]):
    """Holds the newest view. Widgets read `view` once and then listen to `changed`."""

    changed = Signal(object)  # the new view; emitted only when it differs from the last one

    def __init__(self, view: View, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view

    @property
    def view(self) -> View:
        return self._view

    def show(self, view: View) -> None:
        """Show `view` from now on; an equal one changes nothing."""
        if view == self._view:
            return
        self._view = view
        self.changed.emit(view)
