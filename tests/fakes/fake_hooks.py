"""A keyboard whose hook is played: pynput's listener and the calls of Windows, and the frameworks of macOS."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Protocol

from mka1_desktop.adapters import keys_macos, keys_windows
from mka1_desktop.adapters.hook_macos import FINISHED, FLAGS_CHANGED, KEY_DOWN, KEY_UP, MASK, MOUSE_MASK, STOPPED
from mka1_desktop.adapters.hook_windows import (
    FALSE_CTRL_SCAN,
    LLKHF_EXTENDED,
    WM_KEYDOWN,
    WM_KEYUP,
    WM_SYSKEYDOWN,
    WM_SYSKEYUP,
    WM_XBUTTONDOWN,
    WM_XBUTTONUP,
)

LIMIT_S = 20.0


class PlayedKeyboard(Protocol):
    """Presses and releases are done on the hook's thread and answered there."""

    listening: int  # hooks that are alive
    started: int
    gone: Exception | None  # what loading raises

    def load(self) -> Any: ...

    def key(self, name: str, down: bool) -> bool:
        """Return whether the program in front did not see it."""

    def button(self, number: int, down: bool) -> bool:
        """Like `key`: 1 left, 2 right, 3 middle, 4 back, 5 forward."""

    def passes(self, seconds: float) -> None: ...

    def clock(self) -> float: ...

    def lose_modifiers(self) -> None:
        """They come up and nobody is told."""

    def die(self) -> None: ...


class HookThread:
    """Work for the thread that listens, and its end."""

    def __init__(self) -> None:
        self.work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def ask(self, question: Callable[[], bool]) -> bool:
        answers: queue.SimpleQueue[bool | BaseException] = queue.SimpleQueue()

        def job() -> None:
            try:
                answers.put(question())
            except BaseException as e:  # the test gets it
                answers.put(e)
                raise

        self.work.put(job)
        answer = answers.get(timeout=LIMIT_S)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class KeyData:
    """KBDLLHOOKSTRUCT."""

    vkCode: int  # noqa: N815 - as Windows calls them
    scanCode: int  # noqa: N815
    flags: int
    time: int


@dataclass
class MouseData:
    """MSLLHOOKSTRUCT."""

    mouseData: int  # noqa: N815 - as Windows calls them
    flags: int
    time: int


class PlayedWindows:
    """See PlayedKeyboard. Also WindowsCalls; `keyboard` and `mouse` are the modules of pynput."""

    def __init__(self) -> None:
        self.listening = 0
        self.started = 0
        self.gone: Exception | None = None
        self.fails: Exception | None = None  # what starting the listener raises
        self.taken: set[tuple[int, int]] = set()
        self.down: set[int] = set()
        self.ticks = 5000
        self.hook: Any = None
        self.mouse_hook: Any = None
        world = self

        class Suppressed(Exception):  # noqa: N818 - pynput's is called SuppressException
            pass

        class Listener:
            def __init__(self, *, win32_event_filter: Callable[[int, Any], bool]) -> None:
                if world.fails is not None:
                    raise world.fails
                self._filter = win32_event_filter
                self.own = HookThread()
                self._thread = threading.Thread(target=self._run, name="played listener", daemon=True)
                self._ready = threading.Event()
                self._failed: BaseException | None = None

            def start(self) -> None:
                self._thread.start()

            def wait(self) -> None:
                assert self._ready.wait(LIMIT_S)

            def is_alive(self) -> bool:
                return self._thread.is_alive()

            def stop(self) -> None:
                self.own.work.put(None)

            def join(self, timeout: float | None = None) -> None:
                self._thread.join(timeout)
                if self._failed is not None:
                    raise self._failed

            def suppress_event(self) -> None:
                raise Suppressed

            def hears(self, message: int, data: KeyData | MouseData) -> bool:
                def question() -> bool:
                    try:
                        assert self._filter(message, data) is False  # else pynput translates it
                    except Suppressed:
                        return True
                    return False

                return self.own.ask(question)

            def _appear(self) -> None:
                world.hook = self

            def _run(self) -> None:
                self._appear()
                world.listening += 1
                world.started += 1
                self._ready.set()
                try:
                    while (job := self.own.work.get()) is not None:
                        job()
                except OSError as e:
                    self._failed = e
                finally:
                    world.listening -= 1

        class MouseListener(Listener):
            def _appear(self) -> None:
                world.mouse_hook = self

        self.keyboard = SimpleNamespace(Listener=Listener)
        self.mouse = SimpleNamespace(Listener=MouseListener)

    def load(self) -> PlayedWindows:
        if self.gone is not None:
            raise self.gone
        return self

    def is_down(self, code: int) -> bool:
        return code in self.down

    def is_taken(self, modifiers: int, code: int) -> bool:
        return (modifiers & 0xF, code) in self.taken

    def key(self, name: str, down: bool, *, scan: int = 0x1D, flags: int = 0) -> bool:
        code = _codes(keys_windows.KEYS | keys_windows.MODIFIER_CODES)[name]
        system = 0xA4 in self.down and 0xA2 not in self.down
        message = (WM_SYSKEYDOWN if system else WM_KEYDOWN) if down else (WM_SYSKEYUP if system else WM_KEYUP)
        swallowed: bool = self.hook.hears(message, KeyData(code, scan, flags, self.ticks % (1 << 32)))
        if not swallowed:  # GetAsyncKeyState knows only what came through
            self.down = self.down | {code} if down else self.down - {code}
        return swallowed

    def button(self, number: int, down: bool) -> bool:
        if number > 3:
            message, which = WM_XBUTTONDOWN if down else WM_XBUTTONUP, number - 3
        else:
            message, which = {1: 0x201, 2: 0x204, 3: 0x207}[number] + (0 if down else 1), 0
        swallowed: bool = self.mouse_hook.hears(message, MouseData(which << 16, 0, self.ticks % (1 << 32)))
        return swallowed

    def move(self) -> bool:
        """Move the mouse."""
        swallowed: bool = self.mouse_hook.hears(0x200, MouseData(0, 0, self.ticks % (1 << 32)))
        return swallowed

    def alt_gr(self, down: bool) -> None:
        """A left Ctrl of Windows' own comes first."""
        self.key("LeftCtrl", down, scan=FALSE_CTRL_SCAN)
        self.key("RightAlt", down, flags=LLKHF_EXTENDED)

    def clock(self) -> float:
        raise AssertionError("the events have times of their own")

    def passes(self, seconds: float) -> None:
        self.ticks += round(seconds * 1000)

    def lose_modifiers(self) -> None:
        self.down.clear()

    def die(self) -> None:
        def fail() -> None:
            raise OSError("the message loop")

        self.hook.own.work.put(fail)


@dataclass
class PlayedMac:
    """See PlayedKeyboard. Also MacFrameworks, and both frameworks."""

    listening: int = 0
    started: int = 0
    gone: Exception | None = None
    trusted: bool = True
    makes_taps: bool = True
    enabled: bool = False
    breaks: bool = False
    now_s: float = 100.0
    flags: int = 0
    hears_buttons: bool = False
    mode: object = "default mode"
    own: HookThread = field(default_factory=HookThread)
    live: set[int] = field(default_factory=set)  # objects that are not released yet
    _tap: Any = None
    _serial: int = 1000
    _event: tuple[int, int] = (0, 0)
    _kind: int = 0

    @property
    def quartz(self) -> PlayedMac:
        return self

    @property
    def core(self) -> PlayedMac:
        return self

    def load(self) -> PlayedMac:
        if self.gone is not None:
            raise self.gone
        return self

    def clock(self) -> float:
        return self.now_s

    def _made(self) -> int:
        self._serial += 1
        self.live.add(self._serial)
        return self._serial

    # --- the frameworks

    def AXIsProcessTrusted(self) -> int:  # noqa: N802 - Apple's names, here and below
        return int(self.trusted)

    def CGEventTapCreate(self, *asked: Any) -> int | None:  # noqa: N802
        *how, callback, own = asked
        assert (how[:3], own) == ([1, 0, 0], None)
        assert how[3] in {MASK, MASK | MOUSE_MASK}
        self.hears_buttons = how[3] != MASK
        if not self.makes_taps:
            return None
        self._tap = callback
        self.started += 1
        self.listening += 1
        return self._made()

    def CGEventTapEnable(self, tap: int, enabled: bool) -> None:  # noqa: N802
        assert tap in self.live
        self.enabled = enabled

    def CGEventGetFlags(self, event: int) -> int:  # noqa: N802
        if self.breaks:
            raise ValueError("flags")
        return self._event[1]

    def CGEventGetIntegerValueField(self, event: int, which: int) -> int:  # noqa: N802
        assert which == (3 if self._kind in {1, 2, 3, 4, 25, 26} else 9)
        return self._event[0]

    def CFMachPortCreateRunLoopSource(self, allocator: None, tap: int, order: int) -> int:  # noqa: N802
        return self._made()

    def CFMachPortInvalidate(self, tap: int) -> None:  # noqa: N802
        assert tap in self.live
        self.listening -= 1

    def CFRunLoopGetCurrent(self) -> int:  # noqa: N802
        return 77

    def CFRunLoopAddSource(self, loop: int, source: int, mode: object) -> None:  # noqa: N802
        assert (loop, mode) == (77, self.mode)
        assert source in self.live

    def CFRunLoopRunInMode(self, mode: object, seconds: float, once: bool) -> int:  # noqa: N802
        while True:
            try:
                job = self.own.work.get(timeout=seconds)
            except queue.Empty:
                return 3
            if job is None:
                return STOPPED
            try:
                job()
            except OSError:
                return FINISHED

    def CFRunLoopStop(self, loop: int) -> None:  # noqa: N802
        self.own.work.put(None)

    def CFRetain(self, thing: int) -> int:  # noqa: N802
        self.live.add(thing)
        return thing

    def CFRelease(self, thing: int) -> None:  # noqa: N802
        self.live.remove(thing)

    # --- the keyboard

    def key(self, name: str, down: bool) -> bool:
        for mask, sides in keys_macos.FLAGS:
            for bit, side in sides:
                if side == name:
                    self.flags = (self.flags | mask | bit) if down else (self.flags & ~mask & ~bit)
                    return self.event(FLAGS_CHANGED, 0)
        return self.event(KEY_DOWN if down else KEY_UP, _codes(keys_macos.KEYS)[name])

    def button(self, number: int, down: bool) -> bool:
        assert self.hears_buttons
        return self.event({1: 1, 2: 3}.get(number, 25) + (0 if down else 1), number - 1)

    def event(self, kind: int, code: int, handle: int | None = 4242) -> bool:
        def question() -> bool:
            self._event, self._kind = (code, self.flags), kind
            answer = self._tap(None, kind, handle, None)
            assert answer in {None, handle}
            return answer is None

        return self.own.ask(question)

    def passes(self, seconds: float) -> None:
        self.now_s += seconds

    def lose_modifiers(self) -> None:
        self.flags = 0

    def die(self) -> None:
        def fail() -> None:
            raise OSError("the tap is gone")

        self.own.work.put(fail)


def _codes(table: dict[int, str]) -> dict[str, int]:
    return {name: code for code, name in table.items()}
