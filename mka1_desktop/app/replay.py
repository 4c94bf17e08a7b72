"""Has an answer played again, and ends that when somebody speaks."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TypeAlias

from mka1_desktop.app.switch_sound import SwitchSound
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import Event, HangUpRequested, MuteChanged, StopRequested, TalkChanged
from mka1_desktop.ports.answer_player import AnswerPlayerPort
from mka1_desktop.session.answer_voice import AnswerVoice
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.state import Session
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.session.watch import Watcher

USUAL_PERCENT = 100
OpenPlayer: TypeAlias = Callable[[], Awaitable[AnswerPlayerPort]]


class Refused(StrEnum):
    """Why nothing is heard again now."""

    SPEAKING = "speaking"  # the assistant does
    TALKING = "talking"  # the person does
    NOTHING = "nothing"  # there is no sound of it (any more)


async def open_player() -> AnswerPlayerPort:
    """Load what plays; it brings numpy, which no start waits for."""
    module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.answer_player")
    player: AnswerPlayerPort = module.AnswerPlayer()
    return player


class Replay(Watcher):
    """One for the app. Watches after `voice`.

    Nothing is played over the assistant's voice or into an open microphone: what begins ends it, and a microphone that
    is always open is muted for the time.
    """

    def __init__(
        self,
        *,
        controller: SessionController,
        voice: AnswerVoice,
        sound: SwitchSound,
        volume: Callable[[], int],
        set_muted: Callable[[bool], None],
        make: OpenPlayer = open_player,
    ) -> None:
        """`volume`: the assistant's, percent; asked for on any thread."""
        self._controller = controller
        self._voice = voice
        self._sound = sound
        self._volume = volume
        self._set_muted = set_muted
        self._make = make
        self._tasks = KeyedTasks(controller.defect)
        self._player: AnswerPlayerPort | None = None
        self._runs = 0
        self._muted = False  # by us
        self._microphone_closed = asyncio.Event()
        self._percent = USUAL_PERCENT
        self.playing: str | None = None  # key of the answer that is heard again now
        self.on_change: Callable[[frozenset[str]], None] = lambda _: None  # keys of turns that changed in `playing`

    @property
    def percent(self) -> int:
        """The speed that was used last."""
        return self._percent

    def start(self, key: str | None = None, percent: int | None = None) -> Refused | None:
        """Play the answer of this turn, or the newest one, at a speed of 50 to 200 %, or at the last one used."""
        session = self._controller.session
        if self._voice.speaking:
            return Refused.SPEAKING
        if session.talk_open and not session.open_mic:
            return Refused.TALKING
        wanted = key if key is not None else self._voice.newest
        if wanted is None or not self._voice.has(wanted):
            return Refused.NOTHING
        self._percent = percent or self._percent
        before, self.playing = self.playing, wanted
        self._runs += 1
        self._close_microphone(session)
        self._tasks.start("replay", self._play(self._runs, wanted))
        self.on_change(frozenset(k for k in (before, wanted) if k is not None))
        return None

    def stop(self) -> None:
        """Fall silent, if something is heard again."""
        if self.playing is not None:
            self._tasks.stop("replay")
            self._over()

    async def close(self) -> None:
        """End, for good."""
        self._muted = False
        self.stop()
        await self._tasks.close()
        if self._player is not None:
            self._player.close()

    def on_session(self, session: Session) -> None:
        talks = session.talk_open and not self._muted
        kept = self.playing is None or self._voice.has(self.playing)
        if self._voice.speaking or talks or not kept:
            self.stop()
        if not _hears(session):
            self._microphone_closed.set()

    def on_event(self, event: Event, session: Session) -> None:
        match event:
            case TalkChanged(open=True) | StopRequested() | HangUpRequested():
                self.stop()
            case MuteChanged(muted=False) if self._muted:
                self._muted = False  # the person wants the microphone back
                self.stop()
            case _:
                return

    async def _play(self, run: int, key: str) -> None:
        try:
            await self._microphone_closed.wait()
            self._player = self._player or await self._make()
            sound = self._voice.sound(key)
            if sound is not None:
                await self._player.play(
                    sound, speed=self._percent / 100, volume=self._volume, speaker=self._sound.fit_speaker
                )
        except AppError as error:
            self._controller.notice(error.trouble)
        finally:
            if run == self._runs and self.playing is not None:
                self._over()

    def _close_microphone(self, session: Session) -> None:
        """The assistant shall not hear itself through a microphone that is always open."""
        if not _hears(session):
            self._microphone_closed.set()
        elif not self._muted:
            self._microphone_closed.clear()
            self._muted = True
            self._set_muted(True)

    def _over(self) -> None:
        key, self.playing = self.playing, None
        muted, self._muted = self._muted, False
        if muted and self._controller.session.muted:
            self._set_muted(False)
        if key is not None:
            self.on_change(frozenset({key}))


def _hears(session: Session) -> bool:
    """Whether what the microphone hears is sent, or kept to be sent."""
    return session.sending or session.talk_open
