"""WebRTC's audio processing without a device: the echo of the loudspeaker goes, the near voice stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from mka1_desktop.adapters.processing import Processing
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples, level_dbfs

OFF = SoundOptions(echo_cancellation=False, noise_suppression=False, gain_control=False)
ECHO_ONLY = SoundOptions(echo_cancellation=True, noise_suppression=False, gain_control=False)
NOISE_ONLY = SoundOptions(echo_cancellation=False, noise_suppression=True, gain_control=False)
DELAY = RATE_HZ * 60 // 1000


def babble(seconds: float, seed: int) -> NDArray[np.float64]:
    """Noise that comes and goes as syllables do."""
    random = np.random.default_rng(seed)
    size = int(seconds * RATE_HZ)
    envelope = np.clip(np.sin(2 * np.pi * 3 * np.arange(size) / RATE_HZ), 0, 1)
    smooth = np.convolve(random.standard_normal(size), np.ones(24) / 24, "same")
    return envelope * smooth * 9000


def through(processing: Processing, near: NDArray[np.float64], far: NDArray[np.float64] | None = None) -> Samples:
    out = []
    for start in range(0, near.size - BLOCK + 1, BLOCK):
        if far is not None:
            processing.far(far[start : start + BLOCK].astype(np.int16))
        out.append(processing.near(near[start : start + BLOCK].astype(np.int16)).copy())
    return np.concatenate(out)


def test_the_echo_of_the_loudspeaker_is_taken_away() -> None:
    far = babble(8.0, 1)
    echo = np.concatenate([np.zeros(DELAY), far[:-DELAY]]) * 0.3
    cleaned = through(Processing(ECHO_ONLY), echo, far)
    untouched = through(Processing(OFF), echo, far)
    end = slice(5 * RATE_HZ, None)
    assert level_dbfs(untouched[end]) - level_dbfs(cleaned[end]) > 15


def test_the_near_voice_passes() -> None:
    voice = babble(4.0, 2)
    heard = through(Processing(ECHO_ONLY), voice, np.zeros(voice.size))
    assert level_dbfs(heard[RATE_HZ:]) > level_dbfs(voice.astype(np.int16)[RATE_HZ:]) - 6


def test_steady_noise_is_suppressed() -> None:
    noise = np.random.default_rng(3).standard_normal(5 * RATE_HZ) * 300
    quieter = through(Processing(NOISE_ONLY), noise)
    assert level_dbfs(quieter[4 * RATE_HZ :]) < level_dbfs(noise.astype(np.int16)[4 * RATE_HZ :]) - 5


def test_with_all_switches_off_nothing_changes() -> None:
    voice = babble(1.0, 4)
    assert np.array_equal(through(Processing(OFF), voice), voice.astype(np.int16))


@pytest.mark.parametrize("size", [0, 240, 479, 481, 960])
def test_other_sizes_never_reach_the_sdk(size: int) -> None:
    processing = Processing(SoundOptions())
    with pytest.raises(ValueError, match="480"):
        processing.near(np.zeros(size, np.int16))
    with pytest.raises(ValueError, match="480"):
        processing.far(np.zeros(size, np.int16))
