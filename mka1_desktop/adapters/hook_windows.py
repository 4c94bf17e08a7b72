"""The hooks into keyboard and mouse of Windows (WH_KEYBOARD_LL, WH_MOUSE_LL), through pynput.

Written after pynput's documentation and Microsoft's of the Win32 API; this code cannot be run on the machine it was
written on. Windows waits for the hook with every key, and takes it away without a word when it is slow
(LowLevelHooksTimeout): so the decision is made in the hook itself, and pynput is not asked what the key types.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
from collections.abc import Callable, Collection
from typing import Any, Final, Protocol

from mka1_desktop.adapters.key_hook import HookMissing, KeyEars
from mka1_desktop.adapters.key_names import BUTTON_NAMES, called
from mka1_desktop.adapters.keys_windows import (
    KEYPAD_ENTER,
    KEYS,
    MODIFIER_CODES,
    MODIFIER_NAMES,
    VK_LCONTROL,
    VK_RETURN,
)
from mka1_desktop.domain.combos import Combo, Modifier

log = logging.getLogger(__name__)
WM_KEYDOWN, WM_KEYUP, WM_SYSKEYDOWN, WM_SYSKEYUP = 0x100, 0x101, 0x104, 0x105
_DOWN = frozenset({WM_KEYDOWN, WM_SYSKEYDOWN})
_UP = frozenset({WM_KEYUP, WM_SYSKEYUP})
# WM_LBUTTONDOWN and so on: the button, and whether it goes down. The side buttons say in `mouseData` which they are.
_CLICKS: Final[dict[int, tuple[str, bool]]] = {
    0x201: ("Mouse1", True), 0x202: ("Mouse1", False), 0x204: ("Mouse2", True), 0x205: ("Mouse2", False),
    0x207: ("Mouse3", True), 0x208: ("Mouse3", False),
}  # fmt: skip
WM_XBUTTONDOWN, WM_XBUTTONUP = 0x20B, 0x20C
_SIDES: Final[dict[int, str]] = {1: "Mouse4", 2: "Mouse5"}  # XBUTTON1, XBUTTON2
LLKHF_EXTENDED = 0x1
FALSE_CTRL_SCAN = 0x21D  # Windows presses a left Ctrl of its own, with this scan code, before AltGr
MOD_NOREPEAT = 0x4000
_MOD: Final[dict[Modifier, int]] = {"alt": 0x1, "ctrl": 0x2, "shift": 0x4, "meta": 0x8}
ERROR_HOTKEY_ALREADY_REGISTERED = 1409
LOOK_S = 1.0
HOTKEY_ID = 0x4D4B  # any below 0xC000
TICKS = 1 << 32  # milliseconds after which KBDLLHOOKSTRUCT.time begins anew


class WindowsCalls(Protocol):
    """What is needed of Windows. `keyboard` and `mouse` are pynput's modules."""

    keyboard: Any
    mouse: Any

    def is_down(self, code: int) -> bool: ...

    def is_taken(self, modifiers: int, code: int) -> bool: ...


class WindowsHook:
    """See KeyHook."""

    def __init__(self, load: Callable[[], WindowsCalls], *, mouse: bool = False) -> None:
        """`load` may raise ImportError, OSError, AttributeError."""
        self.mouse = mouse
        self._load = load
        self._lock = threading.Lock()
        self._stopped = False
        self._listeners: list[Any] = []
        self._calls: WindowsCalls | None = None
        self._alt_gr = False
        self._ticks: int | None = None
        self._at_s = 0.0

    @property
    def keys(self) -> Collection[str]:
        """See KeyHook."""
        return {*KEYS.values(), KEYPAD_ENTER, *BUTTON_NAMES}

    def run(self, ears: KeyEars, ready: Callable[[], None]) -> None:
        """See KeyHook."""
        try:
            self._calls = calls = self._load()
            listeners = [_listener(calls.keyboard, lambda message, data: self._heard(ears, calls, message, data))]
            if self.mouse:
                listeners.append(
                    _listener(calls.mouse, lambda message, data: self._clicked(ears, calls, message, data))
                )
            for listener in listeners:
                listener.start()
        except (ImportError, OSError, AttributeError) as e:
            raise HookMissing(type(e).__name__) from None
        for listener in listeners:
            listener.wait()  # before that it cannot be stopped
        with self._lock:
            self._listeners = listeners
            stopped = self._stopped
        if stopped:
            self.stop()
        else:
            ready()
        try:
            while all(listener.is_alive() for listener in listeners):
                for listener in listeners:
                    # Without a limit it waits for ever for a thread that failed; raises what ended it.
                    listener.join(LOOK_S)
        finally:
            self.stop()

    def stop(self) -> None:
        """See KeyHook."""
        with self._lock:
            self._stopped, listeners = True, self._listeners
        for listener in listeners:
            listener.stop()

    def is_free(self, combo: Combo) -> bool:
        """See KeyHook. Keys that other programs hook, as this one does, are not known to Windows."""
        code = next((code for code, name in KEYS.items() if name == combo.key), None)
        if self._calls is None or code is None:
            return True
        return not self._calls.is_taken(sum(_MOD[m] for m in combo.modifiers) | MOD_NOREPEAT, code)

    def called(self, combo: Combo) -> str:
        """See KeyHook."""
        return called(combo, MODIFIER_NAMES)

    def _heard(self, ears: KeyEars, calls: WindowsCalls, message: int, data: Any) -> bool:  # noqa: ANN401
        if message not in _DOWN | _UP:
            return False
        try:
            name = self._name(int(data.vkCode), int(data.scanCode), int(data.flags), down=message in _DOWN)
            at_s = self._seconds(int(data.time))
            return name is not None and ears.key(name, message in _DOWN, at_s, lambda: self._held(calls))
        except Exception as e:  # noqa: BLE001 - whatever it is: pynput would end the hook for it
            log.warning("a key could not be read: %s", type(e).__name__)
            return False

    def _clicked(self, ears: KeyEars, calls: WindowsCalls, message: int, data: Any) -> bool:  # noqa: ANN401
        """Called with every move of the mouse too."""
        if message in (WM_XBUTTONDOWN, WM_XBUTTONUP):
            name, down = _SIDES.get(int(data.mouseData) >> 16), message == WM_XBUTTONDOWN
        elif message in _CLICKS:
            name, down = _CLICKS[message]
        else:
            return False
        try:
            return name is not None and ears.key(name, down, self._seconds(int(data.time)), lambda: self._held(calls))
        except Exception as e:  # noqa: BLE001 - as above
            log.warning("a button could not be read: %s", type(e).__name__)
            return False

    def _name(self, code: int, scan: int, flags: int, *, down: bool) -> str | None:
        if code == VK_LCONTROL:
            if scan == FALSE_CTRL_SCAN:
                self._alt_gr = down
                return "AltGr"
            self._alt_gr = False if down else self._alt_gr
        if code == VK_RETURN and flags & LLKHF_EXTENDED:
            return KEYPAD_ENTER
        return MODIFIER_CODES.get(code) or KEYS.get(code)

    def _held(self, calls: WindowsCalls) -> frozenset[str]:
        held = {name for code, name in MODIFIER_CODES.items() if calls.is_down(code)}
        if self._alt_gr and "LeftCtrl" in held:
            held = held - {"LeftCtrl"} | {"AltGr"}
        return frozenset(held)

    def _seconds(self, ticks: int) -> float:
        with self._lock:  # both hooks have threads of their own
            passed = 0 if self._ticks is None else (ticks - self._ticks) % TICKS
            self._ticks = ticks
            self._at_s += (passed if passed < TICKS // 2 else passed - TICKS) / 1000
            return self._at_s


def _listener(devices: Any, is_ours: Callable[[int, Any], bool]) -> Any:  # noqa: ANN401 - pynput has no types
    """Make a listener of pynput's that asks what is ours, and keeps that from the program in front."""

    def decide(message: int, data: Any) -> bool:  # noqa: ANN401 - a structure of ctypes
        if is_ours(message, data):
            listener.suppress_event()  # raises what pynput's hook understands
        return False  # pynput need not find out what it types

    listener = devices.Listener(win32_event_filter=decide)
    return listener


class _Windows:
    """See WindowsCalls."""

    def __init__(self) -> None:
        from pynput import keyboard, mouse  # noqa: PLC0415 - installed on Windows only

        self.keyboard, self.mouse = keyboard, mouse
        self._user = ctypes.CDLL("user32", use_last_error=True)
        self._user.GetAsyncKeyState.restype = ctypes.c_short
        self._user.GetAsyncKeyState.argtypes = (ctypes.c_int,)
        self._user.RegisterHotKey.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_uint)
        self._user.UnregisterHotKey.argtypes = (ctypes.c_void_p, ctypes.c_int)

    def is_down(self, code: int) -> bool:
        return bool(self._user.GetAsyncKeyState(code) < 0)

    def is_taken(self, modifiers: int, code: int) -> bool:
        """Find out by registering it, for a moment."""
        if self._user.RegisterHotKey(None, HOTKEY_ID, modifiers, code):
            self._user.UnregisterHotKey(None, HOTKEY_ID)
            return False
        return sys.platform == "win32" and ctypes.get_last_error() == ERROR_HOTKEY_ALREADY_REGISTERED


def load_windows() -> WindowsCalls:
    """Raises ImportError, OSError, AttributeError where this is not Windows, or pynput is not installed."""
    return _Windows()
