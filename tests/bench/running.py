"""Starts the probe with a screen and a sound card of its own."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


async def run_probe(script: str, environment: Mapping[str, str], *options: str) -> dict[str, object]:
    """Return what one script of the probe printed."""
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.probe", script, folder, *options, env=dict(environment),
            stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY,
        )  # fmt: skip
        output, _ = await process.communicate()
    found = json.loads(output)
    if not isinstance(found, dict):
        raise TypeError(output)
    return found
