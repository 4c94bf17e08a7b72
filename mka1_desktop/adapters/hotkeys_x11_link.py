"""One connection to an X server: grabs of keys and mouse buttons, their events, and looks at the keyboard.

python-xlib waits for answers without a time limit, so what waits (`open_link`, `settle`) runs in a thread of its own
and can be cut off. One thread at a time uses a link.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from Xlib import X
from Xlib.display import Display
from Xlib.error import CatchError
from Xlib.protocol import request

from mka1_desktop.adapters.hotkeys_x11_keys import BUTTON, Grip, Keyboard
from mka1_desktop.adapters.hotkeys_x11_pairs import is_down
from mka1_desktop.domain.combos import Combo
from mka1_desktop.ports.hotkeys import HotkeyName, HotkeyProblem

log = logging.getLogger(__name__)
BUTTON_EVENTS = X.ButtonPressMask | X.ButtonReleaseMask


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key or a button (BUTTON and its number), by the server's clock; `state` are the modifiers before it."""

    down: bool
    keycode: int
    state: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class MappingChanged:
    """Keys or modifiers mean something else now."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What is grabbed now, why the rest is not, and which of the grabbed keys were down before."""

    grips: Mapping[HotkeyName, Grip] = field(default_factory=dict)
    problems: Mapping[HotkeyName, HotkeyProblem] = field(default_factory=dict)
    down: frozenset[int] = frozenset()


XEvent: TypeAlias = KeyEvent | MappingChanged


class XLink:
    """Methods raise whatever python-xlib raises when the server is gone or sends nonsense."""

    def __init__(self, display: Any) -> None:  # noqa: ANN401 - python-xlib has no types
        self._display = display
        self._root = display.screen().root
        self._look: Any = None
        self._grips: set[Grip] = set()
        # A door of our own to the connection: its number stays ours when python-xlib has closed the other one.
        self._same = socket.socket(fileno=os.dup(display.fileno()))
        self.fileno = self._same.fileno()
        display.set_error_handler(_ignored)

    # --- at once, on the loop's thread ---

    def events(self) -> list[XEvent]:
        """Read what has come; events that another program made up are left out."""
        found: list[XEvent] = []
        while count := self._display.pending_events():
            for _ in range(count):
                event = self._display.next_event()
                if event.type in (X.KeyPress, X.KeyRelease) and not event.send_event:
                    found.append(KeyEvent(event.type == X.KeyPress, event.detail, event.state, event.time))
                elif event.type in (X.ButtonPress, X.ButtonRelease) and not event.send_event:
                    down = event.type == X.ButtonPress
                    found.append(KeyEvent(down, BUTTON + event.detail, event.state, event.time))
                elif event.type == X.MappingNotify and event.request != X.MappingPointer:
                    found.append(MappingChanged())
        return found

    @property
    def looking(self) -> bool:
        return self._look is not None

    def look(self) -> None:
        """Ask which keys are down; does not wait for the answer."""
        self._look = request.QueryKeymap(display=self._display.display, defer=True)
        self._display.flush()

    def seen(self) -> Sequence[int] | None:
        """Return the answer to `look`, once; None while there is none."""
        keymap: Sequence[int] | None = getattr(self._look, "map", None)
        if keymap is not None:
            self._look = None
        return keymap

    def cut(self) -> None:
        """End the connection under whoever waits for an answer; safe from any thread, and twice."""
        with suppress(OSError):
            self._same.shutdown(socket.SHUT_RDWR)

    # --- these wait for the server ---

    def close(self) -> None:
        """Let go of everything; safe to call twice."""
        with suppress(Exception):  # the connection is ended, whatever state python-xlib is in
            self._display.close()
        self.cut()
        self._same.close()

    def settle(self, wanted: Mapping[HotkeyName, Combo]) -> Settled:
        """Grab exactly these keys, each whole or not at all; what is grabbed already stays so without a gap."""
        keyboard = self._keyboard()
        grips: dict[HotkeyName, Grip] = {}
        problems: dict[HotkeyName, HotkeyProblem] = {}
        for name, combo in wanted.items():
            grip = keyboard.grip(combo)
            if grip is None:
                problems[name] = HotkeyProblem.UNKNOWN_KEY
            elif any(grip.key == other.key for other in grips.values()):
                problems[name] = HotkeyProblem.TAKEN
            else:
                grips[name] = grip
        keymap = self._display.query_keymap()
        new = {grip for grip in grips.values() if grip not in self._grips}
        for grip in self._grips - set(grips.values()):
            self._ungrab(grip)
        self._display.sync()
        for name, grip in list(grips.items()):
            if grip in new and not self._grab(grip):
                del grips[name]
                problems[name] = HotkeyProblem.TAKEN
        self._grips = set(grips.values())
        down = frozenset(g.keycode for g in new if g.keycode < BUTTON and is_down(keymap, g.keycode))
        return Settled(grips, problems, down)

    def _keyboard(self) -> Keyboard:
        info = self._display.display.info
        count = info.max_keycode - info.min_keycode + 1
        symbols = self._display.get_keyboard_mapping(info.min_keycode, count)
        return Keyboard(info.min_keycode, symbols, self._display.get_modifier_mapping())

    def _grab(self, grip: Grip) -> bool:
        """Grab with every combination of locks; refused once is refused."""
        refused = CatchError()
        for mask in grip.masks():
            if grip.keycode < BUTTON:
                self._root.grab_key(grip.keycode, mask, False, X.GrabModeAsync, X.GrabModeAsync, onerror=refused)
            else:
                self._root.grab_button(
                    grip.keycode - BUTTON, mask, False, BUTTON_EVENTS, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE,
                    onerror=refused,
                )  # fmt: skip
        self._display.sync()
        if refused.get_error() is None:
            return True
        self._ungrab(grip)
        self._display.sync()
        return False

    def _ungrab(self, grip: Grip) -> None:
        for mask in grip.masks():
            if grip.keycode < BUTTON:
                self._root.ungrab_key(grip.keycode, mask)
            else:
                self._root.ungrab_button(grip.keycode - BUTTON, mask)


def open_link(display: str | None) -> XLink | None:
    """Connect to a display (None: the one of the environment); None where there is none."""
    try:
        return XLink(Display(display))
    except Exception as e:  # noqa: BLE001 - python-xlib lets through whatever names, files and servers make it raise
        log.info("no X display for keys: %s", type(e).__name__)
        return None


def _ignored(error: object, _request: object) -> int:
    """Python-xlib would print it."""
    log.debug("X said %s", type(error).__name__)
    return 1
