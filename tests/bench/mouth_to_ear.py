"""Mouth to ear through the demo service in echo mode: our app against a bare SDK client, interleaved in one run."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

from tests.bench.chirps import delays_s, train
from tests.bench.figures import summary
from tests.bench.joining import sound_of
from tests.bench.running import REPOSITORY
from tests.support.demo_process import DemoProcess
from tests.support.pulse import PulseRig
from tests.support.screen import Screen

ROUNDS, CHIRPS = 3, 12
SETTLE_S = 3.0  # echo cancelling and jitter buffers come to rest


async def measure() -> dict[str, object]:
    ours: list[float] = []
    bare: list[float] = []
    with Screen() as screen, PulseRig() as rig:
        async with DemoProcess("--echo") as demo:
            environment = {**screen.environment, **sound_of(rig)}
            for _ in range(ROUNDS):
                async with _app(environment, demo):
                    ours += await _round(rig)
                async with _bare(environment, demo):
                    bare += await _round(rig)
    if not ours or not bare:
        return {"error": "no chirp came back", "ours": len(ours), "bare": len(bare)}
    return {"ours_s": summary(ours), "bare_s": summary(bare), "ratio": round(median(ours) / median(bare), 3)}


async def _round(rig: PulseRig) -> list[float]:
    await asyncio.sleep(SETTLE_S)
    recording = rig.recording()
    await asyncio.to_thread(rig.say, train(CHIRPS))
    await asyncio.sleep(1)
    return delays_s(recording.stop())[2:]


@asynccontextmanager
async def _app(environment: dict[str, str], demo: DemoProcess) -> AsyncIterator[None]:
    """The windowed app with an open microphone in a session."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {**environment, "MKA1_API_KEY": demo.api_key}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.probe", "open_microphone", folder, "--base-url", demo.base_url,
            env=variables, cwd=REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await _ready(process)
        yield
        await _closed(process)


@asynccontextmanager
async def _bare(environment: dict[str, str], demo: DemoProcess) -> AsyncIterator[None]:
    url, token = await demo.token()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.bare_client", url, env=environment, cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    if process.stdin is not None:
        process.stdin.write(token.encode() + b"\n")
    await _ready(process)
    yield
    await _closed(process)


async def _ready(process: asyncio.subprocess.Process) -> None:
    if process.stdout is not None:
        await asyncio.wait_for(process.stdout.readline(), 60)


async def _closed(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    await asyncio.wait_for(process.wait(), 30)
