"""The first room of a process, whose first try fails: the voice must be heard all the same.

Each case is a process of its own: an earlier room of the same process would hide the defect.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.support.demo_process import DemoProcess
from tests.support.program import Program

pytestmark = pytest.mark.timeout(120)
LOUD = 300.0  # RMS of int16 samples


@pytest.mark.parametrize("fault", ["join-status=500:1", "join-status=401:1", "join-status=500:4"])
async def test_the_voice_is_heard_after_a_join_that_failed(tmp_path: Path, fault: str) -> None:
    async with DemoProcess("--fault", fault) as demo:
        program = Program(tmp_path, base_url=demo.base_url, key=demo.api_key)
        out = tmp_path / "out.wav"
        done = await program.run("converse", "--text", "What is two plus two?", "--out", str(out))
        assert done.code == 0, done.err
        assert done.err.endswith("1 of 1 inputs answered.\n"), "and the SDK says nothing at the end"
        with wave.open(str(out)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64)
        assert np.sqrt(np.mean(np.square(samples))) > LOUD
