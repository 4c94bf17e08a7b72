"""What all controls that we paint ourselves have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFocusEvent

from mka1_desktop.ui.paint import hover_changes, note_focus

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as _Widget
else:
    _Widget = object  # beside a Qt class, not one itself: Python allows only one of them among the bases


class Painted(_Widget):
    """First base of a control: remembers how the focus came, and paints anew when the pointer comes or goes."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        note_focus(self, event)
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        if hover_changes(event):
            self.update()
        return super().event(event)
