"""The engine without a sound card, on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc

from mka1_desktop.adapters.sound_file import FileSound, Played
from mka1_desktop.adapters.wav_read import read_wav
from mka1_desktop.domain.audio import BLOCK, FLOOR_DBFS, RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import MicrophoneClosed, MicrophoneReady
from tests.support.file_rig import HandClock, Rig, settle


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return tmp_path / "out.wav"


@pytest.fixture
async def rig(recording: Path) -> AsyncIterator[Rig]:
    rig = Rig(str(recording))
    await rig.sound.open(rig.events.append)
    yield rig
    await rig.sound.close()


def loud(size: int, value: int = 5000) -> Samples:
    return np.full(size, value, np.int16)


def quiet(size: int) -> Samples:
    return np.zeros(size, np.int16)


def started(rig: Rig, samples: Samples) -> asyncio.Task[Played]:
    return asyncio.get_running_loop().create_task(rig.sound.play(samples))


async def test_silence_goes_out_every_10_ms_once_a_track_is_published(rig: Rig) -> None:
    await rig.clock.pass_s(0.5)
    assert rig.source.blocks == []
    await rig.publish()
    await rig.clock.pass_s(1.0)
    assert len(rig.source.blocks) == pytest.approx(100, abs=1)
    assert not rig.source.sent.any()


async def test_every_sample_goes_out_once_in_order_and_in_real_time(rig: Rig) -> None:
    track = await rig.publish()
    await rig.sound.set_microphone(sending=True)
    assert not track.muted
    await rig.clock.pass_s(0.1)
    samples = np.arange(1, 10 * BLOCK + 124, dtype=np.int16)
    task = started(rig, samples)
    await rig.clock.pass_s(0.3)

    played = await task
    sent = rig.source.sent
    begin = int(np.flatnonzero(sent)[0])
    assert begin >= 9 * BLOCK  # silence before
    assert np.array_equal(sent[begin : begin + samples.size], samples)
    assert not sent[begin + samples.size :].any()  # and after
    assert sent.size > begin + samples.size + 5 * BLOCK
    assert played.ended_at_s - played.started_at_s == pytest.approx(0.1, abs=0.001)
    assert played.sound_ended_at_s == pytest.approx(played.started_at_s + (samples.size - 1) / RATE_HZ, abs=0.001)
    times = [at_s for at_s, _ in rig.source.blocks]
    assert np.diff(times) == pytest.approx(0.01, abs=1e-6)


async def test_the_end_of_the_sound_is_its_last_loud_sample(rig: Rig) -> None:
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    task = started(rig, np.concatenate([loud(BLOCK), quiet(20 * BLOCK), loud(5 * BLOCK, 100)]))  # 100: -50.3 dBFS
    await rig.clock.pass_s(0.5)
    played = await task
    assert played.sound_ended_at_s == pytest.approx(played.started_at_s + (BLOCK - 1) / RATE_HZ, abs=1e-6)

    task = started(rig, quiet(BLOCK))
    await rig.clock.pass_s(0.1)
    assert (await task).sound_ended_at_s is None


async def test_an_input_waits_for_the_microphone_and_for_a_room(rig: Rig) -> None:
    task = started(rig, loud(3 * BLOCK))
    await rig.sound.set_microphone(sending=True)
    await rig.clock.pass_s(0.2)
    assert rig.events == []  # no room yet
    await rig.publish()
    await rig.clock.pass_s(0.015)
    assert rig.events == [MicrophoneReady()]
    await rig.sound.set_microphone(sending=False)
    await rig.clock.pass_s(0.5)
    assert rig.events == [MicrophoneReady(), MicrophoneClosed()]
    assert not task.done()
    await rig.sound.set_microphone(sending=True)
    await rig.clock.pass_s(0.1)
    await task
    assert np.count_nonzero(rig.source.sent) == 3 * BLOCK  # nothing lost, nothing twice


async def test_a_busy_machine_delays_blocks_and_drops_none(rig: Rig) -> None:
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    samples = np.arange(1, 20 * BLOCK + 1, dtype=np.int16)
    task = started(rig, samples)
    await rig.clock.pass_s(0.05)
    await rig.clock.jump_s(0.1)
    await rig.clock.pass_s(0.2)
    await task
    sent = rig.source.sent
    assert np.array_equal(sent[sent != 0], samples)
    assert len(rig.source.blocks) == pytest.approx(35, abs=2)  # it caught up


async def test_a_long_stall_is_not_made_up_for_with_a_burst(rig: Rig) -> None:
    await rig.publish()
    await rig.clock.pass_s(0.1)
    before = len(rig.source.blocks)
    await rig.clock.jump_s(30.0)
    await rig.clock.pass_s(0.1)
    assert len(rig.source.blocks) - before < 15


async def test_inputs_follow_one_another(rig: Rig) -> None:
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    first, second = started(rig, loud(2 * BLOCK, 1000)), started(rig, loud(2 * BLOCK, 2000))
    await rig.clock.pass_s(0.1)
    assert (await first).ended_at_s <= (await second).started_at_s
    sent = rig.source.sent
    assert sent[sent != 0].tolist() == [1000] * 2 * BLOCK + [2000] * 2 * BLOCK


async def test_an_input_that_is_given_up_stops(rig: Rig) -> None:
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    task = started(rig, loud(100 * BLOCK))
    await rig.clock.pass_s(0.05)
    task.cancel()
    await rig.clock.pass_s(0.5)
    assert np.count_nonzero(rig.source.sent) <= 7 * BLOCK


async def test_an_empty_input_is_over_at_once(rig: Rig) -> None:
    assert (await rig.sound.play(quiet(0))).sound_ended_at_s is None


async def test_closing_releases_who_waits(rig: Rig) -> None:
    task = started(rig, loud(BLOCK))
    await settle()
    await rig.sound.close()
    await rig.sound.close()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_defect_of_the_sdk_reaches_who_waits(recording: Path) -> None:
    rig = Rig(None)
    await rig.sound.open(rig.events.append)
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    rig.source.defect = RuntimeError("no source")
    task = started(rig, loud(BLOCK))
    await rig.clock.pass_s(0.05)
    with pytest.raises(RuntimeError):
        await task
    with pytest.raises(RuntimeError):
        await rig.sound.close()


async def test_at_a_hand_over_the_old_track_is_not_muted(rig: Rig) -> None:
    old = await rig.publish()
    await rig.sound.set_microphone(sending=True)
    new = await rig.publish()
    await rig.sound.set_microphone(sending=False)
    assert new.muted
    assert not old.muted
    rig.sound.microphone_unpublished(old)
    assert not old.muted
    await rig.sound.set_microphone(sending=True)
    assert not new.muted


async def test_when_the_newer_room_is_left_the_older_one_takes_over(rig: Rig) -> None:
    old = await rig.publish()
    new = await rig.publish()
    await rig.sound.set_microphone(sending=True)
    assert old.muted
    rig.sound.microphone_unpublished(new)
    assert not old.muted


async def test_the_recording_leaves_the_waits_out(rig: Rig, recording: Path) -> None:
    ms = RATE_HZ // 1000
    rig.hear(quiet(2000 * ms))
    rig.hear(loud(500 * ms, 1000))
    rig.hear(quiet(200 * ms))  # a pause between words stays
    rig.hear(loud(500 * ms, 2000))
    rig.hear(quiet(60_000 * ms))  # a wait
    rig.hear(loud(500 * ms, 3000))
    rig.hear(quiet(1000 * ms))
    await rig.sound.close()

    samples = read_wav(str(recording))
    voiced = samples[samples != 0]
    assert voiced.tolist() == [1000] * 500 * ms + [2000] * 500 * ms + [3000] * 500 * ms
    quiet_ms = [100, 200, 300, 200]
    assert samples.size == (1500 + sum(quiet_ms)) * ms
    assert rig.sound.recorded_s == samples.size / RATE_HZ


async def test_the_recording_is_not_touched_between_close_sounds(rig: Rig, recording: Path) -> None:
    noise = np.random.default_rng(7).integers(-3000, 3000, 3 * RATE_HZ).astype(np.int16)
    noise[0] = 3000
    noise[-1] = 3000
    rig.hear(noise)
    await rig.sound.close()
    assert np.array_equal(read_wav(str(recording)), noise)


async def test_while_silenced_nothing_is_recorded(rig: Rig, recording: Path) -> None:
    rig.hear(loud(RATE_HZ, 1000))
    await rig.sound.silence_agent(True)
    rig.hear(loud(RATE_HZ, 2000))
    await rig.sound.silence_agent(False)
    rig.hear(loud(RATE_HZ, 3000))
    await rig.sound.close()
    assert set(read_wav(str(recording)).tolist()) == {1000, 3000}


async def test_onsets_of_the_agent(rig: Rig) -> None:
    begin_s = rig.clock.monotonic()
    assert rig.sound.agent_sound_after(begin_s) is None
    rig.hear(np.concatenate([quiet(240), loud(2 * BLOCK - 240)]))
    first_s = rig.sound.agent_sound_after(begin_s)
    assert first_s == pytest.approx(begin_s + 240 / RATE_HZ)
    await rig.clock.pass_s(0.2)
    rig.hear(loud(2 * BLOCK))  # the same sentence
    await rig.clock.pass_s(0.5)
    asked_s = rig.clock.monotonic()
    assert rig.sound.agent_sound_after(asked_s) is None
    await rig.clock.pass_s(0.5)
    rig.hear(loud(2 * BLOCK))
    assert rig.sound.agent_sound_after(asked_s) == pytest.approx(asked_s + 0.5)
    assert rig.sound.agent_sound_after(begin_s) == first_s
    assert rig.sound.agent_last_sound_s == pytest.approx(asked_s + 0.52, abs=0.001)


async def test_levels(rig: Rig) -> None:
    await rig.publish()
    await rig.sound.set_microphone(sending=True)
    started(rig, loud(5 * BLOCK, 3277))
    rig.hear(loud(2 * BLOCK, 328))
    await rig.clock.pass_s(0.03)
    assert rig.sound.levels().microphone_dbfs == pytest.approx(-20, abs=0.1)
    assert rig.sound.levels().agent_dbfs == pytest.approx(-40, abs=0.1)
    await rig.clock.pass_s(1.0)
    assert rig.sound.levels().microphone_dbfs == FLOOR_DBFS
    assert rig.sound.levels().agent_dbfs == FLOOR_DBFS


async def test_a_recording_that_cannot_be_made_is_said_at_once(tmp_path: Path) -> None:
    rig = Rig(str(tmp_path / "no" / "folder.wav"))
    with pytest.raises(AppError) as caught:
        await rig.sound.open(rig.events.append)
    assert caught.value.code is Code.BAD_FILE
    await rig.sound.close()


async def test_frames_of_another_rate_are_refused(rig: Rig) -> None:
    with pytest.raises(ValueError, match="48 kHz"):
        rig.sound.agent_frame(rtc.AudioFrame(bytes(320), 16_000, 1, 160))


def test_what_it_is_called() -> None:
    make: Callable[[], FileSound] = lambda: FileSound(clock=HandClock())  # noqa: E731
    assert make().engine == "file"
