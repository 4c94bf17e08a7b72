"""A second ear beside WebRTC's: PortAudio on the same microphone, so that speech is remembered.

WebRTC's own device module hands out no samples. The sound systems of all three platforms let two streams read one
microphone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from mka1_desktop.adapters.capture_line import CaptureLine
from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.adapters.mixer import Mixer
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.portaudio_streams import Streams
from mka1_desktop.adapters.processing import Processing
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, Samples
from mka1_desktop.domain.errors import AppError

log = logging.getLogger(__name__)
WORK_LIMIT_S = 5.0  # a sound system that hangs must not hold up the conversation


class InputStreams(Protocol):
    """The recording side of `Streams`."""

    def open_input(self, device: str, heard: Callable[[Samples], None]) -> None: ...

    def close_input(self) -> None: ...


class SpeechRecorder:
    """Records into the store between `record(True)` and `record(False)`; where that is impossible, nothing.

    Nothing is loaded before it is needed. `device` is asked for the name of the microphone that shall be used.
    """

    def __init__(
        self,
        *,
        store: SpeechStore,
        options: SoundOptions,
        mixer: Mixer,
        device: Callable[[], str],
        heard: Callable[[Samples], None],
        load: Callable[[], InputStreams] | None = None,
    ) -> None:
        """`heard` gets every block that is recorded, cleaned, in a thread of its own."""
        self._store = store
        self._options = options
        self._mixer = mixer
        self._device = device
        self._tell_heard = heard
        self._load = load or partial(Streams, options.channel)
        self._turn = asyncio.Lock()
        self._tasks = OwnedTasks()
        self._wanted = self._recording = self._impossible = self._closed = False
        self._live = False
        self._counts = False  # blocks come from the right microphone
        self._worker: DaemonWorker | None = None
        self._streams: InputStreams | None = None
        self._line: CaptureLine | None = None

    @property
    def recording(self) -> bool:
        return self._recording

    @property
    def line(self) -> CaptureLine | None:
        """What sends; None while nothing was ever recorded."""
        return self._line

    def set_live(self, live: bool) -> None:
        """WebRTC sends what is heard now: it counts as sent."""
        self._live = live
        if self._line is not None:
            self._line.set_live(live)

    async def warm_up(self) -> None:
        """Load PortAudio, off the loop's thread, so that the first word is not lost to it."""
        async with self._turn:
            await self._ready()

    async def record(self, wanted: bool) -> None:
        """Idempotent; the newest wish counts, and is done to its end when the caller is cancelled."""
        self._wanted = wanted
        if not wanted and self._line is not None:  # at once: while the device closes, the track may be muted already
            self._counts = False
            self._line.keep(False)
        if (task := self._tasks.spawn(self._follow(), "record speech")) is not None:
            await asyncio.shield(task)

    async def move(self) -> None:
        """The device is another one now, and no mixer moves what runs."""
        if self._recording:
            async with self._turn:
                await self._stop()
            await self._follow()

    async def close(self) -> None:
        """Stop, wipe and end the threads; safe to call twice."""
        self._wanted, self._closed = False, True
        async with self._turn:
            await self._stop()
            self._store.clear()
            line, self._line = self._line, None
            worker, self._worker = self._worker, None
            if line is not None:
                await asyncio.to_thread(line.close)
            if worker is not None:
                worker.stop()
        await self._tasks.cancel()

    async def _follow(self) -> None:
        async with self._turn:
            if self._wanted and not self._recording and not self._closed:
                await self._start()
            elif not self._wanted:
                await self._stop()
            elif self._recording:  # wanted again before it was closed
                self._count()

    async def _start(self) -> None:
        if not await self._ready() or (streams := self._streams) is None or (line := self._line) is None:
            return
        self._counts = False
        device = self._device()
        if not await self._in_worker(partial(streams.open_input, device, self._heard)):
            if self._worker is not None:
                self._worker.submit(streams.close_input)  # should it come too late
            return
        self._recording = True
        if device and self._mixer.moves_streams:  # not a word of the system's microphone before it is moved
            await self._mixer.choose(microphone=device)
        line.set_open(True)
        self._count()

    def _count(self) -> None:
        """What is heard is remembered, unless the key was released while the device opened."""
        if self._wanted and self._line is not None:
            self._line.keep(True)
            self._counts = True

    async def _stop(self) -> None:
        if not self._recording or self._streams is None:
            return
        self._recording = self._counts = False
        await self._in_worker(self._streams.close_input)
        if self._line is not None:
            self._line.set_open(False)
            self._line.keep(False)

    async def _ready(self) -> bool:
        if self._streams is None and not self._impossible and not self._closed:
            self._worker = DaemonWorker("speech recorder")
            if await self._in_worker(self._load_streams):
                processing = partial(Processing, self._options)
                self._line = CaptureLine(processing, self._tell_heard, self._store, records_only=True)
                self._line.set_live(self._live)
                self._line.start()
            else:
                self._impossible = True
        return self._line is not None

    def _load_streams(self) -> None:
        self._streams = self._load()

    async def _in_worker(self, work: Callable[[], None]) -> bool:
        """False: it did not work, and the log says so. What hangs is left to itself."""
        if self._worker is None:
            return False
        try:
            async with asyncio.timeout(WORK_LIMIT_S):
                await asyncio.wrap_future(self._worker.submit(work))
        except AppError as e:
            log.info("speech cannot be kept: %s", e.code)
            return False
        except TimeoutError:
            log.warning("speech cannot be kept: the sound system does not answer")
            return False
        return True

    def _heard(self, block: Samples) -> None:
        """In PortAudio's thread."""
        line = self._line
        if line is not None and self._counts and block.size == BLOCK:
            line.microphone(block)
