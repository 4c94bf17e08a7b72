"""The person's voice for a private microphone."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from mka1_desktop.demo.speak import SPEECH_HZ, Voice
from tests.support.pulse import RATE_HZ


def speech(text: str) -> NDArray[np.int16]:
    """48 kHz mono."""
    sound: NDArray[np.int16] = soxr.resample(Voice("british").say(text).samples, SPEECH_HZ, RATE_HZ)
    return sound
