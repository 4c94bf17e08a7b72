from __future__ import annotations

import math

import numpy as np
import pytest

from mka1_desktop.domain.audio import BLOCK, FLOOR_DBFS, RATE_HZ, Samples, level_dbfs


def sine(amplitude: float) -> Samples:
    phase = 2 * np.pi * 1000 * np.arange(BLOCK) / RATE_HZ
    return np.asarray(np.round(np.sin(phase) * amplitude), dtype=np.int16)


def test_silence_and_no_samples_are_the_floor() -> None:
    assert level_dbfs(np.zeros(BLOCK, np.int16)) == FLOOR_DBFS
    assert level_dbfs(np.zeros(0, np.int16)) == FLOOR_DBFS


def test_a_full_scale_square_wave_is_zero_and_a_sine_three_less() -> None:
    assert level_dbfs(np.full(BLOCK, -32768, np.int16)) == 0.0
    assert level_dbfs(sine(32767)) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("amplitude", [16384, 1638, 164])
def test_the_level_follows_the_amplitude(amplitude: int) -> None:
    assert level_dbfs(sine(amplitude)) == pytest.approx(20 * math.log10(amplitude / 32768) - 3.01, abs=0.1)


def test_the_smallest_sound_is_not_below_the_floor_and_nothing_is_changed() -> None:
    samples = np.zeros(BLOCK, np.int16)
    samples[0] = 1
    before = samples.copy()
    assert level_dbfs(samples) == FLOOR_DBFS
    assert np.array_equal(samples, before)
