"""From the microphone's thread to the room: an event loop of its own, so that a busy window delays no sound."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.kept_run import KeptRun
from mka1_desktop.adapters.processing import Processing
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples, level_dbfs

QUEUE_MS = 300  # a multiple of 10, or the SDK aborts; kept speech has that much time against a busy machine
QUEUED_S = 0.05  # live speech does not use more of it in the long run: pauses are shortened, the delay goes
KEPT = 20  # blocks, 200 ms: what live speech is behind by more than that after a stall is not sent any more
WAITING = 500  # blocks that wait at most, for the memory
LATE = 3  # with more blocks waiting, pauses are shortened: no word is lost, and the delay goes
QUIET_DBFS = -45.0
PAUSE_BLOCKS = 2  # silence goes out 20 ms at a time
PAUSE_S = PAUSE_BLOCKS * BLOCK / RATE_HZ
CATCH_UP_S = 0.2
JOIN_S = 3.0
LEAD_PAUSES = 10  # 200 ms of silence before kept speech: whoever listens fills its buffers first
TAIL_PAUSES = 10  # and behind it, so that its end is through before the track is muted or gone
SETTLED = RATE_HZ * 200 // 1000  # samples of a pause in which nobody hears that the track changes
SILENCE: Samples = np.zeros(PAUSE_BLOCKS * BLOCK, np.int16)


class _Heard(NamedTuple):
    """10 ms of the microphone, and what the loudspeaker played since the ones before."""

    block: Samples
    played: list[Samples]


class CaptureLine:
    """Owns the SDK's audio source and the thread that feeds it.

    While the microphone is open its blocks go out as they come, processed; else silence goes out, so that the far end
    hears a pause and not a gap. `microphone` and `loudspeaker` are called by PortAudio's threads and never wait.

    With a store, what is heard is also remembered while `keep` says so, and `send_kept` sends what is unsent there.
    """

    def __init__(
        self,
        processing: Callable[[], Processing],
        sent: Callable[[Samples], None],
        store: SpeechStore | None = None,
        *,
        records_only: bool = False,
    ) -> None:
        """`records_only`: nothing goes out but by `send_kept`, and that goes on with live speech until `end_kept`."""
        self._new_processing = processing
        self._sent = sent
        self._store = store or SpeechStore()
        self._records_only = records_only
        self._keep = False
        self._live = not records_only
        self._kept: KeptRun | None = None
        self._near: deque[_Heard] = deque(maxlen=WAITING)
        self._far: deque[Samples] = deque(maxlen=KEPT)
        self._open = False
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self._main: asyncio.Task[None] | None = None
        self.source = rtc.AudioSource(RATE_HZ, 1, queue_size_ms=QUEUE_MS, loop=self._loop)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Blocks until the thread is gone."""
        self._call(self._cancel)
        self._thread.join(JOIN_S)

    def set_open(self, is_open: bool) -> None:
        """Blocks from the microphone count, or silence goes out."""
        self._near.clear()
        self._open = is_open
        self._call(self._news.set)

    def set_live(self, live: bool) -> None:
        """What is heard goes out as it comes (where this line sends at all); for the store it counts as sent."""
        self._live = live
        self._call(self._news.set)

    def keep(self, keep: bool) -> None:
        """Remember what is heard."""
        self._keep = keep

    def send_kept(self, run: KeptRun) -> None:
        """Send what is unsent in the store, what is heard meanwhile behind it, until `run` is done or ended."""
        self._kept = run
        self._call(self._news.set)

    def end_kept(self, run: KeptRun, *, cut: bool) -> None:
        """Send no more of it. `cut`: it ends in the middle, so that what is still queued counts as unsent."""
        run.cut = cut
        run.ended = True
        self._call(self._news.set)

    def microphone(self, block: Samples) -> None:
        """10 ms that were heard."""
        self._near.append(_Heard(block.copy(), self._played()))
        self._call(self._news.set)

    def loudspeaker(self, block: Samples) -> None:
        """10 ms that are being played."""
        self._far.append(block)

    def _played(self) -> list[Samples]:
        """Take it now: the echo canceller must get both sides in the order of the devices, also after a stall."""
        played: list[Samples] = []
        with contextlib.suppress(IndexError):  # none is left; the line's own thread may take them too
            while True:
                played.append(self._far.popleft())
        return played

    def _call(self, work: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(work)
        except RuntimeError:  # closed: the last block of a stream that is being closed
            return

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._work())
            except asyncio.CancelledError:
                return

    async def _work(self) -> None:
        self._main = asyncio.current_task()
        processing = self._new_processing()
        try:
            while True:
                if (run := self._kept) is not None:
                    await self._send_kept(run, processing)
                elif self._open:
                    await self._send_heard(processing)
                elif self._records_only:
                    await self._wait()
                else:
                    await self._send_silence()
        finally:
            if self._kept is not None:
                self._kept.tell_done()
            await self.source.aclose()

    async def _wait(self) -> None:
        await self._news.wait()
        self._news.clear()

    async def _send_heard(self, processing: Processing) -> None:
        if not self._near:
            await self._wait()
        while self._near and self._open and self._kept is None:
            block = self._next_heard(processing)
            if self._keep:
                self._store.add(block, sent=self._live)
            if self._records_only or len(self._near) >= KEPT:
                continue
            if not self._live:
                await self._send(SILENCE[: block.size])
            elif not self._is_late() or level_dbfs(block) > QUIET_DBFS:
                await self._send(block)

    def _is_late(self) -> bool:
        return len(self._near) >= LATE or self.source.queued_duration > QUEUED_S

    def _next_heard(self, processing: Processing) -> Samples:
        heard = self._near.popleft()
        for played in heard.played:
            processing.far(played)
        block = processing.near(heard.block)
        self._sent(block)
        return block

    async def _send_kept(self, run: KeptRun, processing: Processing) -> None:
        """The queue of the source sets the pace, so that what is sent is exactly as fast as it was said."""
        lead, tail = LEAD_PAUSES, TAIL_PAUSES
        self._store.begin()
        while not run.ended:
            self._news.clear()
            self._hear_behind(processing)
            if lead:
                lead -= 1 if run.ready else 0
                await self._send(SILENCE)
            elif (block := self._store.take(shorten=True)) is not None:
                await self._send(block)
                tail = TAIL_PAUSES
            elif self._open and self._live and not self._records_only:
                break  # caught up: the next block that is heard goes on behind this one
            elif self._open:
                if self._store.quiet >= SETTLED and not self.source.queued_duration:
                    run.tell_pause()
                await self._news.wait()
            elif tail:
                tail -= 1
                await self._send(SILENCE)
            else:
                break
        if not run.cut:
            await self._settle()
        elif tail == TAIL_PAUSES and not lead:
            self._store.give_back(int(self.source.queued_duration * RATE_HZ))
            self.source.clear_queue()
        if self._kept is run:
            self._kept = None
        run.tell_done()

    async def _settle(self) -> None:
        """The last word is out; what WebRTC hears by itself in the pause since then is not sent twice."""
        if self._records_only:
            while self._store.take() is not None:
                continue
        if not self._open:
            await self.source.wait_for_playout()

    def _hear_behind(self, processing: Processing) -> None:
        while self._near and self._open:
            block = self._next_heard(processing)
            if self._keep or self._live:
                self._store.add(block, sent=False)

    async def _send_silence(self) -> None:
        due_s = self._loop.time()
        while not self._open and self._kept is None:
            self._far.clear()
            await self._send(SILENCE)
            due_s = max(due_s + PAUSE_S, self._loop.time() - CATCH_UP_S)
            self._news.clear()
            try:
                async with asyncio.timeout_at(due_s):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _send(self, block: Samples) -> None:
        await self.source.capture_frame(rtc.AudioFrame(block.tobytes(), RATE_HZ, 1, block.size))
