"""Another program on a private screen: it has the focus, and knows what is typed into it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from Xlib import X
from Xlib.display import Display


class OtherProgram:
    """Use as a context manager; it takes the focus when it comes up."""

    def __init__(self, display: str) -> None:
        self._display: Any = Display(display)
        mask = X.KeyPressMask | X.KeyReleaseMask | X.StructureNotifyMask
        root = self._display.screen().root
        self._window = root.create_window(0, 0, 200, 100, 0, X.CopyFromParent, event_mask=mask)
        self._window.set_wm_name("Another program")

    def __enter__(self) -> Self:
        self._window.map()
        while self._display.next_event().type != X.MapNotify:
            pass
        self.take_focus()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.close()

    def take_focus(self) -> None:
        self._window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.sync()

    def typed(self, keysym: int) -> int:
        """How often this key was pressed in the window since the last call, repeats included."""
        self._display.sync()
        count = 0
        while self._display.pending_events():
            event = self._display.next_event()
            count += event.type == X.KeyPress and self._display.keycode_to_keysym(event.detail, 0) == keysym
        return count
