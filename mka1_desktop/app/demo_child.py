"""Starts the demo service as a process of its own, and ends it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from mka1_desktop.domain.errors import AppError, Code

START_LIMIT_S = 20.0
STOP_LIMIT_S = 4.0
LINE_LIMIT_B = 16_384
SECRET_VARIABLES = ("MKA1_API_KEY", "MKA1_BASE_URL", "MKA1_ON_BEHALF_OF", "MKA1_DATA_DIR")
NEEDS = ("aiortc", "aiohttp", "espeakng_loader", "pocketsphinx")


def child_environment() -> dict[str, str]:
    """Return the environment for programs that we start: without what served this process only."""
    return {k: v for k, v in os.environ.items() if k not in SECRET_VARIABLES}


def demo_command() -> list[str]:
    """Return the command of the demo service: this program itself when it is frozen."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "demo-service"]
    return [sys.executable, "-m", "mka1_desktop.demo"]


def demo_missing() -> bool:
    """Whether the demo's own libraries (the extra `demo`) are not installed."""
    return any(importlib.util.find_spec(name) is None for name in NEEDS)


@dataclass(slots=True, eq=False)
class DemoChild:
    """A running demo service. It also ends by itself when this process is gone (its standard input closes)."""

    base_url: str
    api_key: str = field(repr=False)
    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, options: Sequence[str] = ()) -> DemoChild:
        """Start it and wait until it listens. Raises AppError: DEMO_MISSING, DEMO_FAILED."""
        if demo_missing():
            raise AppError(Code.DEMO_MISSING)
        process = await asyncio.create_subprocess_exec(
            *demo_command(), "--until-stdin-closes", *options,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=child_environment(), limit=LINE_LIMIT_B,
        )  # fmt: skip
        try:
            async with asyncio.timeout(START_LIMIT_S):
                hello = await _first_line(process)
            return cls(str(hello["base_url"]), str(hello["api_key"]), process)
        except (TimeoutError, ValueError, KeyError, TypeError):
            await _end(process)
            raise AppError(Code.DEMO_FAILED) from None
        except asyncio.CancelledError:
            await _end(process)
            raise

    async def stop(self) -> None:
        """End it; safe to call twice."""
        await _end(self.process)


async def _first_line(process: asyncio.subprocess.Process) -> dict[str, object]:
    if process.stdout is None:
        raise ValueError("no output")
    line = await process.stdout.readline()
    hello = json.loads(line)
    if not isinstance(hello, dict):
        raise TypeError("not an object")
    return hello


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
