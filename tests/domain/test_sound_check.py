"""What is measured is what was there: made-up rooms with a known noise, echo, delay and loudness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mka1_desktop.domain.audio import FLOOR_DBFS, RATE_HZ, Samples, level_dbfs
from mka1_desktop.domain.sound_check import clips, echo_of, examine, noise_dbfs, peak_dbfs
from mka1_desktop.domain.sound_probe import EVERY, SWEEP, SWEEPS, amplified, probe, sweep, tone

QUIET_S = 2
FEW = settings(max_examples=25)  # 20 ms and more each
seeds = st.integers(0, 2**32 - 1)


def noise(seed: int, dbfs: float, count: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0.0, 32768 * 10 ** (dbfs / 20), count)


def fixed(wave: NDArray[np.float64]) -> Samples:
    samples: Samples = np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
    return samples


def room(delay: int, echo_db: float, noise_dbfs: float = -70.0, seed: int = 1) -> Samples:
    """The probe, as it comes back over one path."""
    heard = np.zeros(probe().size)
    heard[delay:] = probe()[: probe().size - delay] * 10 ** (echo_db / 20)
    return fixed(heard + noise(seed, noise_dbfs, heard.size))


@FEW
@given(seed=seeds, dbfs=st.floats(-80.0, -15.0), offset=st.integers(-3000, 3000))
def test_the_noise_of_a_room_is_found_within_a_decibel(seed: int, dbfs: float, offset: int) -> None:
    assert noise_dbfs(fixed(noise(seed, dbfs, QUIET_S * RATE_HZ) + offset)) == pytest.approx(dbfs, abs=1.0)


def test_a_cough_is_not_the_room() -> None:
    quiet = noise(2, -60.0, QUIET_S * RATE_HZ)
    quiet[20_000:35_000] += 8000
    assert noise_dbfs(fixed(quiet)) == pytest.approx(-60.0, abs=1.0)


@FEW
@given(
    seed=seeds,
    delay=st.integers(0, RATE_HZ * 45 // 100),
    echo_db=st.floats(-35.0, 6.0),
    room_db=st.floats(-90.0, -45.0),
)
def test_one_echo_is_found_within_a_millisecond_and_a_decibel(
    seed: int, delay: int, echo_db: float, room_db: float
) -> None:
    echo = echo_of(sweep(), room(delay, echo_db, room_db, seed))
    assert echo is not None
    assert echo.delay_ms == pytest.approx(delay * 1000 / RATE_HZ, abs=1.0)
    assert echo.level_db == pytest.approx(echo_db, abs=1.0)


@FEW
@given(seed=seeds, percent=st.integers(10, 150))
def test_the_volume_of_the_speaker_does_not_count(seed: int, percent: int) -> None:
    played = amplified(sweep(), percent / 100)
    back = amplified(room(960, -12.0, -90.0), percent / 100)
    heard = fixed(noise(seed, -70.0, back.size)) + back
    echo = echo_of(played, heard)
    assert echo is not None
    assert echo.level_db == pytest.approx(-12.0, abs=1.0)


def test_several_paths_of_a_room_add_up() -> None:
    heard = np.zeros(probe().size)
    for delay, gain in ((1000, 0.1), (1300, 0.07), (2100, 0.05), (3900, 0.03)):
        heard[delay:] += probe()[: probe().size - delay] * gain
    echo = echo_of(sweep(), fixed(heard + noise(3, -75.0, heard.size)))
    assert echo is not None
    together = 10 * np.log10(0.1**2 + 0.07**2 + 0.05**2 + 0.03**2)
    assert echo.level_db == pytest.approx(together, abs=1.0)
    assert echo.delay_ms == pytest.approx(1000 / 48, abs=0.1)


@FEW
@given(seed=seeds, dbfs=st.floats(-90.0, -20.0))
def test_noise_alone_is_no_echo(seed: int, dbfs: float) -> None:
    assert echo_of(sweep(), fixed(noise(seed, dbfs, probe().size))) is None


def test_a_turned_polarity_is_the_same_echo() -> None:
    turned = echo_of(sweep(), np.negative(room(2400, -20.0)))
    assert turned == echo_of(sweep(), room(2400, -20.0))


def test_sweeps_that_are_spoilt_do_not_count() -> None:
    heard = room(2400, -25.0)
    heard[:EVERY] = fixed(noise(4, -6.0, EVERY))
    echo = echo_of(sweep(), heard)
    assert echo is not None
    assert echo.level_db == pytest.approx(-25.0, abs=1.0)
    assert echo.delay_ms == pytest.approx(50.0, abs=1.0)
    heard[EVERY : 2 * EVERY] = fixed(noise(5, -6.0, EVERY))
    echo = echo_of(sweep(), heard)
    assert echo is not None
    assert echo.level_db == pytest.approx(-25.0, abs=1.0)
    assert echo.delay_ms is None, "one alone may be wrong about it"


@FEW
@given(
    gaps=st.lists(st.tuples(st.integers(0, 150_000), st.integers(1, 4000)), max_size=4),
    losses=st.lists(st.tuples(st.integers(0, 150_000), st.integers(1, 1400)), max_size=3),
)
def test_gaps_of_a_busy_machine_never_hide_an_echo(gaps: list[tuple[int, int]], losses: list[tuple[int, int]]) -> None:
    heard = room(2400, -12.0)
    for at, length in gaps:  # nothing was played for a while, and the rest comes later
        heard = np.insert(heard, at, np.zeros(length, np.int16))[: heard.size]
    for at, length in losses:  # the microphone lost something, and the rest seems earlier
        heard = np.delete(heard, range(at, at + length))
    echo = echo_of(sweep(), heard)
    assert echo is not None
    assert -20.0 < echo.level_db < -11.0


def test_a_buffer_of_the_check_is_no_delay() -> None:
    heard = room(2400, -20.0)
    quiet = heard[:0]
    for buffer_s, delay_ms in ((0.0, 50.0), (0.03, 20.0), (0.1, 0.0)):
        echo = examine(quiet=quiet, played=sweep(), heard=heard, buffer_s=buffer_s).echo
        assert echo is not None
        assert echo.delay_ms == pytest.approx(delay_ms, abs=0.1)


@pytest.mark.parametrize(("count", "seen"), [(0, False), (1, False), (4800, False), (SWEEP, True), (EVERY, True)])
def test_short_recordings_tell_what_they_can(count: int, seen: bool) -> None:
    found = examine(quiet=np.zeros(0, np.int16), played=sweep(), heard=room(0, 0.0)[:count])
    assert (found.echo is not None) == seen
    assert found.echo is None or found.echo.delay_ms is None
    assert found.noise_dbfs == FLOOR_DBFS


def test_nothing_played_has_no_echo() -> None:
    assert echo_of(amplified(sweep(), 0.0), room(100, -20.0)) is None


def test_clipping_is_a_row_of_samples_at_full_scale() -> None:
    loud = fixed(32767 * np.sin(np.arange(4800) / 200))  # a sine as loud as can be: no sample of it is missing
    assert clips(fixed(60_000 * np.sin(np.arange(4800) / 20)))
    assert not clips(fixed(30_000 * np.sin(np.arange(4800) / 20)))
    assert clips(loud), "this one cannot be told from a clipped one"
    single = np.zeros(480, np.int16)
    single[[3, 9, 10]] = 32767
    assert not clips(single)
    assert not clips(np.zeros(2, np.int16))


def test_digital_silence_is_told_from_a_quiet_room() -> None:
    nothing = np.zeros(probe().size, np.int16)
    assert examine(quiet=nothing, played=sweep(), heard=nothing).silent
    assert not examine(quiet=nothing, played=sweep(), heard=room(0, -60.0, -88.0)).silent


def test_what_is_measured_comes_together() -> None:
    quiet = fixed(noise(6, -52.0, QUIET_S * RATE_HZ))
    found = examine(quiet=quiet, played=sweep(), heard=room(4032, -18.0, -52.0))
    assert found.echo is not None
    assert found.echo.delay_ms is not None
    assert (round(found.noise_dbfs), round(found.echo.level_db), round(found.echo.delay_ms)) == (-52, -18, 84)
    assert found.peak_dbfs == pytest.approx(-33, abs=2)
    assert not found.clipped


def test_the_loudest_sample() -> None:
    assert peak_dbfs(np.zeros(0, np.int16)) == FLOOR_DBFS
    assert peak_dbfs(np.array([0, -32768, 5], np.int16)) == 0.0


def test_what_is_played_is_moderate_and_begins_softly() -> None:
    assert level_dbfs(sweep()) == pytest.approx(-20.3, abs=0.3)
    assert probe().size == SWEEPS * EVERY
    for samples in (sweep(), tone()):
        assert abs(int(samples[0])) < 30
        assert abs(int(samples[-1])) < 30
        assert np.abs(samples[:480]).max() < 0.35 * np.abs(samples).max()
        assert not samples.flags.writeable
    assert -30 < level_dbfs(tone()) < -20
    assert np.abs(tone()[:2400]).max() < 0.45 * np.abs(tone()).max(), "a soft attack"


def test_louder_than_full_scale_is_clipped() -> None:
    assert amplified(np.array([30_000, -30_000, 7], np.int16), 1.5).tolist() == [32767, -32768, 10]
