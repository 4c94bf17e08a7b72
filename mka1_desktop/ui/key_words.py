"""Keys and mouse buttons of a combination: in Qt's terms, and in the words of this system."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence

from mka1_desktop.domain.combos import Combo, Modifier, parse_combo
from mka1_desktop.viewmodels.words import tr

_MODIFIERS: Final[dict[Modifier, Qt.KeyboardModifier]] = {
    "ctrl": Qt.KeyboardModifier.ControlModifier,
    "alt": Qt.KeyboardModifier.AltModifier,
    "shift": Qt.KeyboardModifier.ShiftModifier,
    "meta": Qt.KeyboardModifier.MetaModifier,
}
_BUTTONS: Final[dict[int, Qt.MouseButton]] = {
    1: Qt.MouseButton.LeftButton,
    2: Qt.MouseButton.RightButton,
    3: Qt.MouseButton.MiddleButton,
    4: Qt.MouseButton.BackButton,
    5: Qt.MouseButton.ForwardButton,
}
# The keys F13 to F24, which foot pedals send, have these codes on Linux, where they may have other names.
_PEDALS: Final = range(191, 203)


def native_key(key: str) -> str:
    """Return a combination of the settings as this system writes it."""
    combo = parse_combo(key)
    if combo is not None and combo.button is not None:
        return _native(QKeyCombination(qt_modifiers(combo), Qt.Key.Key_A))[:-1] + _button_words(combo.button)
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.NativeText) or key


def qt_modifiers(combo: Combo) -> Qt.KeyboardModifier:
    """Return the modifiers of a combination as Qt has them."""
    found = Qt.KeyboardModifier.NoModifier
    for modifier in combo.modifiers:
        found |= _MODIFIERS[modifier]
    return found


def qt_button(combo: Combo | None) -> Qt.MouseButton:
    """Return the mouse button of a combination, NoButton when it is of keys."""
    return Qt.MouseButton.NoButton if combo is None else _BUTTONS.get(combo.button or 0, Qt.MouseButton.NoButton)


def button_combo(button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> Combo | None:
    """Return what a click means, None for a button that has no name here."""
    number = next((number for number, known in _BUTTONS.items() if known == button), None)
    if number is None:
        return None
    held = frozenset(name for name, flag in _MODIFIERS.items() if modifiers & flag)
    return Combo(modifiers=held, key=f"Mouse{number}")


def key_of(event: QKeyEvent) -> Qt.Key:
    """Return the key of an event; one of a pedal as the function key that it is."""
    code = event.nativeScanCode()
    if code in _PEDALS and QGuiApplication.platformName() not in {"windows", "cocoa"}:
        return Qt.Key(Qt.Key.Key_F13 + _PEDALS.index(code))
    return Qt.Key(event.key())


def _native(combination: QKeyCombination) -> str:
    return QKeySequence(combination).toString(QKeySequence.SequenceFormat.NativeText)


def _button_words(number: int) -> str:
    clicks = {1: tr("Keys", "Left click"), 2: tr("Keys", "Right click"), 3: tr("Keys", "Middle click")}
    return clicks.get(number) or tr("Keys", "Mouse {number}", number=number)
