"""The talk key inside the window, and Esc: found before any widget gets them, so a text box never inserts them.

The talk key may be a button of the mouse.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QInputEvent, QKeyEvent, QKeySequence, QMouseEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from mka1_desktop.domain.combos import parse_combo
from mka1_desktop.ui.input_time import InputTime
from mka1_desktop.ui.key_words import key_of, qt_button, qt_modifiers
from mka1_desktop.viewmodels.wishes import Wishes

_KEYS = frozenset({QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride})
_BUTTONS = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick})
_SHOWN = frozenset({QEvent.Type.Show, QEvent.Type.WinIdChange})
_MODIFIER_KEYS: dict[Qt.Key, Qt.KeyboardModifier] = {
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
    Qt.Key.Key_AltGr: Qt.KeyboardModifier.AltModifier,
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
    Qt.Key.Key_Meta: Qt.KeyboardModifier.MetaModifier,
}
_ALL_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.ShiftModifier
    | Qt.KeyboardModifier.MetaModifier
)


class TalkKeys(QObject):
    """Watches the key events of one window: at the window of the system, and at the widget that has the focus.

    Keys of the keyboard come to the system's window first. A shortcut is asked for at the focused widget. A filter of
    the whole application would see both, but also every other event of every object; at the start alone that costs
    20 ms, since PySide then builds the Python types of all those objects.

    Pressed and released come in pairs. The key counts as released when the main key or one of its modifiers comes up,
    or when the window loses the focus; what still repeats of the main key afterwards is swallowed.
    """

    held = Signal(bool)
    _window: QWidget | None = None  # also what events see that arrive while everything is taken down

    def __init__(self, window: QWidget, wishes: Wishes, *, key: str, can_stop: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window = window
        self._wishes = wishes
        self._can_stop = can_stop
        self._key = Qt.Key.Key_unknown
        self._button = Qt.MouseButton.NoButton
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._down = False
        self._time = InputTime()
        self._swallow = False  # the main key is still down, though talking has ended
        self._paused = False
        self.set_key(key)
        window.installEventFilter(self)
        self._watch_handle()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._watch_focused)
            self._watch_focused(None, app.focusWidget())

    def set_key(self, key: str) -> None:
        """Use another key, written as in the settings (`Ctrl+Alt+Space`); one that means nothing is none."""
        self.let_go()
        self._key, self._modifiers = Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier
        combo = parse_combo(key)
        self._button = qt_button(combo)
        if combo is not None and combo.button is not None:
            self._modifiers = qt_modifiers(combo)
            return
        sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
        if sequence.isEmpty():
            return
        first = sequence[0]  # type: ignore[index]  # PySide's stubs leave out __getitem__
        self._key, self._modifiers = first.key(), first.keyboardModifiers()

    def set_paused(self, paused: bool) -> None:
        """Leave the keys alone, while a dialog asks for a new one."""
        self._paused = paused
        if paused:
            self.let_go()

    def let_go(self, event: QInputEvent | None = None) -> None:
        """Count the key as released now, by `event` if one came."""
        if self._down:
            self._down = False
            self._wishes.talk_released(self._time.since_last(event))
            self.held.emit(False)

    def _watch_handle(self) -> None:
        """The window gets its system window when it is first shown, and may get another one later."""
        handle = None if self._window is None else self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)  # once, however often it is called

    def _watch_focused(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and old is not self._window and isValid(old):
            old.removeEventFilter(self)
        if new is not None and self._window is not None and new.window() is self._window:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _KEYS:
            if (
                self._window is not None
                and not self._paused
                and isinstance(event, QKeyEvent)
                and self._is_ours(watched)
            ):
                return self._key_event(kind, event)
        elif kind in _BUTTONS:
            if (
                self._button != Qt.MouseButton.NoButton
                and not self._paused
                and isinstance(event, QMouseEvent)
                and self._is_ours(watched)
            ):
                return self._button_event(kind, event)
        elif self._window is not None and watched is self._window:
            if kind is QEvent.Type.WindowDeactivate:
                self._swallow = False
                self.let_go()
            elif kind in _SHOWN:
                self._watch_handle()
        return False

    def _is_ours(self, watched: QObject) -> bool:
        if QApplication.activeModalWidget() not in (None, self._window) or QApplication.activePopupWidget() is not None:
            return False
        if isinstance(watched, QWindow):
            return self._window is not None and watched is self._window.windowHandle()
        return isinstance(watched, QWidget) and watched.window() is self._window

    def _key_event(self, kind: QEvent.Type, event: QKeyEvent) -> bool:
        if kind is QEvent.Type.KeyRelease:
            return self._released(event)
        if event.key() == Qt.Key.Key_Escape:
            return self._escape(kind, event)
        ours = self._is_key(event)
        is_key = ours and event.modifiers() & _ALL_MODIFIERS == self._modifiers
        busy = ours and (self._down or self._swallow)
        if not (is_key or busy):
            return False
        event.accept()
        if kind is QEvent.Type.KeyPress and is_key and not event.isAutoRepeat() and not self._down:
            self._down, self._swallow = True, True
            self._wishes.talk_pressed(self._time.since_last(event))
            self.held.emit(True)
        return True

    def _released(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if self._is_key(event) and (self._down or self._swallow):
            event.accept()
            if not event.isAutoRepeat():
                self._swallow = False
                self.let_go(event)
            return True
        if self._down and _MODIFIER_KEYS.get(key, Qt.KeyboardModifier.NoModifier) & self._modifiers:
            self.let_go(event)
        return False

    def _is_key(self, event: QKeyEvent) -> bool:
        return self._key != Qt.Key.Key_unknown and self._key in (event.key(), key_of(event))

    def _button_event(self, kind: QEvent.Type, event: QMouseEvent) -> bool:
        """Like `_key_event`; a double click is told after the press that it begins with."""
        if event.button() != self._button:
            return False
        if kind is QEvent.Type.MouseButtonRelease:
            ours, self._swallow = self._down or self._swallow, False
            self.let_go(event)
            return ours
        if event.modifiers() & _ALL_MODIFIERS == self._modifiers and not self._down:
            self._down, self._swallow = True, True
            self._wishes.talk_pressed(self._time.since_last(event))
            self.held.emit(True)
        return self._down or self._swallow

    def _escape(self, kind: QEvent.Type, event: QKeyEvent) -> bool:
        """Esc stops a voice before it means anything else."""
        if not self._can_stop():
            return False
        event.accept()
        if kind is QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._wishes.stop()
        return True
