"""Other programs' sound while the person talks or listens: follows session and settings, and gives back afterwards.

Nothing is loaded for it before the person has switched it on, unless a run that was killed has left something.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from mka1_desktop.app.desk import Desk
from mka1_desktop.ports.other_sound import OtherSoundPort
from mka1_desktop.session.state import Live, Session, Shown
from mka1_desktop.session.watch import Watcher
from mka1_desktop.viewmodels.words import tr

Wanted: TypeAlias = Literal["lower", "pause"]
KEY, PERCENT_KEY = "audio.others", "audio.others_percent"
KEYS = frozenset({KEY, PERCENT_KEY})  # the settings that are followed
LINGER_S = 0.7  # from the last word to the answer it stays quiet; after that everything is back within 1 s
_ENDING = "other sound"  # key of a background task


class OtherSoundSystem(Protocol):
    """Where the ways to make other programs quiet come from."""

    async def open(self, wanted: Wanted) -> OtherSoundPort:
        """Called once for each way, when it is wanted for the first time. Raises nothing."""

    def left(self) -> Collection[Wanted]:
        """The ways by which a run before this one has left something changed; cheap."""


class SystemOtherSound:
    """See OtherSoundSystem. A file for each way in the data folder."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[Wanted, Path] = {"lower": folder / "lowered.json", "pause": folder / "paused.json"}

    async def open(self, wanted: Wanted) -> OtherSoundPort:
        """See OtherSoundSystem. Only who has switched it on waits for its libraries, and that in a thread."""
        module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.other_sound")
        opened: OtherSoundPort = await asyncio.to_thread(module.open_other_sound, wanted, self._files[wanted])
        return opened

    def left(self) -> Collection[Wanted]:
        """See OtherSoundSystem."""
        return [wanted for wanted, file in self._files.items() if file.exists()]


class OtherSound(Watcher):
    """One for the app."""

    def __init__(
        self, desk: Desk, system: OtherSoundSystem, *, on_note: Callable[[str], None] = lambda _: None
    ) -> None:
        """`on_note` gets what the setting does here, where that is not what it says; "" where it is."""
        self._desk = desk
        self._system = system
        self._on_note = on_note
        self._ports: dict[Wanted, OtherSoundPort] = {}
        self._acting: OtherSoundPort | None = None  # has made others quiet
        self._in_turn = False  # what the session says
        self._quiet = False  # and what follows from it, a moment later
        self._changed = asyncio.Event()
        self._note = ""
        desk.controller.watch(self)

    async def run(self) -> None:
        """Work until cancelled; then everything is as it was."""
        try:
            for wanted in self._system.left():
                await (await self._port(wanted)).restore()
            self._changed.set()
            while True:
                await self._changed.wait()
                self._changed.clear()
                await self._follow()
        finally:
            for port in self._ports.values():
                await port.close()

    def setting_changed(self, key: str) -> None:
        if key in KEYS:
            self._changed.set()

    def on_session(self, session: Session) -> None:
        in_turn = somebody_speaks(session)
        if in_turn == self._in_turn:
            return
        self._in_turn = in_turn
        if in_turn:
            self._desk.background.stop(_ENDING)
            self._set_quiet(True)
        else:
            self._desk.background.start(_ENDING, self._end())

    async def _end(self) -> None:
        await self._desk.parts.clock.sleep(LINGER_S)
        self._set_quiet(False)

    def _set_quiet(self, quiet: bool) -> None:
        if quiet != self._quiet:
            self._quiet = quiet
            self._changed.set()

    async def _follow(self) -> None:
        """Make what other programs do what session and settings say."""
        wanted = self._wanted()
        port = await self._port(wanted) if wanted is not None else None
        if self._acting is not None and not (self._quiet and port is self._acting):
            await self._acting.restore()
            self._acting = None
        if port is not None and self._quiet:
            self._acting = port
            await port.quiet(self._desk.settings.number(PERCENT_KEY))
        self._tell(wanted, port)

    def _wanted(self) -> Wanted | None:
        match self._desk.settings.text(KEY):
            case "lower" | "pause" as wanted:
                return wanted
            case _:
                return None

    async def _port(self, wanted: Wanted) -> OtherSoundPort:
        if wanted not in self._ports:
            self._ports[wanted] = await self._system.open(wanted)
        return self._ports[wanted]

    def _tell(self, wanted: Wanted | None, port: OtherSoundPort | None) -> None:
        note = _note(wanted, port) if wanted is not None and port is not None else ""
        if note != self._note:
            self._note = note
            self._on_note(note)


def somebody_speaks(session: Session) -> bool:
    """Whether the person talks, or the assistant thinks or speaks; not while both are only connected.

    An open microphone says nothing of words: there the captions of the person do.
    """
    link = session.link
    if session.talk_open and not session.open_mic:
        return True
    if not isinstance(link, Live):
        return False
    if session.shown in (Shown.THINKING, Shown.SPEAKING) or (session.open_mic and link.user_open):
        return True
    return session.shown is Shown.GREETING and (link.sound or link.caption_open)


def _note(wanted: Wanted, port: OtherSoundPort) -> str:
    if port.way == "none":
        return tr("Settings", "This system lets no program change the sound of another one: they stay as they are.")
    if port.way != wanted:
        return tr("Settings", "Players cannot be paused on this system: other programs are lowered instead.")
    return ""
