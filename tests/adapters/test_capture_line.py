"""The line of the engine that holds the samples: sample by sample what goes out, kept speech before live speech."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest
from livekit import rtc

from mka1_desktop.adapters.capture_line import CaptureLine
from mka1_desktop.adapters.kept_run import KeptRun
from mka1_desktop.adapters.processing import Processing
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples

PLAIN = SoundOptions(echo_cancellation=False, noise_suppression=False, gain_control=False)
LIMIT_S = 10.0


class Out(rtc.AudioSource):
    """Takes `limit` frames, then waits until it is raised. Called in the line's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(RATE_HZ, 1, queue_size_ms=0, loop=loop)
        self.blocks: list[Samples] = []
        self.queued_s = 0.0
        self.cleared = 0
        self.limit = 1_000_000
        self.waiting = threading.Event()

    @property
    def queued_duration(self) -> float:
        return self.queued_s

    def clear_queue(self) -> None:
        self.cleared += 1

    async def wait_for_playout(self) -> None:
        """All is out already."""

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        while len(self.blocks) >= self.limit:
            self.waiting.set()
            await asyncio.sleep(0.002)
        self.blocks.append(np.frombuffer(frame.data, np.int16).copy())

    def speech(self) -> list[int]:
        """The numbers of the blocks that are no silence."""
        return [int(one[0]) - 2000 for one in self.blocks if one.any()]


class Bench:
    def __init__(self, *, records_only: bool) -> None:
        self.store = SpeechStore()
        self.heard = threading.Semaphore(0)
        self.line = CaptureLine(partial(Processing, PLAIN), self._note, self.store, records_only=records_only)
        self.out = Out(self.line._loop)
        self.line.source = self.out
        self._number = 0

    def _note(self, _: Samples) -> None:
        self.heard.release()

    def keep(self, count: int) -> None:
        for _ in range(count):
            self.store.add(self._next(), sent=False)

    def say(self, count: int) -> None:
        """Speak into the microphone; returns when the line has heard it."""
        for _ in range(count):
            self.line.microphone(self._next())
            assert self.heard.acquire(timeout=LIMIT_S)

    def pause(self, count: int) -> None:
        for _ in range(count):
            self.line.microphone(np.zeros(BLOCK, np.int16))
            assert self.heard.acquire(timeout=LIMIT_S)

    def _next(self) -> Samples:
        self._number += 1
        return np.full(BLOCK, 1999 + self._number, np.int16)


@contextmanager
def running(*, records_only: bool) -> Iterator[Bench]:
    bench = Bench(records_only=records_only)
    bench.line.start()
    try:
        yield bench
    finally:
        bench.out.limit = 1_000_000
        bench.line.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - another thread changes it
            await asyncio.sleep(0.005)


async def done(run: KeptRun) -> None:
    async with asyncio.timeout(LIMIT_S):
        await run.until_done()


@pytest.mark.parametrize("records_only", [False, True])
async def test_kept_speech_goes_out_whole_with_silence_around_it(records_only: bool) -> None:
    with running(records_only=records_only) as bench:
        bench.keep(40)
        run = KeptRun()
        bench.line.send_kept(run)
        await done(run)
        speech = [index for index, one in enumerate(bench.out.blocks) if one.any()]
        assert bench.out.speech() == list(range(40))
        assert speech == list(range(speech[0], speech[0] + 40))  # no silence inside
        assert not any(one.any() for one in bench.out.blocks[: speech[0]])
        before = sum(one.size for one in bench.out.blocks[: speech[0]])
        assert before >= RATE_HZ // 5
        assert bench.store.unsent == 0


async def test_live_speech_follows_kept_speech_without_a_gap_and_then_goes_out_directly() -> None:
    with running(records_only=False) as bench:
        bench.line.keep(True)
        bench.line.set_live(False)
        bench.line.set_open(True)
        bench.say(30)
        assert bench.store.unsent == 30 * BLOCK
        assert bench.out.speech() == []
        bench.out.limit = len(bench.out.blocks) + 20
        run = KeptRun()
        bench.line.send_kept(run)
        bench.line.set_live(True)
        await asyncio.to_thread(bench.out.waiting.wait, LIMIT_S)
        for _ in range(10):
            bench.line.microphone(bench._next())
        bench.out.limit = 1_000_000
        await done(run)
        bench.say(10)
        await until(lambda: len(bench.out.speech()) == 50)
        assert bench.out.speech() == list(range(50))
        assert bench.store.unsent == 0
        assert bench.store.recorded == 50 * BLOCK


async def test_beside_webrtc_live_speech_goes_on_until_a_pause() -> None:
    with running(records_only=True) as bench:
        bench.line.keep(True)
        bench.line.set_open(True)
        bench.say(20)
        run = KeptRun()
        bench.line.send_kept(run)
        bench.say(20)
        await until(lambda: len(bench.out.speech()) == 40)
        assert not run.done
        bench.pause(30)
        async with asyncio.timeout(LIMIT_S):
            assert await run.until_pause()
        bench.line.set_live(True)  # WebRTC hears by itself now
        bench.line.end_kept(run, cut=False)
        await done(run)
        bench.say(5)
        assert bench.out.speech() == list(range(40))
        assert bench.store.unsent == 0


async def test_beside_webrtc_nothing_goes_out_unasked() -> None:
    with running(records_only=True) as bench:
        bench.line.set_open(True)
        bench.say(5)
        assert bench.store.recorded == 0
        bench.line.keep(True)
        bench.say(5)
        bench.line.set_live(True)
        bench.say(3)
        bench.line.set_open(False)
        assert bench.out.blocks == []
        assert bench.store.unsent == 5 * BLOCK
        assert bench.store.recorded == 8 * BLOCK


@pytest.mark.parametrize("records_only", [False, True])
async def test_what_waits_in_the_queue_at_a_cut_stays_unsent(records_only: bool) -> None:
    with running(records_only=records_only) as bench:
        bench.keep(200)
        bench.out.limit = 100
        run = KeptRun()
        bench.line.send_kept(run)
        await until(bench.out.waiting.is_set)
        bench.out.queued_s = 0.05
        bench.line.end_kept(run, cut=True)
        bench.out.limit = 1_000_000
        await done(run)
        out = bench.out.speech()
        assert bench.store.unsent == (200 - len(out) + 5) * BLOCK
        assert bench.out.cleared == 1
        bench.out.blocks.clear()
        bench.out.queued_s = 0.0
        again = KeptRun()
        bench.line.send_kept(again)
        await done(again)
        assert bench.out.speech() == list(range(len(out) - 5, 200))


async def test_a_stall_makes_live_speech_skip_and_loses_nothing_of_what_is_kept() -> None:
    with running(records_only=False) as bench:
        bench.line.keep(True)
        bench.line.set_open(True)
        bench.out.limit = 0
        bench.line.microphone(bench._next())
        await until(bench.out.waiting.is_set)
        for _ in range(100):
            bench.line.microphone(bench._next())
        bench.out.limit = 1_000_000
        await until(lambda: bench.store.recorded == 101 * BLOCK)
        bench.line.microphone(bench._next())
        await until(lambda: bench.out.speech()[-1:] == [101])
        assert len(bench.out.speech()) < 60
        bench.store.rewind()
        run = KeptRun()
        bench.out.blocks.clear()
        bench.line.set_open(False)
        bench.line.send_kept(run)
        await done(run)
        assert bench.out.speech() == list(range(102))


async def test_closing_leaves_nobody_waiting() -> None:
    with running(records_only=True) as bench:
        bench.line.set_open(True)
        bench.keep(3)
        run = KeptRun()
        bench.line.send_kept(run)
        await until(lambda: len(bench.out.speech()) == 3)
    await done(run)


async def test_dropping_ends_it() -> None:
    with running(records_only=False) as bench:
        bench.keep(300)
        run = KeptRun()
        bench.out.limit = 50
        bench.line.send_kept(run)
        await until(bench.out.waiting.is_set)
        bench.store.clear()
        bench.out.limit = 1_000_000
        await done(run)
        assert 0 < len(bench.out.speech()) < 50


async def test_a_block_that_comes_with_the_opening_is_heard_at_once() -> None:
    for _ in range(20):
        with running(records_only=True) as bench:
            bench.line.keep(True)
            bench.line.set_open(True)
            bench.say(1)
            assert bench.store.unsent == BLOCK
