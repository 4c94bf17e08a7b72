"""The sound check's devices: open in their context only, on the chosen device, and wiped afterwards."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from mka1_desktop.adapters.check_streams import DRAIN, CheckCapture, CheckPlayback
from mka1_desktop.adapters.mixer_none import NoMixer
from mka1_desktop.adapters.sound_check import DeviceCheck
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Device, Samples
from mka1_desktop.domain.errors import AppError, Code

HEADSET = Device("hs", "Headset")
LIMIT_S = 10.0
LOUD: Samples = np.full(BLOCK, 9000, np.int16)


class FakeStreams:
    """Devices that the test drives."""

    def __init__(self, told: list[str]) -> None:
        self._told = told
        self.failure: AppError | None = None
        self.output_latency_s = 0.1
        self.hear: Callable[[Samples], None] | None = None
        self.wanted: Callable[[int], Samples] | None = None

    def open_input(self, device: str, heard: Callable[[Samples], None]) -> None:
        self._told.append(f"input {device}".strip())
        if self.failure is not None:
            raise self.failure
        self.hear = heard
        heard(LOUD)  # of whatever microphone PortAudio took

    def open_output(self, device: str, wanted: Callable[[int], Samples]) -> None:
        self._told.append(f"output {device}".strip())
        if self.failure is not None:
            raise self.failure
        self.wanted = wanted
        for _ in range(DRAIN // BLOCK):
            assert not wanted(BLOCK).any(), "silent until it is moved and asked"

    def close_input(self) -> None:
        self._told.append("input closed")
        self.hear = None

    def close_output(self) -> None:
        self._told.append("output closed")
        self.wanted = None


class FakeMixer(NoMixer):
    def __init__(self, told: list[str], *, moves: bool) -> None:
        self._told = told
        self.moves_streams = moves

    async def open(self, changed: Callable[[], None]) -> None:
        self._told.append("mixer")

    async def close(self) -> None:
        self._told.append("mixer closed")

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        self._told.append(f"move {microphone if speaker is None else speaker}".strip())


class Bench:
    def __init__(self, *, moves: bool = True) -> None:
        self.told: list[str] = []
        self.streams = FakeStreams(self.told)
        self.check = DeviceCheck(make_mixer=lambda: FakeMixer(self.told, moves=moves), load=self._load)

    def _load(self, channel: int, latency_s: float) -> FakeStreams:
        self.told.append("loaded")
        return self.streams


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.check.close()


async def test_nothing_is_loaded_before_it_is_needed(bench: Bench) -> None:
    await asyncio.sleep(0)
    assert bench.told == []


async def test_the_microphone_is_moved_before_it_counts_and_closed_behind(bench: Bench) -> None:
    async with bench.check.microphone(HEADSET, keeps=True) as capture:
        assert bench.told == ["loaded", "mixer", "input", "move hs"]
        assert capture.recorded == 0, "what another microphone heard does not count"
        assert bench.streams.hear is not None
        bench.streams.hear(LOUD)
        await capture.until(BLOCK)
        assert np.array_equal(capture.samples(), LOUD)
        kept = capture
    assert bench.told[-1] == "input closed"
    assert kept.samples().size == 0, "nothing is left of what was heard"


async def test_without_a_mixer_portaudio_is_told_the_name() -> None:
    bench = Bench(moves=False)
    async with bench.check.microphone(HEADSET, keeps=False), bench.check.speaker(None):
        assert bench.told == ["loaded", "mixer", "input Headset", "output"]
    await bench.check.close()
    await bench.check.close()
    assert bench.told[-1] == "mixer closed"


async def test_the_system_device_is_followed_again(bench: Bench) -> None:
    async with bench.check.speaker(None) as playback:
        assert bench.told[-1] == "move"
        assert playback.latency_s == 0.1


async def test_a_device_that_does_not_open_is_closed_all_the_same(bench: Bench) -> None:
    bench.streams.failure = AppError(Code.NO_MICROPHONE)
    with pytest.raises(AppError) as failed:
        async with bench.check.microphone(None, keeps=False):
            raise AssertionError("it is not open")
    assert failed.value.code is Code.NO_MICROPHONE
    assert bench.told[-1] == "input closed"


async def test_a_machine_without_sound() -> None:
    def load(channel: int, latency_s: float) -> FakeStreams:
        raise AppError(Code.NO_SOUND)

    check = DeviceCheck(make_mixer=NoMixer, load=load)
    for _ in range(2):
        with pytest.raises(AppError) as failed:
            async with check.speaker(None):
                raise AssertionError("there is none")
        assert failed.value.code is Code.NO_SOUND
    await check.close()


async def test_what_is_cancelled_is_closed(bench: Bench) -> None:
    opened = asyncio.Event()

    async def use() -> None:
        async with bench.check.microphone(None, keeps=True) as capture:
            opened.set()
            await capture.until(RATE_HZ)

    task = asyncio.get_running_loop().create_task(use())
    await opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert bench.told[-1] == "input closed"


async def test_the_volume_of_the_assistant(bench: Bench) -> None:
    async with bench.check.speaker(None):
        assert bench.check.gain(50, "portaudio") == 0.5
        assert bench.check.gain(50, "native") == 0.125, "the sound server's volume is cubic"
        assert bench.check.gain(100, "native") == 1.0
    elsewhere = Bench(moves=False)
    async with elsewhere.check.speaker(None):
        assert elsewhere.check.gain(50, "native") == 0.5
    await elsewhere.check.close()


class Time:
    """A monotonic clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def test_a_late_callback_does_not_change_the_time_of_a_sample() -> None:
    now = Time()
    capture = CheckCapture(keeps=True, monotonic=now)
    capture.begin()
    for late_s in (0.0, 0.08, 0.07, 0.0, 0.03):
        due_s = 100.0 + (capture.recorded + BLOCK) / RATE_HZ
        now.now_s = due_s + late_s
        capture.hear(LOUD)
    assert capture.index_at(100.0) == 0
    assert capture.index_at(100.02) == 2 * BLOCK


async def test_what_is_played_comes_out_once_and_whole_in_blocks_of_any_size() -> None:
    now = Time()
    playback = CheckPlayback(monotonic=now)
    samples: Samples = np.arange(1, 1501, dtype=np.int16)
    playing = asyncio.get_running_loop().create_task(playback.play(samples))
    await asyncio.sleep(0)
    out: list[Samples] = []
    asked = 0
    while not playing.done():
        size = (480, 331, 977)[len(out) % 3]
        out.append(playback.wanted(size))
        assert out[-1].size == size
        asked += size
        now.now_s = 100.0 + asked / RATE_HZ
        await asyncio.sleep(0)
    whole = np.concatenate(out)
    first = int(np.flatnonzero(whole)[0])
    assert np.array_equal(whole[first : first + samples.size], samples)
    assert np.count_nonzero(whole) == samples.size
    assert await playing == pytest.approx(100.0 + first / RATE_HZ)
    assert asked >= first + samples.size + DRAIN, "its end was waited for"


async def test_a_closed_speaker_is_silent_at_once() -> None:
    playback = CheckPlayback()
    playing = asyncio.get_running_loop().create_task(playback.play(np.full(RATE_HZ, 5, np.int16)))
    await asyncio.sleep(0)
    playback.wanted(BLOCK * 4)
    playback.end()
    assert not playback.wanted(BLOCK).any()
    playing.cancel()


async def test_no_more_than_fifteen_seconds_are_kept() -> None:
    capture = CheckCapture(keeps=True)
    capture.begin()
    for _ in range(16):
        capture.hear(np.ones(RATE_HZ, np.int16))
    assert capture.recorded == 16 * RATE_HZ
    assert capture.samples().size == 15 * RATE_HZ


async def test_loudness_is_of_all_since_the_last_question() -> None:
    capture = CheckCapture(keeps=False)
    capture.begin()
    capture.hear(np.full(BLOCK, -32768, np.int16))
    capture.hear(LOUD)
    loudness = capture.loudness()
    assert loudness.dbfs == pytest.approx(-11.2, abs=0.1)
    assert (loudness.peak_dbfs, loudness.clipped) == (0.0, True)
    capture.hear(LOUD)
    assert not capture.loudness().clipped


async def test_samples_from_another_thread_wake_who_waits() -> None:
    capture = CheckCapture(keeps=False)
    capture.begin()

    def device() -> None:
        for _ in range(100):
            capture.hear(LOUD)

    async with asyncio.timeout(LIMIT_S):
        thread = threading.Thread(target=device)
        thread.start()
        await capture.until(100 * BLOCK)
        thread.join()
    assert capture.recorded == 100 * BLOCK


async def test_a_device_that_stalls_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mka1_desktop.adapters.check_streams.STALL_S", 0.05)
    capture, playback = CheckCapture(keeps=False), CheckPlayback()
    with pytest.raises(AppError) as failed:
        await capture.until(BLOCK)
    assert failed.value.code is Code.NO_MICROPHONE
    with pytest.raises(AppError) as failed:
        await playback.play(LOUD)
    assert failed.value.code is Code.DEVICE_GONE
