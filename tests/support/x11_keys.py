"""A person at a keyboard of X11, what a port of keys tells of it, and a way to the screen that can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from Xlib import X, error
from Xlib.display import Display
from Xlib.ext import xtest

from mka1_desktop.adapters.hotkeys_x11 import X11Hotkeys
from mka1_desktop.domain.combos import Combo, parse_combo
from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyName, HotkeyProblem
from tests.support.screen import Screen

LIMIT_S = 30.0
CONTROL, ALT = X.ControlMask, X.Mod1Mask
SPACE, A, F8, F9, NUM_LOCK, CAPS_LOCK = 0x20, 0x61, 0xFFC5, 0xFFC6, 0xFF7F, 0xFFE5
CTRL_L, ALT_L = 0xFFE3, 0xFFE9
TALK_KEYS = (CTRL_L, ALT_L, SPACE)


class Person:
    """A program with the focus, and fingers: times between events are kept by the server, however busy this is."""

    def __init__(self, name: str) -> None:
        self.display: Any = Display(name)
        self.root = self.display.screen().root
        mask = X.KeyPressMask | X.KeyReleaseMask | X.ButtonPressMask | X.ButtonReleaseMask | X.StructureNotifyMask
        self._front = self.root.create_window(0, 0, 100, 100, 0, X.CopyFromParent, event_mask=mask)
        self._front.map()
        while self.display.next_event().type != X.MapNotify:
            pass
        self.take_focus()

    def take_focus(self) -> None:
        self._front.set_input_focus(X.RevertToParent, X.CurrentTime)
        self.display.sync()

    def code(self, keysym: int) -> int:
        code: int = self.display.keysym_to_keycode(keysym)
        return code

    def down(self, *keysyms: int, after_ms: int = 10) -> None:
        self._fake(X.KeyPress, keysyms, after_ms)

    def up(self, *keysyms: int, after_ms: int = 10) -> None:
        self._fake(X.KeyRelease, keysyms, after_ms)

    def tap(self, *keysyms: int, held_ms: int = 30) -> None:
        self.down(*keysyms)
        self.up(*reversed(keysyms), after_ms=held_ms)

    def _fake(self, kind: int, keysyms: tuple[int, ...], after_ms: int) -> None:
        for keysym in keysyms:
            xtest.fake_input(self.display, kind, self.code(keysym), time=after_ms)
            after_ms = 10
        self.display.sync()

    def typed(self) -> list[int]:
        """Return the keys that the program in front has got since the last call, each press once."""
        self.display.sync()
        found = []
        while self.display.pending_events():
            event = self.display.next_event()
            if event.type == X.KeyPress:
                found.append(self.display.keycode_to_keysym(event.detail, 0))
        return found

    def clicked(self) -> list[int]:
        """Return the buttons that the program under the pointer has got since the last call of this or of `typed`."""
        self.display.sync()
        events = [self.display.next_event() for _ in range(self.display.pending_events())]
        return [event.detail for event in events if event.type == X.ButtonPress]

    def grab_button(self, button: int, mask: int) -> bool:
        """Take a mouse button as another program would."""
        refused = error.CatchError(error.BadAccess)
        events = X.ButtonPressMask | X.ButtonReleaseMask
        how = (False, events, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE)
        self.root.grab_button(button, mask, *how, onerror=refused)
        self.display.sync()
        return refused.get_error() is None

    def ungrab_button(self, button: int, mask: int) -> None:
        self.root.ungrab_button(button, mask)
        self.display.sync()

    def grab(self, keysym: int, mask: int) -> bool:
        """Take a key as another program would."""
        refused = error.CatchError(error.BadAccess)
        self.root.grab_key(self.code(keysym), mask, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refused)
        self.display.sync()
        return refused.get_error() is None

    def ungrab(self, keysym: int, mask: int) -> None:
        self.root.ungrab_key(self.code(keysym), mask)
        self.display.sync()

    def remap(self, *keys: tuple[int, int]) -> None:
        """Give keycodes another keysym."""
        for keycode, keysym in keys:
            self.display.change_keyboard_mapping(keycode, [(keysym,)])
        self.display.sync()

    def close(self) -> None:
        self.display.close()


class Keys:
    """What was told."""

    def __init__(self, display: str, limit_s: float = LIMIT_S) -> None:
        self.told: list[HotkeyChanged] = []
        self._news = asyncio.Event()
        self.port = X11Hotkeys(emit=self._emit, display=display, limit_s=limit_s)
        self._wanted: Mapping[HotkeyName, Combo] = {}

    def _emit(self, change: HotkeyChanged) -> None:
        self.told.append(change)
        self._news.set()

    async def bind(self, **texts: str) -> dict[str, HotkeyProblem | None]:
        self._wanted = {name: _combo(text) for name, text in texts.items()}  # type: ignore[misc]  # names of the port
        bindings = await self.port.bind(self._wanted)
        assert {name: binding.key for name, binding in bindings.items()} == texts
        return {name: binding.problem for name, binding in bindings.items()}

    async def until(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S):
            while len(self.told) < count:
                self._news.clear()
                await self._news.wait()

    async def settled(self) -> list[tuple[str, bool]]:
        """Return all that was told, when everything that the server has done has been read and looked into."""
        for _ in range(3):  # the events, the look that a release needs, its answer
            await self.port.bind(self._wanted)
        return [(change.name, change.down) for change in self.told]


def _combo(text: str) -> Combo:
    combo = parse_combo(text)
    assert combo is not None
    return combo


class Way:
    """A way to a screen on which messages can be held up, and connections cut."""

    def __init__(self, screen: Screen) -> None:
        path = f"/tmp/.X11-unix/X{screen.display.removeprefix(':')}"  # noqa: S108 - where X servers listen
        self._screen = path if Path(path).exists() else "\0" + path
        self._open: list[asyncio.StreamWriter] = []
        self._clear = asyncio.Event()
        self._clear.set()
        self.display = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.display = f"127.0.0.1:{server.sockets[0].getsockname()[1] - 6000}"
        try:
            yield
        finally:
            server.close()
            self.cut()

    def block(self) -> None:
        self._clear.clear()

    def clear(self) -> None:
        self._clear.set()

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._screen)
        self._open += [writer, far_writer]
        async with asyncio.TaskGroup() as both:
            both.create_task(self._pour(reader, far_writer))
            both.create_task(self._pour(far_reader, writer))

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._clear.wait()
                writer.write(data)
        except OSError:  # cut
            pass
        writer.transport.abort()


def pairs(count: int, name: str = "talk") -> list[tuple[str, bool]]:
    return [(name, True), (name, False)] * count
