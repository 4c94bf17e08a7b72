"""The sound engine in use, exchangeable: the session and the rooms hold on to this one object."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from mka1_desktop.domain.audio import Devices, Kept, Levels
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import SoundEvent
from mka1_desktop.ports.audio import EngineName, SoundPort

if TYPE_CHECKING:
    from livekit import rtc

    from mka1_desktop.adapters.tracks import TrackHost

    class Engine(SoundPort, TrackHost, Protocol):
        """A sound engine: the session's side and the room's side."""


class SwitchSound:
    """SoundPort and TrackHost over the engine given to `use`; without one there is text only."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._emit: Callable[[SoundEvent], None] | None = None
        self._volume: int | None = None
        self._microphone: str | None = None
        self._speaker: str | None = None
        self._keep = self._warm = False
        self.on_voice: Callable[[memoryview], None] = lambda _: None  # every frame of the assistant: int16, 48 kHz mono

    async def use(self, engine: Engine) -> None:
        """Use this opened engine from now on; the one before is closed. What was chosen is chosen here too."""
        before, self._engine = self._engine, engine
        if before is not None:
            await before.close()
        if self._volume is not None:
            await engine.set_volume(self._volume)
        await engine.choose(microphone=self._microphone, speaker=self._speaker)
        if self._keep:
            await engine.keep_speech(True)
        engine.keep_open(self._warm)

    @property
    def engine(self) -> EngineName:
        return "none" if self._engine is None else self._engine.engine

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        self._emit = emit

    def emit(self, event: SoundEvent) -> None:
        """What engines are opened with."""
        if self._emit is not None:
            self._emit(event)

    async def close(self) -> None:
        self._emit = None
        if self._engine is not None:
            await self._engine.close()

    async def set_microphone(self, *, sending: bool) -> None:
        if self._engine is not None:
            await self._engine.set_microphone(sending=sending)
        elif sending:
            raise AppError(Code.NO_SOUND)

    def keep_open(self, warm: bool) -> None:
        self._warm = warm
        if self._engine is not None:
            self._engine.keep_open(warm)

    async def silence_agent(self, silent: bool) -> None:
        if self._engine is not None:
            await self._engine.silence_agent(silent)

    async def set_volume(self, percent: int) -> None:
        self._volume = percent
        if self._engine is not None:
            await self._engine.set_volume(percent)

    def levels(self) -> Levels:
        return Levels() if self._engine is None else self._engine.levels()

    async def devices(self) -> Devices:
        return Devices() if self._engine is None else await self._engine.devices()

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        self._microphone = self._microphone if microphone is None else microphone
        self._speaker = self._speaker if speaker is None else speaker
        if self._engine is not None:
            await self._engine.choose(microphone=microphone, speaker=speaker)

    async def fit_speaker(self) -> str:
        """Bring what this program plays beside the engine to the speaker in use; return its name, "" for the system's.

        Where streams cannot be moved, whoever opens one does it on the speaker of this name.
        """
        if self._engine is None or not self._speaker:
            return ""
        await self._engine.choose(speaker=self._speaker)
        return next((d.name for d in (await self._engine.devices()).speakers if d.id == self._speaker), "")

    async def keep_speech(self, keep: bool) -> None:
        self._keep = keep
        if self._engine is not None:
            await self._engine.keep_speech(keep)

    @property
    def kept(self) -> Kept:
        return Kept() if self._engine is None else self._engine.kept

    def recall_sentence(self) -> None:
        if self._engine is not None:
            self._engine.recall_sentence()

    def turn_over(self) -> None:
        if self._engine is not None:
            self._engine.turn_over()

    def drop_kept(self) -> None:
        if self._engine is not None:
            self._engine.drop_kept()

    # --- TrackHost ---------------------------------------------------------------------------------------------

    async def microphone_track(self) -> rtc.LocalAudioTrack | None:
        return None if self._engine is None else await self._engine.microphone_track()

    def microphone_published(self, track: rtc.LocalAudioTrack, room: rtc.Room) -> None:
        if self._engine is not None:
            self._engine.microphone_published(track, room)

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None:
        if self._engine is not None:
            self._engine.microphone_unpublished(track)

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        if self._engine is not None:
            await self._engine.send_kept(room, microphone, again=again)

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        if self._engine is not None:
            self._engine.agent_track_added(track, publication)

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None:
        if self._engine is not None:
            self._engine.agent_track_removed(track)

    def agent_frame(self, frame: rtc.AudioFrame) -> None:
        if self._engine is not None:
            self._engine.agent_frame(frame)
        self.on_voice(frame.data)
