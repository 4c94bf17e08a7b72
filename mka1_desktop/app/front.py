"""The window as it is first painted, made of settings alone: nothing works behind it yet.

What it imports is what a start waits for. Session, adapters and dialogs come after the first frame (`app/desktop.py`).
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from mka1_desktop.app.ending import Ending
from mka1_desktop.app.later import Later
from mka1_desktop.app.window import build_frame, build_look, build_models, usual_suggestions
from mka1_desktop.domain.settings import Settings

PAINT_LIMIT_S = 1.0  # a window on another workspace may never be painted


class Front:
    """Look, models, window. What is wished in it before `later.begin` waits there."""

    def __init__(self, app: QApplication, *, settings: Settings, resources: Path, ending: Ending) -> None:
        self.began_s = time.monotonic()
        self.settings = settings
        self.ending = ending
        self.later = Later()
        self.look = build_look(app, settings, resources)
        self.models = build_models(settings)
        self.frame = build_frame(
            self.look, self.models, self.later.wishes, settings, go_on=self.later.go_on,
            pin_thread=self.later.pin_thread, open_account=self.later.open_account,
        )  # fmt: skip
        self.frame.suggest(usual_suggestions())
        self.frame.window.close_requested.connect(ending.quit)
        self._paint = _FirstPaint(self.frame.window)

    def show(self) -> None:
        self.frame.window.show()

    def has_painted(self) -> bool:
        """Whether the first frame is on the screen."""
        return self._paint.done.is_set()

    async def painted(self) -> None:
        """Return when the first frame is on the screen; at once for a window that is not shown."""
        if not self.frame.window.isVisible():
            return
        try:
            async with asyncio.timeout(PAINT_LIMIT_S):
                await self._paint.done.wait()
        except TimeoutError:
            return


class _FirstPaint(QObject):
    """Waits for the first frame of a window."""

    def __init__(self, window: QObject) -> None:
        super().__init__(window)
        self.done = asyncio.Event()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self.done.set)  # after the other widgets of this frame
        return False
