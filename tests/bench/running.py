"""Starts the probe with a screen and a sound card of its own."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.paths import find_paths
from mka1_desktop.domain.settings import setting

REPOSITORY = Path(__file__).parents[2]
# As the command starts: what PySide's import hook would read and keep is no memory of the app.
START = """
import sys
from mka1_desktop.app.plain_imports import keep_imports_plain
keep_imports_plain()
from tests.bench.probe import main
main(sys.argv[1], sys.argv[2], sys.argv[3:])
"""


async def run_probe(
    script: str, environment: Mapping[str, str], *options: str, settings: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return what one script of the probe printed; `settings` are the person's."""
    with tempfile.TemporaryDirectory() as folder:
        write_settings(folder, settings or {})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", START, script, folder, *options, env=dict(environment),
            stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY,
        )  # fmt: skip
        output, _ = await process.communicate()
    found = json.loads(output)
    if not isinstance(found, dict):
        raise TypeError(output)
    return found


def times(found: object) -> list[float]:
    """Return a list of moments that the probe printed."""
    if not isinstance(found, list):
        raise TypeError(str(found))
    return [float(at_s) for at_s in found]


def write_settings(folder: str, values: Mapping[str, object]) -> None:
    """Put the person's settings into a data folder."""
    paths = find_paths(folder)
    paths.prepare()
    file = SettingsFile(Path(paths.settings))
    settings = file.load()
    for key, value in values.items():
        settings = settings.replaced(key, setting(key).parse(value))
    file.save(settings)
