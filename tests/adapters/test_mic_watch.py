"""What is concluded from WebRTC's counters, on a clock that runs by itself."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from livekit import rtc
from livekit.rtc._proto.stats_pb2 import RtcStats

from mka1_desktop.adapters.mic_watch import captured, watch_closed, watch_opening
from mka1_desktop.domain.errors import Code
from mka1_desktop.domain.events import MicrophoneFailed, MicrophoneReady, SoundEvent


class QuickClock:
    """Sleeping takes no time."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        await asyncio.sleep(0)


class Counting:
    """A track whose samples are counted while `running`."""

    def __init__(self, clock: QuickClock, *, level: float = 0.1) -> None:
        self._clock = clock
        self._level = level
        self._seconds = self._energy = 0.0
        self._since_s = clock.now_s
        self._running = False
        self.published = True

    @property
    def track(self) -> rtc.LocalAudioTrack:
        return cast(rtc.LocalAudioTrack, self)

    def run(self, running: bool) -> None:
        self._count()
        self._running = running

    def _count(self) -> None:
        if self._running:
            passed_s = self._clock.now_s - self._since_s
            self._seconds += passed_s
            self._energy += passed_s * self._level**2
        self._since_s = self._clock.now_s

    async def get_stats(self) -> list[RtcStats]:
        if not self.published:
            raise Exception("room failure: no transceiver found for track")  # noqa: TRY002 - as the SDK does
        self._count()
        row = RtcStats()
        row.media_source.audio.total_samples_duration = self._seconds
        row.media_source.audio.total_audio_energy = self._energy
        row.media_source.audio.audio_level = self._level
        return [RtcStats(), row]


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


def never() -> None:
    raise AssertionError("nothing was to be done")


async def test_the_level_is_in_dbfs(clock: QuickClock) -> None:
    now = await captured(Counting(clock, level=0.1).track)
    assert now is not None
    assert now.dbfs == pytest.approx(-20)
    silent = await captured(Counting(clock, level=0.0).track)
    assert silent is not None
    assert silent.dbfs == -90


async def test_a_track_that_is_not_published_tells_nothing(clock: QuickClock) -> None:
    counting = Counting(clock)
    counting.published = False
    assert await captured(counting.track) is None


async def test_ready_means_that_samples_arrive(clock: QuickClock) -> None:
    counting, events = Counting(clock), list[SoundEvent]()
    watching = asyncio.get_running_loop().create_task(watch_opening(counting.track, clock, events.append, never))
    for _ in range(5):
        await asyncio.sleep(0)
    assert events == []
    counting.run(True)
    await watching
    assert events == [MicrophoneReady()]


async def test_zeros_are_said_after_a_while(clock: QuickClock) -> None:
    counting, events = Counting(clock, level=0.0), list[SoundEvent]()
    counting.run(True)
    begin_s = clock.now_s
    await watch_opening(counting.track, clock, events.append, never)
    assert events[0] == MicrophoneReady()
    assert isinstance(events[1], MicrophoneFailed)
    assert events[1].trouble.code is Code.MIC_SILENT
    assert clock.now_s - begin_s < 2


async def test_a_recording_that_does_not_open_is_opened_again(clock: QuickClock) -> None:
    counting, events, tries = Counting(clock), list[SoundEvent](), list[float]()

    def again() -> None:
        tries.append(clock.now_s)
        counting.run(True)

    begin_s = clock.now_s
    await watch_opening(counting.track, clock, events.append, again)
    assert events == [MicrophoneReady()]
    assert [t - begin_s for t in tries] == [pytest.approx(1.0, abs=0.1)]


async def test_a_microphone_that_never_comes_is_said_so(clock: QuickClock) -> None:
    counting, events, tries = Counting(clock), list[SoundEvent](), list[float]()
    await watch_opening(counting.track, clock, events.append, lambda: tries.append(clock.now_s))
    assert [e.trouble.code for e in events if isinstance(e, MicrophoneFailed)] == [Code.NO_MICROPHONE]
    assert len(events) == 1
    assert len(tries) == 2


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_recording_that_runs_on_is_stopped_within_a_second(clock: QuickClock, fresh: bool) -> None:
    counting, stopped = Counting(clock), list[float]()

    def stop() -> None:
        stopped.append(clock.now_s)
        counting.run(False)

    counting.run(True)
    begin_s = clock.now_s
    await watch_closed(counting.track, clock, stop, fresh=fresh)
    assert len(stopped) == 1
    assert stopped[0] - begin_s < (0.1 if fresh else 0.6)


async def test_one_that_opens_late_is_stopped_too(clock: QuickClock) -> None:
    counting, stopped = Counting(clock), list[float]()

    def stop() -> None:
        stopped.append(clock.now_s)
        counting.run(False)

    task = asyncio.get_running_loop().create_task(watch_closed(counting.track, clock, stop, fresh=True))
    for _ in range(20):
        await asyncio.sleep(0)
    assert stopped == []
    counting.run(True)
    await task
    assert len(stopped) == 1


async def test_the_last_samples_before_the_mute_do_not_count(clock: QuickClock) -> None:
    counting = Counting(clock)
    counting.run(True)
    clock.now_s += 5
    counting.run(False)
    await watch_closed(counting.track, clock, never, fresh=False)
