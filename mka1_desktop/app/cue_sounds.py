"""Short tones for what happens in a session; see adapters/cues for what they are like and when they keep silent."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Mapping
from typing import Protocol

from mka1_desktop.domain.cues import Cue
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import Event, MicrophoneReady
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.state import Live, Session, Shown
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.session.watch import Watcher

# What is heard when a state begins; of the others the words on the screen are enough (product.md, states).
ENTERED: Mapping[Shown, Cue] = {
    Shown.GREETING: Cue.GREETING,
    Shown.INTERRUPTED: Cue.STOPPED,
    Shown.RECONNECTING: Cue.RECONNECTING,
    Shown.ERROR: Cue.ERROR,
}


class CuePlayer(Protocol):
    """Plays a tone where that is in nobody's way."""

    async def play(self, cue: Cue) -> bool:
        """Return whether it began. Raises nothing."""

    def close(self) -> None: ...


class OpenCues(Protocol):
    """Gets a player; both callables are asked on any thread."""

    async def __call__(self, *, voice_sounds: Callable[[], bool], volume: Callable[[], int]) -> CuePlayer: ...


async def open_cues(*, voice_sounds: Callable[[], bool], volume: Callable[[], int]) -> CuePlayer:
    """Load what plays; it brings numpy, which no start waits for."""
    module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.cues")
    player: CuePlayer = module.Cues(voice_sounds=voice_sounds, volume=volume)
    return player


class CueSounds(Watcher):
    """One for the app."""

    def __init__(
        self,
        *,
        controller: SessionController,
        volume: Callable[[], int],
        replaying: Callable[[], bool],
        open_player: OpenCues,
    ) -> None:
        """`volume`: 0 (off) to 100 %; `replaying`: an answer is being heard again."""
        self._controller = controller
        self._volume = volume
        self._replaying = replaying
        self._open = open_player
        self._tasks = KeyedTasks(controller.defect)
        self._player: CuePlayer | None = None
        self._shown = controller.session.shown

    async def close(self) -> None:
        """Nothing is played any more."""
        await self._tasks.close()
        if self._player is not None:
            self._player.close()

    def on_session(self, session: Session) -> None:
        before, self._shown = self._shown, session.shown
        if before is not self._shown and self._shown in ENTERED:
            self._play(ENTERED[self._shown])

    def on_event(self, event: Event, session: Session) -> None:
        """Samples arrive: from now on every word is heard."""
        if isinstance(event, MicrophoneReady) and session.talk_open:
            self._play(Cue.LISTENING)

    def on_notice(self, trouble: Trouble) -> None:
        """Somebody talks into a microphone that is muted."""
        if trouble.code is Code.MUTED:
            self._play(Cue.MUTED)

    def _play(self, cue: Cue) -> None:
        """What is due while another one sounds, or the voice, is left out: late it would tell of the past."""
        if self._volume() > 0 and not self._tasks.running("cue") and not self._voice_sounds():
            self._tasks.start("cue", self._played(cue))

    async def _played(self, cue: Cue) -> None:
        if self._player is None:
            self._player = await self._open(voice_sounds=self._voice_sounds, volume=self._volume)
        await self._player.play(cue)

    def _voice_sounds(self) -> bool:
        live = self._controller.session.link
        return self._replaying() or (isinstance(live, Live) and live.sound and not live.silenced)
