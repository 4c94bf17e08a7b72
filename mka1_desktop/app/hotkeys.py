"""The talk key in every program: follows the settings, and hands presses to the talk machine.

Nothing is bound, and nothing for it is loaded, before the person has switched it on.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from mka1_desktop.app.desk import Desk
from mka1_desktop.domain.combos import parse_combo
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.ports.hotkeys import Binding, HotkeyChanged, HotkeyName, HotkeyPort, HotkeyProblem
from mka1_desktop.viewmodels.words import tr

log = logging.getLogger(__name__)
TALK: HotkeyName = "talk"
KEYS = frozenset({"talk.key", "talk.global"})  # the settings that are followed
Open: TypeAlias = Callable[[Callable[[HotkeyChanged], None]], Awaitable[HotkeyPort]]
_CODES = {
    HotkeyProblem.TAKEN: Code.HOTKEY_TAKEN,
    HotkeyProblem.UNKNOWN_KEY: Code.HOTKEY_UNKNOWN,
    HotkeyProblem.NO_BUTTONS: Code.HOTKEY_NO_BUTTONS,
    HotkeyProblem.NOT_GRANTED: Code.HOTKEY_NOT_GRANTED,
    HotkeyProblem.UNAVAILABLE: Code.HOTKEY_UNAVAILABLE,
}


async def open_system_keys(emit: Callable[[HotkeyChanged], None]) -> HotkeyPort:
    """Only who has switched such a key on waits for its libraries, and that in a thread."""
    module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.hotkeys")
    descriptions = {"talk": tr("Hotkeys", "Talk to the assistant"), "quick_ask": tr("Hotkeys", "Ask something quickly")}
    opened: HotkeyPort = await asyncio.to_thread(module.open_hotkeys, emit, descriptions)
    return opened


class Hotkeys:
    """One for the app. `open_port` is awaited once, when a key is wanted for the first time."""

    def __init__(self, desk: Desk, *, open_port: Open, on_change: Callable[[], None] = lambda: None) -> None:
        self._desk = desk
        self._open = open_port
        self._on_change = on_change
        self._port: HotkeyPort | None = None
        self._binding: Binding | None = None  # of the talk key; None: not wanted
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; then every key is free again."""
        self._wanted.set()
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                await self._bind()
        finally:
            if self._port is not None:
                await self._port.close()

    def setting_changed(self, key: str) -> None:
        if key in KEYS:
            self._wanted.set()

    @property
    def problem(self) -> HotkeyProblem | None:
        """Why the key that is wanted does not work everywhere."""
        return self._binding.problem if self._binding is not None else None

    @property
    def is_global(self) -> bool:
        return self._binding is not None and self._binding.problem is None

    @property
    def note(self) -> str:
        """What the switch has done, for the settings; empty while it is off."""
        if (problem := self.problem) is not None:
            return Trouble(_CODES[problem]).sentence
        if self._binding is None or self._port is None:
            return ""
        words = tr("Hotkeys", "{key} works in every program now, by {way}.", key=self._binding.key, way=self._way())
        if self._port.release_events:
            return words
        return f"{words} {tr('Hotkeys', 'Each press turns talking on or off: nobody tells when the key comes up.')}"

    def _way(self) -> str:
        ways = {"x11": "X11", "portal": tr("Hotkeys", "the shortcuts of your desktop")}
        return ways.get(self._port.backend if self._port is not None else "", tr("Hotkeys", "the keyboard hook"))

    def report(self) -> dict[str, object]:
        """`hotkey` of the state report (interfaces.md)."""
        port, binding, everywhere = self._port, self._binding, self.is_global
        return {
            "backend": port.backend if everywhere and port is not None else "window",
            "key": binding.key if everywhere and binding is not None else self._desk.settings.text("talk.key"),
            "global": everywhere,
            "release_events": port.release_events if everywhere and port is not None else True,
            "problem": self.problem.value if self.problem is not None else None,
        }

    async def _bind(self) -> None:
        """Make what is bound what the settings say."""
        settings, before = self._desk.settings, self._binding
        if not settings.flag("talk.global"):
            if self._port is not None:
                await self._port.bind({})
            self._binding = None
        else:
            self._binding = await self._bound(settings.text("talk.key"))
        if self._binding != before:
            self._tell()

    async def _bound(self, key: str) -> Binding:
        combo = parse_combo(key)
        if combo is None:
            if self._port is not None:
                await self._port.bind({})
            return Binding(key=key, problem=HotkeyProblem.UNKNOWN_KEY)
        if self._port is None:
            self._port = await self._open(self._changed)
        bound = await self._port.bind({TALK: combo})
        return bound.get(TALK, Binding(key=key, problem=HotkeyProblem.UNAVAILABLE))

    def _tell(self) -> None:
        log.info("talk key in every program: %s", self.report())
        if (problem := self.problem) is not None:
            self._desk.remark(Trouble(_CODES[problem]))
        self._desk.report.touch()
        self._on_change()

    def _changed(self, event: HotkeyChanged) -> None:
        if event.name != TALK or self._port is None:
            return
        if not self._port.release_events:
            if event.down:
                self._turn()
        elif event.down:
            self._desk.press(event.since_s)
        else:
            self._desk.release(event.since_s)

    def _turn(self) -> None:
        """Where nobody tells of releases, each press turns."""
        try:
            self._desk.talk("toggle")
        except AppError as error:
            self._desk.notice(error.trouble)
