"""No sound at all: typing and reading go on."""

from __future__ import annotations

from collections.abc import Callable

from livekit import rtc

from mka1_desktop.adapters.meter import Meter, samples_of
from mka1_desktop.domain.audio import Devices, Kept, Levels
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import MicrophoneFailed, SoundEvent
from mka1_desktop.ports.audio import EngineName
from mka1_desktop.ports.system import ClockPort


class NoSound:
    """SoundPort and TrackHost of a machine without a sound system. Never an error; the level still moves."""

    def __init__(self, clock: ClockPort) -> None:
        self._agent = Meter(clock.monotonic)
        self._emit: Callable[[SoundEvent], None] | None = None

    @property
    def engine(self) -> EngineName:
        return "none"

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        """Always works."""
        self._emit = emit

    async def close(self) -> None:
        """Nothing is open."""
        self._emit = None

    async def set_microphone(self, *, sending: bool) -> None:
        """Say that there is no microphone when somebody wants to talk."""
        if sending and self._emit is not None:
            self._emit(MicrophoneFailed(trouble=Trouble(Code.NO_SOUND)))

    def keep_open(self, warm: bool) -> None:
        """There is none."""

    async def silence_agent(self, silent: bool) -> None:
        """It is silent already."""

    async def set_volume(self, percent: int) -> None:
        """There is nothing to hear."""

    def levels(self) -> Levels:
        return Levels(agent_dbfs=self._agent.dbfs)

    async def devices(self) -> Devices:
        return Devices()

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """There is nothing to choose."""

    async def keep_speech(self, keep: bool) -> None:
        """There is no microphone."""

    @property
    def kept(self) -> Kept:
        return Kept()

    def recall_sentence(self) -> None:
        """Nothing is kept."""

    def turn_over(self) -> None:
        """Nothing is kept."""

    def drop_kept(self) -> None:
        """Nothing is kept."""

    async def microphone_track(self) -> rtc.LocalAudioTrack | None:
        return None

    def microphone_published(self, track: rtc.LocalAudioTrack, room: rtc.Room) -> None:
        """Never called: there is no track."""

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None:
        """Never called: there is no track."""

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        """Nothing is kept."""

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        """The captions are enough."""

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None:
        self._agent.clear()

    def agent_frame(self, frame: rtc.AudioFrame) -> None:
        self._agent.hear(samples_of(frame))
