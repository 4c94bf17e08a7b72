"""Child processes for what a test process must not do to itself: be killed, lose its rights, fill a disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from functools import cache
from pathlib import Path

TIME_LIMIT_S = 60
ROOT = Path(__file__).parents[2]

PRELUDE = """
import asyncio, errno, os, resource, shutil, sys
from pathlib import Path
from tests.contracts.history_contract import a_thread, an_item
from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.settings import Settings

folder = Path(sys.argv[1])
full_by = sys.argv[2]
folder.mkdir(mode=0o700, exist_ok=True)

def fill_disk(room=200_000):
    if full_by == "size_limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        return
    with open(folder / "filler", "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError as e:
            assert e.errno == errno.ENOSPC, e

def free_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    (folder / "filler").unlink(missing_ok=True)
"""


async def start_child(
    tmp_path: Path, script: str, *, full_by: str = "none", rootless: bool = False
) -> asyncio.subprocess.Process:
    """Start a process that runs `async def test()` of `script` with `folder` as its data folder.

    `rootless`: modes of files count for it even if the tests run as root. `full_by`: what `fill_disk()` does;
    "small_disk" is a real file system of 1 MB, "size_limit" the process's own limit for one file, which also stands in
    for the small disk where this user may not mount one.
    """
    code = PRELUDE + textwrap.dedent(script) + "\nasyncio.run(test())\n"
    folder = tmp_path / "folder"
    if full_by == "small_disk" and not _may_mount():
        full_by = "size_limit"
    command = [sys.executable, "-c", code, str(folder), full_by]
    if full_by == "small_disk":
        command = [*_with_small_disk(folder), *command]
    if rootless and os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment, cwd=ROOT
    )


async def run_child(tmp_path: Path, script: str, *, full_by: str = "none", rootless: bool = False) -> list[str]:
    """Run it to its end and return the lines that it printed."""
    child = await start_child(tmp_path, script, full_by=full_by, rootless=rootless)
    async with asyncio.timeout(TIME_LIMIT_S):
        out, errors = await child.communicate()
    assert child.returncode == 0, errors.decode()
    return out.decode().splitlines()


@cache
def _may_mount() -> bool:
    """Whether this user may mount a file system in a namespace of its own; containers often forbid it."""
    with tempfile.TemporaryDirectory() as place:
        probe = [*_with_small_disk(Path(place)), "true"]
        return subprocess.run(probe, capture_output=True, timeout=20, check=False).returncode == 0


def _with_small_disk(folder: Path) -> list[str]:
    """Return a command prefix: a file system of 1 MB, which only that process sees, mounted at `folder`."""
    unshare = shutil.which("unshare")
    assert unshare is not None, "util-linux is part of every Linux"
    folder.mkdir(mode=0o700, exist_ok=True)
    mount = f'mount -t tmpfs -o size=1m,mode=700 small "{folder}" && exec "$@"'
    return [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
