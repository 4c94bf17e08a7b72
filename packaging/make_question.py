"""Make resources/audio/question.wav, the spoken question that `./run` asks where there is no microphone.

`.venv/bin/python packaging/make_question.py`: 48 kHz, mono, 16 bit, about -18 dBFS while the voice sounds.
The same voice and wording give the same file, so it is made again only when one of them changes.
"""

import sys
import wave
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from mka1_desktop.demo.speak import SPEECH_HZ, Voice

QUESTION: Final = "What is the capital of France?"
VOICE: Final = "american"
TARGET: Final = Path(__file__).resolve().parent.parent / "resources" / "audio" / "question.wav"

_RATE_HZ: Final = 48_000
_LEVEL_DBFS: Final = -18.0
_BEFORE_S: Final = 0.3  # a recording of a person does not begin with a word either
_AFTER_S: Final = 0.4


def question() -> NDArray[np.int16]:
    """48 kHz mono."""
    spoken = Voice(VOICE).say(QUESTION).samples
    sound: NDArray[np.float64] = soxr.resample(spoken.astype(np.float64), SPEECH_HZ, _RATE_HZ, quality="VHQ")
    voiced = sound[np.abs(sound) > np.abs(sound).max() / 100]
    gain = 32768.0 * 10 ** (_LEVEL_DBFS / 20) / float(np.sqrt(np.mean(np.square(voiced))))
    before, after = (np.zeros(round(seconds * _RATE_HZ)) for seconds in (_BEFORE_S, _AFTER_S))
    whole = np.concatenate((before, sound * gain, after))
    return np.clip(np.rint(whole), -32768, 32767).astype(np.int16)


def main() -> int:
    samples = question()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(TARGET), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    print(f"{TARGET}: “{QUESTION}”, {len(samples) / _RATE_HZ:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
