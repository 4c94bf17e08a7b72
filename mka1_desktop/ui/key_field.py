"""A field for one key or mouse button with its modifiers: activate it, press them, done."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from mka1_desktop.ui.key_words import button_combo, key_of, native_key
from mka1_desktop.ui.keycap import cap_height, cap_width, paint_cap
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.paint import mirrored, pen, ring_around, rounded, text_line, text_width
from mka1_desktop.ui.painted import Painted
from mka1_desktop.ui.theme import RADIUS_ROW, TARGET
from mka1_desktop.viewmodels.words import isolated, tr

SIDE = 13
_MODIFIER_KEYS = frozenset(
    {
        Qt.Key.Key_Control,
        Qt.Key.Key_Shift,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_Super_L,
        Qt.Key.Key_Super_R,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_unknown,
    }
)
_STRONG = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_LONE_KEYS = frozenset({Qt.Key.Key_Pause, Qt.Key.Key_ScrollLock, Qt.Key.Key_Insert, Qt.Key.Key_Menu})


class KeyField(Painted, QAbstractButton):
    """`chosen` gets the key in Qt's portable form (Ctrl+Alt+Space); `refused` a sentence when it cannot be one."""

    chosen = Signal(str)
    refused = Signal(str)

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._name = name
        self._key = ""
        self._recording = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        ring_around(self, RADIUS_ROW)
        self.clicked.connect(lambda: self._record(on=True))
        self._say()

    @property
    def recording(self) -> bool:
        return self._recording

    @property
    def key(self) -> str:
        return self._key

    def set_key(self, key: str) -> None:
        """Show a key in portable form; nothing is emitted."""
        self._key = key
        self._say()

    def sizeHint(self) -> QSize:
        return QSize(200, max(TARGET, round(cap_height(self._look.theme)) + 14))

    def event(self, event: QEvent) -> bool:
        if self._recording and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()  # the keys are ours now, whatever they usually do
            return True
        if self._recording and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._take(event)  # before Tab moves the focus away
            return True
        if self._recording and event.type() is QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._take_button(event)
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._record(on=False)
        super().focusOutEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self._recording:
            rounded(painter, box, RADIUS_ROW, theme.colour("accent_soft"), pen(theme.colour("accent"), 1.5))
            words = mirrored(self, box.adjusted(SIDE, 0, -SIDE, 0))
            hint = tr("Settings", "Press keys or a mouse button")
            text_line(painter, self, words, hint, theme.font("body"), theme.colour("accent_text"))
            return
        fill = theme.colour("hover" if self.underMouse() else "surface")
        rounded(painter, box, RADIUS_ROW, fill, pen(theme.colour("control")))
        if self._key:
            key, high = native_key(self._key), cap_height(theme)
            cap = QRectF(SIDE - 4, round((self.height() - high) / 2), cap_width(theme, key), high)
            paint_cap(painter, theme, mirrored(self, cap), key, ink=theme.colour("text"), edge=theme.colour("control"))
        room = QRectF(self.width() / 2, 0, self.width() / 2 - SIDE, self.height())
        change = tr("Settings", "Change")
        width = text_width(theme.font("small"), change) + 2
        end = mirrored(self, QRectF(room.right() - width, 0, width, self.height()))
        text_line(painter, self, end, change, theme.font("small"), theme.colour("accent_text"))

    def _record(self, *, on: bool) -> None:
        if on != self._recording:
            self._recording = on
            self._say()

    def _take(self, event: QKeyEvent) -> None:
        key, modifiers = key_of(event), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in _MODIFIER_KEYS:
            return
        if key == Qt.Key.Key_Escape and not modifiers:
            self._record(on=False)
            return
        function_key = Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
        if not modifiers & _STRONG and not function_key and key not in _LONE_KEYS:
            self.refused.emit(tr("Settings", "Hold Ctrl or Alt with it, or take a function key."))
            return
        combination = QKeySequence(QKeyCombination(modifiers, key))
        self._choose(combination.toString(QKeySequence.SequenceFormat.PortableText))

    def _take_button(self, event: QMouseEvent) -> None:
        combo = button_combo(event.button(), event.modifiers())
        if combo is None:
            self.refused.emit(tr("Settings", "This mouse button has no name here. Take another one."))
        elif combo.is_click:
            self.refused.emit(
                tr("Settings", "Every program needs this button. Hold Ctrl or Alt, or take a side button.")
            )
        else:
            self._choose(str(combo))

    def _choose(self, key: str) -> None:
        self.set_key(key)
        self._record(on=False)
        self.chosen.emit(self._key)

    def _say(self) -> None:
        shown = isolated(native_key(self._key)) if self._key else tr("Settings", "none")
        state = tr("Settings", "press the keys now") if self._recording else shown
        self.setAccessibleName(f"{self._name}: {state}")
        self.update()
