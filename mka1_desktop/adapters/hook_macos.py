"""The hook into keyboard and mouse of macOS: an event tap of Quartz (CGEventTapCreate), on a thread with a run loop.

Not through pynput: its keyboard listener asks for the keyboard's layout on its own thread, which ends a process that
has a Qt window (moses-palmer/pynput issues 511 and 424, pull request 512; still so in 1.8.2), and it leaves a tap that
macOS has switched off as it is. Which place of the keyboard a key has needs no layout.
Written after Apple's documentation and headers; this code cannot be run on the machine it was written on.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable, Collection
from typing import Any, Final

from mka1_desktop.adapters.key_hook import HookMissing, HookRefused, KeyEars
from mka1_desktop.adapters.key_names import BUTTON_NAMES, called
from mka1_desktop.adapters.keys_macos import KEYS, MODIFIER_NAMES, modifiers_down
from mka1_desktop.domain.combos import Combo

log = logging.getLogger(__name__)
FRAMEWORKS = "/System/Library/Frameworks"
# CGEventRef callback(CGEventTapProxy, CGEventType, CGEventRef, void *); what it returns reaches the program in front.
CALLBACK = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p)
KEY_DOWN, KEY_UP, FLAGS_CHANGED = 10, 11, 12  # kCGEventKeyDown and so on
SWITCHED_OFF: Final = frozenset({0xFFFFFFFE, 0xFFFFFFFF})  # kCGEventTapDisabledByTimeout, ...ByUserInput
MASK = 1 << KEY_DOWN | 1 << KEY_UP | 1 << FLAGS_CHANGED
# kCGEventLeftMouseDown, ...RightMouseDown, ...OtherMouseDown, and their ups
BUTTON_DOWN, BUTTON_UP = frozenset({1, 3, 25}), frozenset({2, 4, 26})
MOUSE_MASK = sum(1 << kind for kind in BUTTON_DOWN | BUTTON_UP)
SESSION_TAP, HEAD, MAY_SWALLOW = 1, 0, 0  # kCGSessionEventTap, kCGHeadInsertEventTap, kCGEventTapOptionDefault
KEY_CODE, BUTTON_NUMBER = 9, 3  # kCGKeyboardEventKeycode, kCGMouseEventButtonNumber: 0 left, 1 right, 2 middle, ...
FINISHED, STOPPED = 1, 2  # kCFRunLoopRunFinished: the tap is gone; kCFRunLoopRunStopped
LOOK_S = 1.0  # a stop that comes before the run loop runs is noticed after this


class MacFrameworks:
    """The functions that are needed, declared. Raises OSError, AttributeError where this is not macOS."""

    def __init__(self) -> None:
        self.quartz = quartz = ctypes.CDLL(f"{FRAMEWORKS}/ApplicationServices.framework/ApplicationServices")
        self.core = core = ctypes.CDLL(f"{FRAMEWORKS}/CoreFoundation.framework/CoreFoundation")
        self.mode = ctypes.c_void_p.in_dll(core, "kCFRunLoopDefaultMode")
        pointer = ctypes.c_void_p
        _declare(quartz.AXIsProcessTrusted, ctypes.c_ubyte)
        _declare(
            quartz.CGEventTapCreate, pointer,
            ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint64, CALLBACK, pointer,
        )  # fmt: skip
        _declare(quartz.CGEventTapEnable, None, pointer, ctypes.c_bool)
        _declare(quartz.CGEventGetFlags, ctypes.c_uint64, pointer)
        _declare(quartz.CGEventGetIntegerValueField, ctypes.c_int64, pointer, ctypes.c_uint32)
        _declare(core.CFMachPortCreateRunLoopSource, pointer, pointer, pointer, ctypes.c_long)
        _declare(core.CFMachPortInvalidate, None, pointer)
        _declare(core.CFRunLoopGetCurrent, pointer)
        _declare(core.CFRunLoopAddSource, None, pointer, pointer, pointer)
        _declare(core.CFRunLoopRunInMode, ctypes.c_int32, pointer, ctypes.c_double, ctypes.c_ubyte)
        _declare(core.CFRunLoopStop, None, pointer)
        _declare(core.CFRetain, pointer, pointer)
        _declare(core.CFRelease, None, pointer)


class MacHook:
    """See KeyHook."""

    def __init__(self, load: Callable[[], Any], *, clock: Callable[[], float], mouse: bool = False) -> None:
        """`load` gives what MacFrameworks has, and may raise what it raises.

        Times are those at which the tap is called, which macOS does at once: the unit of an event's own time differs
        between Intel's and Apple's processors.
        """
        self.mouse = mouse
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._stopped = False
        self._loop: int | None = None
        self._tap: int | None = None
        self._found: Any = None

    @property
    def keys(self) -> Collection[str]:
        """See KeyHook."""
        return (*KEYS.values(), *BUTTON_NAMES)

    def is_free(self, combo: Combo) -> bool:
        """See KeyHook. macOS does not tell."""
        del combo
        return True

    def called(self, combo: Combo) -> str:
        """See KeyHook."""
        return called(combo, MODIFIER_NAMES)

    def run(self, ears: KeyEars, ready: Callable[[], None]) -> None:
        """See KeyHook."""
        try:
            self._found = found = self._load()
        except (OSError, AttributeError) as e:  # the frameworks, or a function in them
            raise HookMissing(type(e).__name__) from None
        if not found.quartz.AXIsProcessTrusted():
            raise HookRefused
        callback = CALLBACK(lambda _proxy, kind, event, _own: self._heard(ears, kind, event))
        mask = MASK | MOUSE_MASK if self.mouse else MASK
        tap = found.quartz.CGEventTapCreate(SESSION_TAP, HEAD, MAY_SWALLOW, mask, callback, None)
        if not tap:
            raise HookRefused
        self._tap = tap
        source = found.core.CFMachPortCreateRunLoopSource(None, tap, 0)
        try:
            self._listen(source, ready)
        finally:
            found.quartz.CGEventTapEnable(tap, False)
            found.core.CFMachPortInvalidate(tap)
            found.core.CFRelease(source)
            found.core.CFRelease(tap)

    def _listen(self, source: int, ready: Callable[[], None]) -> None:
        core = self._found.core
        loop = core.CFRetain(core.CFRunLoopGetCurrent())
        core.CFRunLoopAddSource(loop, source, self._found.mode)
        self._found.quartz.CGEventTapEnable(self._tap, True)
        with self._lock:
            self._loop = loop
        try:
            ready()
            while not self._stopped and core.CFRunLoopRunInMode(self._found.mode, LOOK_S, False) != FINISHED:
                pass
        finally:
            with self._lock:
                self._loop = None
            core.CFRelease(loop)

    def stop(self) -> None:
        """See KeyHook."""
        with self._lock:
            self._stopped = True
            if self._loop is not None:
                self._found.core.CFRunLoopStop(self._loop)

    def _heard(self, ears: KeyEars, kind: int, event: int | None) -> int | None:
        """Called by macOS with each event; None swallows it."""
        try:
            if kind in SWITCHED_OFF:
                self._switched_off(ears)
            elif event is not None and self._is_ours(ears, kind, event):
                return None
        except Exception as e:  # noqa: BLE001 - whatever it is: ctypes would swallow the key for it
            log.warning("a key could not be read: %s", type(e).__name__)
        return event

    def _is_ours(self, ears: KeyEars, kind: int, event: int) -> bool:
        held = modifiers_down(self._found.quartz.CGEventGetFlags(event))
        at_s = self._clock()
        if kind == FLAGS_CHANGED:
            ears.modifiers(held, at_s)
            return False
        number = self._found.quartz.CGEventGetIntegerValueField
        if kind in BUTTON_DOWN | BUTTON_UP:
            name = dict(enumerate(BUTTON_NAMES)).get(number(event, BUTTON_NUMBER))
        else:
            name = KEYS.get(number(event, KEY_CODE))
        return name is not None and ears.key(name, kind == KEY_DOWN or kind in BUTTON_DOWN, at_s, lambda: held)

    def _switched_off(self, ears: KeyEars) -> None:
        """The tap was too slow once, or the person took the right to it away."""
        ears.interrupted()
        if self._found.quartz.AXIsProcessTrusted():
            self._found.quartz.CGEventTapEnable(self._tap, True)
        else:
            self.stop()


def _declare(function: Any, gives: Any, *takes: Any) -> None:  # noqa: ANN401 - ctypes has no names for them
    """Give pointers their width: ctypes would cut them to 32 bits."""
    function.restype, function.argtypes = gives, takes
