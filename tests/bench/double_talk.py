"""What WebRTC's echo canceller takes from a person who talks over the voice where no echo is: the bare SDK.

The voice goes into the reverse stream for some seconds first, with a silent microphone; then the person says the same
sentence again and again. A figure is what the processing takes away from one sentence, in dB.
"""

from __future__ import annotations

import numpy as np
import soxr
from livekit import rtc
from numpy.typing import NDArray

from mka1_desktop.demo.speak import SPEECH_HZ, Voice
from mka1_desktop.demo.texts import STORY

RATE_HZ = 48_000
BLOCK = RATE_HZ // 100
SENTENCE = "What is the capital of France?"
SENTENCES = 5
LISTENED_S = (0.5, 2.0, 4.0, 6.0, 10.0)
PAUSE: NDArray[np.int16] = np.zeros(RATE_HZ // 2, np.int16)


async def measure() -> dict[str, object]:
    sentence, story = _spoken("british", SENTENCE), _spoken("american", STORY)
    return {
        f"listened_{listened_s}_s": {
            "taken_db": _taken(sentence, story, listened_s, echo_cancellation=True),
            "without_db": _taken(sentence, story, listened_s, echo_cancellation=False),
        }
        for listened_s in LISTENED_S
    }


def _taken(
    sentence: NDArray[np.int16], story: NDArray[np.int16], listened_s: float, *, echo_cancellation: bool
) -> list[float]:
    before = np.zeros(int(listened_s * RATE_HZ), np.int16)
    near = np.concatenate([before, np.tile(np.concatenate([sentence, PAUSE]), SENTENCES)])
    module = rtc.AudioProcessingModule(
        echo_cancellation=echo_cancellation, noise_suppression=False, high_pass_filter=True, auto_gain_control=False
    )
    cleaned = np.zeros_like(near)
    for at in range(0, near.size - BLOCK + 1, BLOCK):
        module.process_reverse_stream(_frame(story[at : at + BLOCK]))
        frame = _frame(near[at : at + BLOCK])
        module.process_stream(frame)
        cleaned[at : at + BLOCK] = np.frombuffer(frame.data, np.int16)
    starts = [before.size + number * (sentence.size + PAUSE.size) for number in range(SENTENCES)]
    return [
        round(_level_db(near[s : s + sentence.size]) - _level_db(cleaned[s : s + sentence.size]), 1) for s in starts
    ]


def _frame(block: NDArray[np.int16]) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytearray(block.tobytes()), RATE_HZ, 1, BLOCK)


def _level_db(samples: NDArray[np.int16]) -> float:
    return float(20 * np.log10(max(1.0, np.sqrt(np.mean(samples.astype(np.float64) ** 2)))))


def _spoken(voice: str, text: str) -> NDArray[np.int16]:
    sound: NDArray[np.int16] = soxr.resample(Voice(voice).say(text).samples, SPEECH_HZ, RATE_HZ)
    return sound
