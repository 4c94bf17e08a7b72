"""Stop to silence at the sound card, and key down to the first sample at the far end (less the open path)."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import threading
import time

import numpy as np
from numpy.typing import NDArray

from tests.bench.figures import summary
from tests.bench.joining import sound_of
from tests.bench.running import REPOSITORY
from tests.support.pulse import RATE_HZ, PulseRig, Recording
from tests.support.screen import Screen

LOUD = 150.0  # RMS of a 5 ms block that is no silence
BLOCK = RATE_HZ // 200


class Clock:
    """Maps monotonic seconds to places in a running recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._points: list[tuple[float, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.003):
            self._points.append((time.monotonic(), self._recording.seconds))

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def place_s(self, at_s: float) -> float:
        """Return the recorded second of a moment, by a straight line through all points (their steps even out)."""
        points = np.array(self._points)
        near = points[np.abs(points[:, 0] - at_s) < 1.5]
        slope, offset = np.polyfit(near[:, 0] - at_s, near[:, 1], 1)
        del slope
        return float(offset)


async def measure() -> dict[str, object]:
    with Screen() as screen, PulseRig() as rig, tempfile.TemporaryDirectory() as folder:
        recording = rig.recording()
        clock = Clock(recording)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.probe", "stopping", folder, "--demo",
            env={**screen.environment, **sound_of(rig)}, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await process.communicate()
        clock.close()
        played = recording.stop().played
    stops = json.loads(output)["stops_at_s"]
    return {"stop_to_silence_s": summary([_silence_after(played, clock.place_s(at_s)) for at_s in stops])}


def _silence_after(played: NDArray[np.int16], place_s: float) -> float:
    """Return the seconds from `place_s` to the end of the last loud block within the next second."""
    first = int(place_s * RATE_HZ)
    after = played[first : first + RATE_HZ]
    blocks = after[: after.size // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float64)
    loud = np.flatnonzero(np.sqrt(np.mean(blocks**2, axis=1)) > LOUD)
    return float(loud[-1] + 1) * BLOCK / RATE_HZ if loud.size else 0.0
