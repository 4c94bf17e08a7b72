"""CPU and memory: the window at rest, and a session in which nobody speaks."""

from __future__ import annotations

from tests.bench.joining import sound_of
from tests.bench.running import run_probe
from tests.support.pulse import PulseRig
from tests.support.screen import Screen


async def measure() -> dict[str, object]:
    with Screen() as screen, PulseRig() as rig:
        return await run_probe("idle", {**screen.environment, **sound_of(rig)}, "--demo")
