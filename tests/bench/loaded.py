"""Sound under load: a tone is said without a pause into an open microphone and comes back through the demo's echo.

Both cores are busy, and the app's main thread is stalled for 200 ms once a second, with a garbage collection. What is
quiet in what the speaker plays was lost by capture or playback. Demo service and sound server get precedence over the
load: they are not what is measured (on Linux as root; else their own gaps count too).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

import numpy as np
import psutil
from numpy.typing import NDArray

from tests.bench.joining import sound_of
from tests.bench.key_down import LOUD, PLAIN, wandering
from tests.bench.running import REPOSITORY, write_settings
from tests.bench.stopping import ENGINES
from tests.support.demo_process import DemoProcess
from tests.support.pulse import RATE_HZ, PulseRig
from tests.support.screen import Screen

SECONDS = 90.0  # of the signal; the issue asks for five minutes: `LOADED_SECONDS=300`
SETTLE_S = 5.0
BLOCK = RATE_HZ // 1000  # 1 ms
GAP_MS = 10
PRECEDENCE = -10
BURN = "while True: pass"


async def measure() -> dict[str, object]:
    seconds = float(os.environ.get("LOADED_SECONDS", SECONDS))
    return {engine: await _measure(engine, seconds) for engine in ENGINES}


async def _measure(engine: str, seconds: float) -> dict[str, object]:
    with Screen() as screen, PulseRig() as rig, tempfile.TemporaryDirectory() as folder:
        write_settings(folder, {**PLAIN, "audio.engine": engine})
        async with DemoProcess("--echo", "--fault", "no-greeting") as demo:
            put_first(demo.pid, *(child.pid for child in psutil.Process().children(recursive=True)))
            environment = {**screen.environment, **sound_of(rig), "MKA1_API_KEY": demo.api_key}
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.bench.probe", "stalled_microphone", folder, "--base-url", demo.base_url,
                env=environment, cwd=REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            assert process.stdout is not None
            assert process.stdin is not None
            await process.stdout.readline()
            with busy_cores():
                recording = rig.recording()
                await asyncio.to_thread(rig.say, wandering(seconds))
                played = recording.stop().played
            process.stdin.close()
            await process.wait()
    return _gaps(played[int(SETTLE_S * RATE_HZ) :])


@contextlib.contextmanager
def busy_cores() -> Iterator[None]:
    """As many programs as there are cores, none of which ever waits."""
    burning = [psutil.Popen([sys.executable, "-c", BURN]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


def put_first(*pids: int) -> None:
    """The demo, the sound server (which has it on desktops too) and what they have started."""
    with contextlib.suppress(PermissionError, AttributeError):
        for pid in pids:
            for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
                os.setpriority(os.PRIO_PROCESS, process.pid, PRECEDENCE)


def _gaps(played: NDArray[np.int16]) -> dict[str, object]:
    """What of the signal is not there, from its first to its last sound."""
    blocks = played[: played.size // BLOCK * BLOCK].reshape(-1, BLOCK).astype(np.float64)
    loud = np.sqrt(np.mean(blocks**2, axis=1)) > LOUD
    places = np.flatnonzero(loud)
    if not places.size:
        return {"error": "nothing came back"}
    quiet = ~loud[places[0] : places[-1] + 1]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    lengths = edges[1::2] - edges[::2]
    frames = quiet[: quiet.size // 20 * 20].reshape(-1, 20).all(axis=1)
    return {
        "seconds": round(quiet.size / 1000, 1), "gaps_over_10_ms": int(np.sum(lengths > GAP_MS)),
        "longest_ms": int(lengths.max(initial=0)), "silent_frames_percent": round(100 * float(frames.mean()), 3),
    }  # fmt: skip
