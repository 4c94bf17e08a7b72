"""The recogniser's process: asked, killed, and asked again."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
import soxr

from mka1_desktop.demo.audio import EARS_RATE, VOICE_RATE
from mka1_desktop.demo.ears_process import EarsProcess, HearingFailed
from mka1_desktop.demo.ears_worker import MAX_B, serve
from mka1_desktop.demo.speak import Voice

QUESTION = "What is the capital of France?"


async def test_a_recogniser_that_was_killed_fails_once_and_is_started_again() -> None:
    speech = Voice().say(QUESTION).samples.astype(np.float32) / 32_768
    samples = (soxr.resample(speech, VOICE_RATE, EARS_RATE) * 32_767).astype(np.int16)
    ears = EarsProcess()
    try:
        await ears.start()
        assert ears._process is not None
        ears._process.kill()
        await ears._process.wait()
        with pytest.raises(HearingFailed):
            await ears.hear(samples)
        assert await ears.hear(samples) == QUESTION
        assert await ears.hear(samples[:0]) is None
    finally:
        await ears.close()
        await ears.close()


def test_the_worker_ends_with_its_input_and_at_what_is_too_long() -> None:
    out = io.BytesIO()
    one = np.zeros(1_600, np.int16).tobytes()
    serve(io.BytesIO(struct.pack("<I", len(one)) + one + struct.pack("<I", MAX_B + 2)), out)
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [None]
