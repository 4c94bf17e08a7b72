"""Stop to silence at the sound card, with both engines: the windowed app and the demo service's long story."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.bench.figures import summary
from tests.bench.joining import sound_of
from tests.bench.running import run_probe, times
from tests.bench.stamped import PLAYED, StampedRecording
from tests.support.pulse import RATE_HZ, PulseRig
from tests.support.screen import Screen

LOUD = 150.0  # RMS of a block that is no silence
BLOCK = RATE_HZ // 500  # 2 ms
BEFORE = RATE_HZ // 20  # a stop between two words tells nothing: within 50 ms before it there must be sound
ENGINES = ("native", "portaudio")


async def measure() -> dict[str, object]:
    return {engine: await _measure(engine) for engine in ENGINES}


async def _measure(engine: str) -> dict[str, object]:
    with Screen() as screen, PulseRig() as rig:
        recording = StampedRecording(rig)
        try:
            environment = {**screen.environment, **sound_of(rig)}
            found = await run_probe("stopping", environment, "--demo", settings={"audio.engine": engine})
        finally:
            played = recording.stop()[:, PLAYED]
    stops = times(found["stops_at_s"])
    delays = [_silence_after(played, recording.place(at_s)) for at_s in stops]
    return {
        "stop_to_silence_s": summary([delay for delay in delays if delay is not None]),
        "clock_spread_s": round(recording.spread_s(stops), 3),
    }


def _silence_after(played: NDArray[np.int16], place: int) -> float | None:
    """Return the seconds from `place` to the end of the last loud block within the next second."""
    if not _loud(played[place - BEFORE : place]).any():
        return None
    loud = np.flatnonzero(_loud(played[place : place + RATE_HZ]))
    return float(loud[-1] + 1) * BLOCK / RATE_HZ if loud.size else 0.0


def _loud(samples: NDArray[np.int16]) -> NDArray[np.bool_]:
    blocks = samples[: samples.size // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float64)
    found: NDArray[np.bool_] = np.sqrt(np.mean(blocks**2, axis=1)) > LOUD
    return found
