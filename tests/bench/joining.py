"""Click to room joined, click to the assistant's first sound: the windowed app, its native engine, the demo service."""

from __future__ import annotations

from tests.bench.figures import summary
from tests.bench.running import run_probe
from tests.support.pulse import PulseRig
from tests.support.screen import Screen


async def measure() -> dict[str, object]:
    with Screen() as screen, PulseRig() as rig:
        found = await run_probe("joining", {**screen.environment, **sound_of(rig)}, "--demo")
    return {f"{name}_s": summary(values) for name, values in found.items() if isinstance(values, list)}


def sound_of(rig: PulseRig) -> dict[str, str]:
    names = ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_SERVER", "PULSE_COOKIE", "ALSA_CONFIG_PATH")
    return {name: rig.env[name] for name in names}
