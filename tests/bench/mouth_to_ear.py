"""Mouth to ear through the demo service in echo mode, interleaved in one run, quiet and with both cores busy.

Our app with either engine, against a bare SDK client and, where they are installed, Chromium with livekit-client.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import psutil

from tests.bench.browser import browser, fetch_library, missing
from tests.bench.chirps import delays_s, train
from tests.bench.figures import summary
from tests.bench.joining import sound_of
from tests.bench.loaded import busy_cores, put_first
from tests.bench.running import REPOSITORY, write_settings
from tests.bench.stopping import ENGINES
from tests.support.demo_process import DemoProcess
from tests.support.pulse import PulseRig
from tests.support.screen import Screen

ROUNDS, CHIRPS = 3, 12
SETTLE_S = 3.0  # echo cancelling and jitter buffers come to rest


async def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        library, why = None, missing()
        if why is None:
            library = await fetch_library(Path(folder))
        quiet = await _compared(library)
        with busy_cores():
            loaded = await _compared(library)
    return {"quiet": quiet, "loaded": loaded, "no_browser": why}


async def _compared(library: Path | None) -> dict[str, object]:
    found: dict[str, list[float]] = {}
    with Screen() as screen, PulseRig() as rig:
        async with DemoProcess("--echo") as demo:
            put_first(demo.pid, *(child.pid for child in psutil.Process().children(recursive=True)))
            environment = {**screen.environment, **sound_of(rig)}
            for _ in range(ROUNDS):
                for engine in ENGINES:
                    async with _app(environment, demo, engine):
                        found.setdefault(engine, []).extend(await _round(rig))
                async with _bare(environment, demo):
                    found.setdefault("bare", []).extend(await _round(rig))
                if library is not None:
                    async with _browser(environment, demo, library):
                        found.setdefault("browser", []).extend(await _round(rig))
    medians = {name: median(values) for name, values in found.items() if values}
    ours = medians.get(ENGINES[0])
    ratios = {f"to_{name}": round(ours / one, 3) for name, one in medians.items() if ours and name != ENGINES[0]}
    return {**{name: summary(values) for name, values in found.items() if values}, **ratios}


async def _round(rig: PulseRig) -> list[float]:
    await asyncio.sleep(SETTLE_S)
    recording = rig.recording()
    await asyncio.to_thread(rig.say, train(CHIRPS))
    await asyncio.sleep(1)
    return delays_s(recording.stop())[2:]


@asynccontextmanager
async def _app(environment: dict[str, str], demo: DemoProcess, engine: str) -> AsyncIterator[None]:
    """The windowed app with an open microphone in a session."""
    with tempfile.TemporaryDirectory() as folder:
        write_settings(folder, {"audio.engine": engine})
        variables = {**environment, "MKA1_API_KEY": demo.api_key}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.probe", "open_microphone", folder, "--base-url", demo.base_url,
            env=variables, cwd=REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await _ready(process)
        yield
        await _closed(process)


@asynccontextmanager
async def _browser(environment: dict[str, str], demo: DemoProcess, library: Path) -> AsyncIterator[None]:
    url, token = await demo.token()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with browser(environment, url, token, library=library, folder=Path(folder)):
            yield


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
