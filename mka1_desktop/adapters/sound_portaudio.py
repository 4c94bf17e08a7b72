"""The fallback engine: PortAudio's devices, our own ring and processing, the SDK's audio source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.capture_line import CaptureLine
from mka1_desktop.adapters.kept_line import KeptInLine
from mka1_desktop.adapters.meter import Meter, samples_of
from mka1_desktop.adapters.mic_signs import MicrophoneSigns
from mka1_desktop.adapters.mic_tracks import MicrophoneTracks
from mka1_desktop.adapters.mixer import Mixer
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.portaudio_streams import Streams
from mka1_desktop.adapters.processing import Processing
from mka1_desktop.adapters.ring import PlayoutRing
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, Devices, Kept, Levels, Samples
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import DevicesChanged, MicrophoneClosed, MicrophoneFailed, SoundEvent
from mka1_desktop.ports.audio import EngineName
from mka1_desktop.ports.system import ClockPort

T = TypeVar("T")


class PortAudioSound:
    """SoundPort and TrackHost over sounddevice.

    Devices are open only while they are needed. On Linux the mixer moves the streams to the chosen devices, for
    PortAudio sees only one there; elsewhere a stream is opened again on the chosen one.
    """

    def __init__(self, *, mixer: Mixer, clock: ClockPort, options: SoundOptions) -> None:
        self._mixer = mixer
        self._options = options
        self._device = {"microphone": options.microphone, "speaker": options.speaker}
        self._gain = options.volume / 100
        self._streams: Streams | None = None
        self._line: CaptureLine | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._ring = PlayoutRing()
        self._tracks = MicrophoneTracks()
        self._store = SpeechStore()
        self._keeping = False
        self._kept = KeptInLine(store=self._store, tracks=self._tracks, line=lambda: self._line)
        self._agent_tracks: list[rtc.RemoteAudioTrack] = []
        self._tasks = OwnedTasks()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._recording = self._playing = self._silent = self._warm = self._sending = False
        self._signs = MicrophoneSigns()
        self._microphone = Meter(clock.monotonic)
        self._agent = Meter(clock.monotonic)
        self._emit: Callable[[SoundEvent], None] = _ignore

    @property
    def engine(self) -> EngineName:
        return "portaudio"

    # --- SoundPort ----------------------------------------------------------------------------------------

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        """See SoundPort. Raises AppError(NO_SOUND)."""
        self._loop = asyncio.get_running_loop()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="portaudio")
        try:
            self._streams = await self._loop.run_in_executor(self._worker, Streams, self._options.channel)
        except AppError:
            self._worker.shutdown(wait=False)
            self._worker = None
            raise
        self._line = CaptureLine(partial(Processing, self._options), self._microphone.hear, self._store)
        self._line.start()
        self._emit = emit
        await self._mixer.open(lambda: self._emit(DevicesChanged()))
        await self._mixer.choose(**self._device)

    async def close(self) -> None:
        """See SoundPort."""
        self._emit = _ignore
        self._tracks.clear()
        self._keeping = False
        self._store.clear()
        self._agent_tracks.clear()
        await self._tasks.cancel()
        await self._mixer.close()
        line, self._line = self._line, None
        worker, self._worker = self._worker, None
        if worker is not None and self._streams is not None:
            worker.submit(self._streams.close_input)
            worker.submit(self._streams.close_output)
            await asyncio.to_thread(worker.shutdown, wait=True)
        self._streams = None
        if line is not None:
            await asyncio.to_thread(line.close)

    async def set_microphone(self, *, sending: bool) -> None:
        """See SoundPort."""
        self._tracks.set_sending(sending)
        self._follow()

    def keep_open(self, warm: bool) -> None:
        """See SoundPort."""
        self._warm = warm
        self._follow()

    async def silence_agent(self, silent: bool) -> None:
        """See SoundPort."""
        self._silent = silent
        self._ring.drop()
        self._agent.clear()

    async def set_volume(self, percent: int) -> None:
        """See SoundPort. More than 100 % clips loud passages instead of wrapping round."""
        self._gain = max(0, min(150, percent)) / 100

    def levels(self) -> Levels:
        return Levels(microphone_dbfs=self._microphone.dbfs, agent_dbfs=self._agent.dbfs)

    async def devices(self) -> Devices:
        """See SoundPort."""
        if (known := await self._mixer.devices()) is not None:
            return known
        return await self._in_worker(lambda streams: streams.devices(**self._device)) or Devices()

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """See SoundPort."""
        for side, wanted in (("microphone", microphone), ("speaker", speaker)):
            if wanted is not None:
                self._device[side] = wanted
        await self._mixer.choose(microphone=microphone, speaker=speaker)
        if self._mixer.moves_streams and await self._mixer.devices() is not None:
            return
        if microphone is not None and self._recording:
            self._recording = False
        if speaker is not None and self._playing:
            self._playing = False
        self._follow()

    async def keep_speech(self, keep: bool) -> None:
        """See SoundPort."""
        self._keeping = keep
        if self._line is not None:
            self._line.keep(keep)
        self._follow()

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
        if self._line is None:
            return None
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._line.source)
        track.mute()
        return track

    def microphone_published(self, track: rtc.LocalAudioTrack, room: rtc.Room) -> None:
        self._tracks.published(track)
        self._follow()

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None:
        self._tracks.unpublished(track)
        self._follow()

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        await self._kept.send(microphone, again=again)

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        self._agent_tracks.append(track)
        self._ring.drop()
        self._follow()

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None:
        self._agent_tracks = [t for t in self._agent_tracks if t is not track]
        self._ring.drop()
        self._agent.clear()
        self._follow()

    def agent_frame(self, frame: rtc.AudioFrame) -> None:
        if self._silent:
            return
        samples = samples_of(frame)
        self._agent.hear(samples)
        if self._playing:
            self._ring.push(samples)

    # --- devices ------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Open what is needed now and close what is not, one step after the other in the worker thread."""
        if self._line is not None:
            self._line.set_live(self._tracks.open)
        self._say_sending(self._tracks.open)
        if (wanted := self._tracks.open or self._keeping or self._warm) != self._recording:
            self._recording = wanted
            self._tasks.spawn(self._open_microphone() if wanted else self._close_microphone(), "microphone")
        if (wanted := bool(self._agent_tracks)) != self._playing:
            self._playing = wanted
            self._tasks.spawn(self._open_speaker() if wanted else self._close_speaker(), "speaker")

    def _say_sending(self, sending: bool) -> None:
        """A microphone that is open already sends at once, and stays open afterwards."""
        if sending == self._sending:
            return
        self._sending = sending
        if sending and self._recording:
            self._signs.await_first(True)
        elif not sending and self._warm:
            self._signs.await_first(False)
            self._microphone.clear()
            self._emit(MicrophoneClosed())

    async def _open_microphone(self) -> None:
        if self._line is None:
            return
        self._signs.await_first(False)
        device = self._device["microphone"]
        try:
            await self._in_worker(lambda streams: streams.open_input(device, self._heard))
        except AppError as e:
            self._recording = self._sending or self._keeping  # else it is tried again, and told, when somebody talks
            if self._recording:
                self._emit(MicrophoneFailed(trouble=e.trouble))
            return
        if device and self._mixer.moves_streams:  # not a word of the system's microphone goes out before it is moved
            await self._mixer.choose(microphone=device)
        if self._recording and self._line is not None:
            self._signs.await_first(self._sending or self._keeping)
            self._line.set_open(True)

    async def _close_microphone(self) -> None:
        if self._line is not None:
            self._line.set_open(False)
        self._microphone.clear()
        await self._in_worker(lambda streams: streams.close_input())
        self._emit(MicrophoneClosed())

    async def _open_speaker(self) -> None:
        device = self._device["speaker"]
        try:
            await self._in_worker(lambda streams: streams.open_output(device, self._play))
        except AppError as e:  # the captions go on
            self._emit(MicrophoneFailed(trouble=e.trouble))

    async def _close_speaker(self) -> None:
        await self._in_worker(lambda streams: streams.close_output())

    async def _in_worker(self, work: Callable[[Streams], T]) -> T | None:
        """Work with the streams in their thread, in order; None when the engine is closed."""
        streams, worker = self._streams, self._worker
        if streams is None or worker is None:
            return None
        return await asyncio.get_running_loop().run_in_executor(worker, work, streams)

    # --- PortAudio's threads ------------------------------------------------------------------------------

    def _heard(self, block: Samples) -> None:
        line, loop = self._line, self._loop
        if line is None or loop is None or block.size != BLOCK:
            return
        line.microphone(block)
        if (event := self._signs.hear(block)) is not None:
            loop.call_soon_threadsafe(self._tell, event)

    def _play(self, size: int) -> Samples:
        block = self._ring.pull(size)
        if self._gain != 1.0:
            block = np.clip(np.rint(block * self._gain), -32768, 32767).astype(np.int16)
        line = self._line
        if line is not None and size == BLOCK:
            line.loudspeaker(block)
        return block

    def _tell(self, event: SoundEvent) -> None:
        if self._recording:
            self._emit(event)


def _ignore(event: SoundEvent) -> None:
    """Before `open` and after `close` nobody listens."""
