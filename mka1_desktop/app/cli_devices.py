"""`devices`: microphones and speakers of the engine in use."""

from __future__ import annotations

import argparse
import asyncio
import sys

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.json_line import json_line
from mka1_desktop.app.options import say
from mka1_desktop.app.paths import Paths
from mka1_desktop.app.sound_setup import open_sound
from mka1_desktop.domain.audio import Device
from mka1_desktop.domain.plain import plain
from mka1_desktop.domain.settings import Settings


def run_devices(options: argparse.Namespace, paths: Paths) -> int:
    """List them; having none is a normal answer."""
    settings = SettingsFile(paths.settings).load()
    body = asyncio.run(_devices(settings))
    if options.json:
        sys.stdout.write(json_line(body))
        return int(Exit.DONE)
    for title, key in (("Microphones", "microphones"), ("Speakers", "speakers")):
        sys.stdout.write(f"{title}:\n")
        rows = body[key]
        for row in rows if isinstance(rows, list) else []:
            sign = "*" if row["chosen"] else "-"
            sys.stdout.write(f"  {sign} {plain(str(row['name']))}{' (default)' if row['default'] else ''}\n")
    return say(f"Sound engine: {body['engine']}.", Exit.DONE)


async def _devices(settings: Settings) -> dict[str, object]:
    engine = await open_sound(settings, emit=lambda _: None, clock=SystemClock())
    try:
        await engine.choose(microphone=settings.text("audio.microphone"), speaker=settings.text("audio.speaker"))
        found = await engine.devices()
        return {
            "microphones": [_row(d) for d in found.microphones],
            "speakers": [_row(d) for d in found.speakers],
            "engine": engine.engine,
        }
    finally:
        await engine.close()


def _row(device: Device) -> dict[str, object]:
    return {"id": device.id, "name": device.name, "default": device.default, "chosen": device.chosen}
