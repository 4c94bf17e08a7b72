"""What the agent said, in order and without the waits, into one WAV file."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import numpy as np

from mka1_desktop.adapters.meter import first_loud, last_loud
from mka1_desktop.adapters.wav_write import WavWriter
from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code

AFTER_SOUND = RATE_HZ * 200 // 1000  # quiet samples kept after sound: a voice fades
BEFORE_SOUND = RATE_HZ * 100 // 1000  # and before: soft consonants start below -50 dBFS
WRITE_SAMPLES = RATE_HZ // 5  # one trip to the writing thread for 200 ms
BACKLOG = 300  # such blocks (a minute) may wait for a slow disk


class Waits:
    """Takes the waits out of a stream of blocks.

    Silence is what lies below -50 dBFS. Up to 300 ms of it stays as it is; of more, 200 ms after the sound and 100 ms
    before the next stay; before the first sound, 100 ms.
    """

    def __init__(self) -> None:
        self._quiet: list[Samples] = []  # not decided yet
        self._quiet_samples = 0
        self._heard = False

    def feed(self, block: Samples) -> list[Samples]:
        """Take one block, return the samples that are settled by it, in order."""
        first, last = first_loud(block), last_loud(block)
        if first is None or last is None:
            return self._wait(block)
        settled = [*self._before(block[:first]), block[first : last + 1]]
        self._heard = True
        self._hold(block[last + 1 :])
        return settled

    def finish(self) -> list[Samples]:
        """Return the fading end."""
        tail = self._joined()[:AFTER_SOUND] if self._heard else np.zeros(0, np.int16)
        self._quiet, self._quiet_samples = [], 0
        return [tail]

    def _wait(self, block: Samples) -> list[Samples]:
        self._hold(block)
        longest = AFTER_SOUND + BEFORE_SOUND
        if self._quiet_samples > 4 * longest:  # keep only the two ends of a long wait
            quiet = self._joined()
            kept = (quiet[:AFTER_SOUND], quiet[-longest:])
            self._quiet = [np.concatenate(kept)]
            self._quiet_samples = self._quiet[0].size
        return []

    def _before(self, start: Samples) -> list[Samples]:
        self._hold(start)
        quiet = self._joined()
        self._quiet, self._quiet_samples = [], 0
        if not self._heard:
            return [quiet[-BEFORE_SOUND:]]
        if quiet.size <= AFTER_SOUND + BEFORE_SOUND:
            return [quiet]
        return [quiet[:AFTER_SOUND], quiet[-BEFORE_SOUND:]]

    def _hold(self, block: Samples) -> None:
        if block.size:
            self._quiet.append(block.copy())
            self._quiet_samples += block.size

    def _joined(self) -> Samples:
        return np.concatenate(self._quiet) if self._quiet else np.zeros(0, np.int16)


class Recorder:
    """Writes what it hears in a thread of its own; without a path it only counts.

    `hear` never blocks and never raises: what goes wrong on the disk is raised by `close`, and then the file holds
    what was written before.
    """

    def __init__(self, open_writer: Callable[[], WavWriter] | None) -> None:
        self._open_writer = open_writer
        self._writer: WavWriter | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._waits = Waits()
        self._pending: list[Samples] = []
        self._pending_samples = 0
        self._samples = 0
        self._writing: deque[Future[None]] = deque()
        self._failure: AppError | None = None

    @property
    def seconds(self) -> float:
        """Length of what was said so far, waits left out."""
        return self._samples / RATE_HZ

    async def open(self) -> None:
        """Create the file. Raises AppError (see WavWriter)."""
        if self._open_writer is None:
            return
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recording")
        try:
            self._writer = await asyncio.get_running_loop().run_in_executor(self._thread, self._open_writer)
        except BaseException:
            self._thread.shutdown(wait=False)
            self._thread = None
            raise

    def hear(self, samples: Samples) -> None:
        """One block of the agent's voice, int16, shape (n,); not kept."""
        self._take(self._waits.feed(samples))
        if self._pending_samples >= WRITE_SAMPLES:
            self._send()

    async def close(self) -> None:
        """Write the rest and the file is complete; safe to call twice. Raises AppError."""
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        self._take(self._waits.finish())
        self._submit(thread)
        if self._writer is not None:
            thread.submit(self._writer.close)
        await asyncio.to_thread(partial(thread.shutdown, wait=True))
        self._collect()
        if self._failure is not None:
            raise self._failure

    def _take(self, settled: list[Samples]) -> None:
        for block in settled:
            self._samples += block.size
            if self._open_writer is not None and block.size:
                self._pending.append(block.copy())
                self._pending_samples += block.size

    def _send(self) -> None:
        self._collect()
        if self._thread is not None:
            self._submit(self._thread)

    def _submit(self, thread: ThreadPoolExecutor) -> None:
        if self._writer is None or not self._pending:
            return
        block = np.concatenate(self._pending)
        self._pending, self._pending_samples = [], 0
        if self._failure is not None:
            return
        if len(self._writing) >= BACKLOG:
            self._failure = AppError(Code.BAD_FILE, message="The disk was too slow: the recording is not complete.")
            return
        self._writing.append(thread.submit(self._writer.write, block))

    def _collect(self) -> None:
        while self._writing and self._writing[0].done():
            failure = self._writing.popleft().exception()
            if isinstance(failure, AppError):
                self._failure = self._failure or failure
            elif failure is not None:
                raise failure
