"""The default engine: WebRTC captures, cancels echo, sends and plays; no frame crosses Python."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial

from livekit import rtc

from mka1_desktop.adapters.agent_playback import AgentPlayback
from mka1_desktop.adapters.kept_beside import KeptBeside
from mka1_desktop.adapters.meter import Meter, samples_of
from mka1_desktop.adapters.mic_tracks import MicrophoneTracks
from mka1_desktop.adapters.mic_watch import captured, hold_open, watch_closed, watch_opening
from mka1_desktop.adapters.mixer import Mixer, name_of
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.platform_sound import PlatformSound, switch_playback
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.adapters.speech_recorder import SpeechRecorder
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import Devices, Kept, Levels, Samples
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import DevicesChanged, MicrophoneClosed, MicrophoneReady, SoundEvent
from mka1_desktop.ports.audio import EngineName
from mka1_desktop.ports.system import ClockPort

LEVEL_S = 0.05
LEVEL_WANTED_S = 1.0  # nobody has asked for so long: stop measuring
OPEN_LIMIT_S = 10.0


class NativeSound:
    """SoundPort and TrackHost over `rtc.PlatformAudio`; the mixer does what WebRTC's devices cannot."""

    def __init__(self, *, mixer: Mixer, clock: ClockPort, options: SoundOptions) -> None:
        self._mixer = mixer
        self._clock = clock
        self._options = options
        self._platform: PlatformSound | None = None
        self._tracks = MicrophoneTracks()
        self._playback = AgentPlayback(switch_playback)
        self._tasks = OwnedTasks()
        self._watch: asyncio.Task[None] | None = None
        self._measuring: asyncio.Task[None] | None = None
        self._level_asked_s = float("-inf")
        self._microphone = Meter(clock.monotonic)
        self._agent = Meter(clock.monotonic)
        self._device = {"microphone": options.microphone, "speaker": options.speaker}
        self._beside_device = options.microphone  # how the mixer, or else PortAudio, calls the microphone
        self._store = SpeechStore()
        self._recorder = SpeechRecorder(
            store=self._store,
            options=options,
            mixer=mixer,
            device=lambda: self._beside_device,
            heard=self._heard_beside,
        )
        self._kept = KeptBeside(store=self._store, recorder=self._recorder, force=self._force)
        self._said_open = self._warm = False
        self._settled: rtc.LocalAudioTrack | None = None  # WebRTC does with it what its being muted says
        self._emit: Callable[[SoundEvent], None] = _ignore

    @property
    def engine(self) -> EngineName:
        return "native"

    # --- SoundPort ----------------------------------------------------------------------------------------

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        """See SoundPort. Raises AppError(NO_SOUND)."""
        try:
            async with asyncio.timeout(OPEN_LIMIT_S):
                self._platform = await asyncio.to_thread(PlatformSound, self._options)
        except TimeoutError:
            raise AppError(Code.NO_SOUND, details="the sound system did not answer") from None
        self._emit = emit
        await self._mixer.open(lambda: self._emit(DevicesChanged()))
        await self._mixer.set_volume(self._options.volume)
        if any(self._device.values()):
            await self.choose(**self._device)

    async def close(self) -> None:
        """See SoundPort."""
        self._emit = _ignore
        await self._tasks.cancel()
        await self._recorder.close()
        self._tracks.clear()
        self._playback.clear()
        await self._mixer.close()
        platform, self._platform = self._platform, None
        if platform is not None:
            await asyncio.to_thread(platform.close)

    async def set_microphone(self, *, sending: bool) -> None:
        """See SoundPort."""
        was_live = self._tracks.live
        self._tracks.set_sending(sending)
        self._follow(was_live)

    def keep_open(self, warm: bool) -> None:
        """See SoundPort."""
        self._warm = warm
        if not self._tracks.live and self._tracks.newest is not None:
            self._watch_rest(self._tracks.newest, fresh=False)

    async def silence_agent(self, silent: bool) -> None:
        """See SoundPort. WebRTC's buffer at the sound server grows by 20 ms with each gap: the mixer takes it back."""
        if silent:
            self._mixer.hush()
        self._playback.silence(silent)
        self._agent.clear()

    async def set_volume(self, percent: int) -> None:
        """See SoundPort."""
        await self._mixer.set_volume(percent)

    def levels(self) -> Levels:
        """See SoundPort. Asking keeps the measuring going, 20 times a second while the microphone is open."""
        self._level_asked_s = self._clock.monotonic()
        if self._tracks.live and (self._measuring is None or self._measuring.done()):
            self._measuring = self._tasks.spawn(self._measure(), "microphone level")
        return Levels(microphone_dbfs=self._microphone.dbfs, agent_dbfs=self._agent.dbfs)

    async def devices(self) -> Devices:
        """See SoundPort."""
        if (known := await self._mixer.devices()) is not None:
            return known
        if self._platform is None:
            return Devices()
        return await asyncio.to_thread(
            self._platform.devices, microphone=self._device["microphone"], speaker=self._device["speaker"]
        )

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """See SoundPort. The mixer moves what runs; WebRTC is told too, so that the next stream opens there."""
        for side, wanted in (("microphone", microphone), ("speaker", speaker)):
            if wanted is not None:
                self._device[side] = wanted
        await self._mixer.choose(microphone=microphone, speaker=speaker)
        names = await self._mixer.devices()
        if microphone is not None:
            moved = self._mixer.moves_streams
            self._beside_device = microphone if moved else name_of(names.microphones if names else (), microphone)
            if not moved:
                await self._recorder.move()
        if self._platform is None:
            return
        if microphone is not None and not (self._mixer.moves_streams and self._tracks.open):
            name = name_of(names.microphones if names else (), microphone)
            await asyncio.to_thread(self._platform.use_microphone, name)
        if speaker is not None and not self._mixer.moves_streams:
            name = name_of(names.speakers if names else (), speaker)
            await asyncio.to_thread(self._platform.use_speaker, name)

    async def keep_speech(self, keep: bool) -> None:
        """See SoundPort."""
        await self._recorder.record(keep)

    @property
    def kept(self) -> Kept:
        return self._kept.kept

    def recall_sentence(self) -> None:
        self._store.recall_sentence()

    def turn_over(self) -> None:
        self._store.forget_sent()

    def drop_kept(self) -> None:
        self._store.clear()

    # --- TrackHost ----------------------------------------------------------------------------------------

    async def microphone_track(self) -> rtc.LocalAudioTrack | None:
        if self._platform is None:
            return None
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._platform.source)
        track.mute()
        return track

    def microphone_published(self, track: rtc.LocalAudioTrack, room: rtc.Room) -> None:
        was_live = self._tracks.live
        self._tracks.published(track)
        self._follow(was_live)
        if not self._tracks.live:
            self._watch_rest(track, fresh=True)
        self._tasks.spawn(self._recorder.warm_up(), "speech recorder")

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None:
        was_live = self._tracks.live
        self._tracks.unpublished(track)
        self._follow(was_live)

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        await self._kept.send(room, again=again)

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        self._playback.added(track, publication)

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None:
        self._playback.removed(track)
        self._agent.clear()

    def agent_frame(self, frame: rtc.AudioFrame) -> None:
        self._agent.hear(samples_of(frame))

    # --- the microphone -----------------------------------------------------------------------------------

    def _follow(self, was_live: bool) -> None:
        """Watch a microphone that opens or closes; say when it closed."""
        track, live = self._tracks.newest, self._tracks.live
        self._recorder.set_live(live)
        if live:
            self._settled = track
        if live and not was_live and track is not None:
            self._watch_with(watch_opening(track, self._clock, self._tell, partial(self._open_again, track)))
        elif was_live and not live:
            self._microphone.clear()
            self._watch_rest(track, fresh=False)
        if not live:
            self._kept.microphone_flows()
        if self._said_open != self._tracks.open:
            self._say_open(self._tracks.open)

    def _say_open(self, is_open: bool) -> None:
        self._said_open = is_open
        if not is_open:
            self._emit(MicrophoneClosed())
        elif not self._tracks.live and self._kept.recording:  # kept speech goes out, and this behind it
            self._emit(MicrophoneReady())

    def _force(self, unmuted: bool | None) -> None:
        was_live = self._tracks.live
        self._tracks.force(unmuted)
        self._follow(was_live)

    def _heard_beside(self, block: Samples) -> None:
        """In the recorder's thread: the level, while WebRTC does not hear."""
        if not self._tracks.live:
            self._microphone.hear(block)

    def _watch_rest(self, track: rtc.LocalAudioTrack | None, *, fresh: bool) -> None:
        """Nothing is sent: the microphone is closed, or kept open where that is wanted."""
        if track is None:  # no room is left: WebRTC closes with the last one
            self._watch_with(None)
        elif self._warm and (platform := self._platform) is not None:
            self._watch_with(self._hold_open(track, platform, fresh=fresh))
        else:
            self._watch_with(watch_closed(track, self._clock, partial(self._stop, track), fresh=fresh))

    async def _hold_open(self, track: rtc.LocalAudioTrack, platform: PlatformSound, *, fresh: bool) -> None:
        """A freshly published track sends what is recorded although it is muted (seen): first that is set right."""
        if self._settled is not track:
            await watch_closed(track, self._clock, partial(self._stop, track), fresh=fresh, once=True)
            self._stop(track)
        await hold_open(track, self._clock, platform.start_recording)

    def _watch_with(self, work: Coroutine[object, object, None] | None) -> None:
        """One watch at a time: the newest wish counts."""
        if self._watch is not None:
            self._watch.cancel()
        self._watch = self._tasks.spawn(work, "microphone") if work is not None else None

    def _tell(self, event: SoundEvent) -> None:
        if isinstance(event, MicrophoneReady):
            self._kept.microphone_flows()
        self._emit(event)

    def _open_again(self, track: rtc.LocalAudioTrack) -> None:
        """WebRTC opens the recording when a muted track is unmuted, and tries only then."""
        if self._tracks.live and self._tracks.newest is track:
            track.mute()
            track.unmute()

    def _stop(self, track: rtc.LocalAudioTrack) -> None:
        """WebRTC records for a freshly published track although it is muted (seen in 30 of 30 tries): close that.

        Stopping leaves WebRTC thinking that it records; unmuting and muting once, while nothing is recorded, sets
        that right, else the next unmute would stay deaf.
        """
        if self._platform is None or self._tracks.live or self._tracks.newest is not track:
            return
        self._platform.stop_recording()
        track.unmute()
        track.mute()
        self._settled = track

    async def _measure(self) -> None:
        while self._tracks.live and self._clock.monotonic() - self._level_asked_s < LEVEL_WANTED_S:
            track = self._tracks.newest
            now = await captured(track) if track is not None else None
            if now is not None and self._tracks.live:
                self._microphone.set(now.dbfs)
            await self._clock.sleep(LEVEL_S)


def _ignore(event: SoundEvent) -> None:
    """Before `open` and after `close` nobody listens."""
