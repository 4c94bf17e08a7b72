"""Faster and slower speech: its length, its pitch, and no clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.stretch import stretch, stretched

SPEEDS = (0.75, 1.25, 1.5)
PITCH_HZ = 220.0


def voice(seconds: float, *, hz: float = PITCH_HZ) -> Samples:
    """A tone with overtones, as a vowel has them."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * hz * n * t) / n for n in range(1, 6))
    samples: Samples = np.rint(wave / np.abs(wave).max() * 20_000).astype(np.int16)
    return samples


def pitch_hz(samples: Samples) -> float:
    """The strongest frequency below 400 Hz, to 0.1 Hz."""
    size = RATE_HZ * 10
    power = np.abs(np.fft.rfft(samples * np.hanning(samples.size), size))
    return float(np.argmax(power[: 400 * size // RATE_HZ])) * RATE_HZ / size


def steepest(samples: Samples) -> int:
    return int(np.abs(np.diff(samples.astype(np.int32))).max())


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_length_changes_and_the_pitch_does_not(speed: float) -> None:
    sound = voice(2.0)
    heard = stretch(sound, speed)
    assert heard.size * speed == pytest.approx(sound.size, rel=0.001)
    assert pitch_hz(heard) == pytest.approx(PITCH_HZ, rel=0.01)


@pytest.mark.parametrize("speed", SPEEDS)
def test_nothing_clicks_and_nothing_is_louder(speed: float) -> None:
    sound = voice(1.0)
    heard = stretch(sound, speed)
    assert steepest(heard) <= steepest(sound) * 1.01
    assert np.abs(heard).max() <= np.abs(sound).max()
    level = [np.sqrt(np.mean(np.square(part, dtype=np.float64))) for part in (sound, heard)]
    assert level[1] == pytest.approx(level[0], rel=0.05), "windows that do not fit would cancel each other"


@pytest.mark.parametrize("speed", SPEEDS)
def test_what_is_said_when_keeps_its_order_and_place(speed: float) -> None:
    low, high, quiet = voice(0.5, hz=160.0), voice(0.5, hz=320.0), np.zeros(RATE_HZ // 2, np.int16)
    heard = stretch(np.concatenate([low, quiet, high]), speed)
    third = heard.size // 3
    margin = RATE_HZ // 40
    assert pitch_hz(heard[: third - margin]) == pytest.approx(160.0, rel=0.01)
    assert not heard[third + margin : 2 * third - margin].any()
    assert pitch_hz(heard[2 * third + margin :]) == pytest.approx(320.0, rel=0.01)


def test_at_its_own_speed_it_is_itself() -> None:
    sound = voice(0.3)
    assert np.array_equal(stretch(sound, 1.0), sound)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(0, 9000), speed=st.floats(0.5, 2.0), seed=st.integers(0, 9))
def test_any_sound_of_any_length_can_be_stretched(size: int, speed: float, seed: int) -> None:
    sound = np.random.default_rng(seed).integers(-32768, 32767, size).astype(np.int16)
    heard = stretch(sound, speed)
    assert heard.dtype == np.int16
    assert heard.size == round(size / speed)


def test_it_comes_in_small_blocks_without_waiting_for_the_end() -> None:
    blocks = stretched(voice(60.0), 1.5)
    assert 0 < next(blocks).size <= RATE_HZ * 20 // 1000


@pytest.mark.parametrize("speed", [0.0, 0.49, 2.01])
def test_other_speeds_are_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        stretch(voice(0.1), speed)
