"""The engine without a sound card: samples in, a recording out, in real time."""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.kept_file import KeptInFile
from mka1_desktop.adapters.meter import Meter, last_loud, samples_of
from mka1_desktop.adapters.mic_tracks import MicrophoneTracks
from mka1_desktop.adapters.onsets import Onsets
from mka1_desktop.adapters.sound_recorder import Recorder
from mka1_desktop.adapters.wav_write import WavWriter
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Devices, Kept, Levels, Samples
from mka1_desktop.domain.events import MicrophoneClosed, MicrophoneReady, SoundEvent
from mka1_desktop.ports.audio import EngineName
from mka1_desktop.ports.system import ClockPort

BLOCK_S = BLOCK / RATE_HZ
CATCH_UP_S = 0.5  # a longer stall is not made up for: the far end would hear a burst
CAPTURE_LIMIT_S = 2.0
SILENCE: Samples = np.zeros(BLOCK, np.int16)


@dataclass(frozen=True, slots=True)
class Played:
    """When one input went out, on the clock's monotonic scale."""

    started_at_s: float
    sound_ended_at_s: float | None  # its last sample over -50 dBFS; None: nothing was that loud
    ended_at_s: float


@dataclass(slots=True, eq=False)
class _Clip:
    samples: Samples
    done: asyncio.Future[Played]
    position: int = 0
    started_at_s: float | None = None
    sound_ended_at_s: float | None = None

    def next_block(self, at_s: float) -> Samples:
        block = self.samples[self.position : self.position + BLOCK]
        self.position += block.size
        if self.started_at_s is None:
            self.started_at_s = at_s
        if (last := last_loud(block)) is not None:
            self.sound_ended_at_s = at_s + last / RATE_HZ
        return block if block.size == BLOCK else np.concatenate([block, SILENCE[block.size :]])

    @property
    def over(self) -> bool:
        return self.position >= self.samples.size


def direct_source() -> rtc.AudioSource:
    """Without a queue the SDK sends each 10 ms block as it is; its queue would fill a late one up with silence."""
    return rtc.AudioSource(RATE_HZ, 1, queue_size_ms=0)


class FileSound:
    """SoundPort and TrackHost for `converse`, tests and machines without a display.

    From `open` on it sends a block every 10 ms while a track is published: the next block of what `play` was given
    while the microphone is open, silence otherwise. An input waits while the microphone is closed or no room is
    there, or is recorded meanwhile where speech is kept; no sample is lost or sent twice.
    """

    def __init__(
        self,
        *,
        clock: ClockPort,
        recording: str | None = None,
        source: Callable[[], rtc.AudioSource] = direct_source,
    ) -> None:
        self._clock = clock
        self._new_source = source
        self._source: rtc.AudioSource | None = None
        self._recorder = Recorder(partial(WavWriter, recording) if recording is not None else None)
        self._tracks = MicrophoneTracks()
        self._kept = KeptInFile(self._tracks)
        self._clips: deque[_Clip] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._emit: Callable[[SoundEvent], None] = _ignore
        self._ready = False
        self._silent = False
        self._microphone = Meter(clock.monotonic)
        self._agent = Meter(clock.monotonic)
        self._onsets = Onsets()

    @property
    def engine(self) -> EngineName:
        return "file"

    @property
    def recorded_s(self) -> float:
        """Length of what the agent said so far, waits left out: what has been written to the output."""
        return self._recorder.seconds

    def agent_sound_after(self, at_s: float) -> float | None:
        """When the agent next began to sound (first sample over -50 dBFS after a pause of 300 ms), None: not yet."""
        onsets = list(self._onsets.at_s)
        index = bisect_left(onsets, at_s)
        return onsets[index] if index < len(onsets) else None

    @property
    def agent_last_sound_s(self) -> float | None:
        """When the agent's newest sample over -50 dBFS arrived."""
        return self._onsets.last_loud_at_s if self._onsets.at_s else None

    async def play(self, samples: Samples) -> Played:
        """Send int16 samples, 48 kHz mono, after what is queued already; returns when the last one is handed over.

        Cancelling it drops the rest of this input. After `close` it is cancelled itself.
        """
        if samples.size == 0:
            now_s = self._clock.monotonic()
            return Played(now_s, None, now_s)
        clip = _Clip(samples, asyncio.get_running_loop().create_future())
        self._clips.append(clip)
        try:
            return await clip.done
        finally:
            with contextlib.suppress(ValueError):
                self._clips.remove(clip)

    # --- SoundPort ----------------------------------------------------------------------------------------

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        """Create the recording. Raises AppError when it cannot be written."""
        self._emit = emit
        await self._recorder.open()
        self._source = self._new_source()
        self._pump = asyncio.get_running_loop().create_task(self._send_for_ever(), name="file sound")
        self._pump.add_done_callback(self._release_waiting)

    async def close(self) -> None:
        """End sending and complete the recording. Raises AppError when the recording could not be written."""
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.wait([pump])
        self._kept.close()
        self._tracks.clear()
        self._emit = _ignore
        source, self._source = self._source, None
        if source is not None:
            await source.aclose()
        await self._recorder.close()
        if pump is not None and not pump.cancelled() and (defect := pump.exception()) is not None:
            raise defect

    async def set_microphone(self, *, sending: bool) -> None:
        self._tracks.set_sending(sending)
        if not sending and self._ready:
            self._ready = False
            self._emit(MicrophoneClosed())

    def keep_open(self, warm: bool) -> None:
        """A file is always ready."""

    async def silence_agent(self, silent: bool) -> None:
        """While silent, nothing is recorded."""
        self._silent = silent
        self._agent.clear()

    async def set_volume(self, percent: int) -> None:
        """A recording has no loudspeaker: ignored."""

    def levels(self) -> Levels:
        return Levels(microphone_dbfs=self._microphone.dbfs, agent_dbfs=self._agent.dbfs)

    async def devices(self) -> Devices:
        return Devices()

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """There is nothing to choose: ignored."""

    async def keep_speech(self, keep: bool) -> None:
        """What an input plays while no room hears it is kept; up to 60 s of it, then the input waits."""
        self._kept.keeping = keep

    @property
    def kept(self) -> Kept:
        return self._kept.kept

    def recall_sentence(self) -> None:
        self._kept.store.recall_sentence()

    def turn_over(self) -> None:
        self._kept.store.forget_sent()

    def drop_kept(self) -> None:
        self._kept.store.clear()

    # --- TrackHost ----------------------------------------------------------------------------------------

    async def microphone_track(self) -> rtc.LocalAudioTrack | None:
        if self._source is None:
            return None
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        track.mute()
        return track

    def microphone_published(self, track: rtc.LocalAudioTrack, room: rtc.Room) -> None:
        self._tracks.published(track)

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None:
        self._tracks.unpublished(track)

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        await self._kept.send(microphone, again=again)

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None:
        """The frames are enough."""

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None:
        self._agent.clear()

    def agent_frame(self, frame: rtc.AudioFrame) -> None:
        if self._silent:
            return
        samples = samples_of(frame)
        self._agent.hear(samples)
        self._onsets.hear(samples, self._clock.monotonic())
        self._recorder.hear(samples)

    # --- sending ------------------------------------------------------------------------------------------

    async def _send_for_ever(self) -> None:
        """One block every 10 ms by the clock, not 10 ms after the one before: the rate is exact over hours."""
        due_s = self._clock.monotonic()
        while True:
            now_s = self._clock.monotonic()
            if now_s < due_s:
                await self._clock.sleep(due_s - now_s)
                continue
            if now_s - due_s > CATCH_UP_S:
                due_s = now_s
            due_s += BLOCK_S
            block = self._kept.next_block() if self._kept.sending else self._next_block(now_s)
            if self._tracks.newest is not None:
                await self._hand_over(block)
                self._note(block)
            self._finish_over()

    def _next_block(self, at_s: float) -> Samples:
        """The next one of the input, if it may play; silence goes out while it is only recorded."""
        live = self._tracks.open
        if not self._clips or not (live or self._kept.records):
            return SILENCE
        block = self._clips[0].next_block(at_s)
        self._kept.remember(block)
        return block if live else SILENCE

    def _note(self, block: Samples) -> None:
        self._microphone.hear(block)
        if self._tracks.open and not self._ready:
            self._ready = True
            self._emit(MicrophoneReady())

    def _finish_over(self) -> None:
        if self._clips and self._clips[0].over:
            self._finish(self._clips[0])

    async def _hand_over(self, block: Samples) -> None:
        if self._source is None:
            return
        frame = rtc.AudioFrame(block.tobytes(), RATE_HZ, 1, BLOCK)
        with contextlib.suppress(TimeoutError):  # the SDK took the block with the request; only its answer is missing
            async with asyncio.timeout(CAPTURE_LIMIT_S):  # never wait_for: on 3.11 it can swallow our cancellation
                await self._source.capture_frame(frame)

    def _finish(self, clip: _Clip) -> None:
        if self._clips and self._clips[0] is clip:
            self._clips.popleft()
        if not clip.done.done() and clip.started_at_s is not None:
            clip.done.set_result(Played(clip.started_at_s, clip.sound_ended_at_s, self._clock.monotonic()))

    def _release_waiting(self, pump: asyncio.Task[None]) -> None:
        """Nobody waits for a sender that has ended; a defect in it is theirs to see."""
        defect = None if pump.cancelled() else pump.exception()
        for clip in self._clips:
            if defect is None:
                clip.done.cancel()
            elif not clip.done.done():
                clip.done.set_exception(defect)
        self._clips.clear()


def _ignore(event: SoundEvent) -> None:
    """Before `open` and after `close` nobody listens."""
