"""From starting the process to the first painted window, warm and with a cold file cache (real X server)."""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from tests.bench.figures import summary
from tests.support.screen import Screen

RUNS, COLD_RUNS = 9, 3
REPOSITORY = Path(__file__).parents[2]

# Runs the real command; only the first paint event of the real window is watched, and ends the process.
PROBE = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QMainWindow
from mka1_desktop.app import desktop

class Paint(QObject):
    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint and isinstance(watched, QMainWindow):
            print(time.time_ns(), flush=True)
            os._exit(0)
        return False

built = desktop.Desktop.__init__
def watching(self, app, **arguments):
    built(self, app, **arguments)
    self.paint = Paint()
    app.installEventFilter(self.paint)
desktop.Desktop.__init__ = watching
from mka1_desktop.app.cli import run
sys.exit(run(sys.argv[1:]))
"""


async def measure() -> dict[str, object]:
    with Screen() as screen, tempfile.TemporaryDirectory() as folder:
        await _start(screen.environment, folder)  # compiles what is not compiled yet
        warm = [await _start(screen.environment, folder) for _ in range(RUNS)]
        cold = []
        for _ in range(COLD_RUNS):
            _evict()
            cold.append(await _start(screen.environment, folder))
    return {"warm_s": summary(warm), "cold_s": summary(cold)}


async def _start(environment: dict[str, str], folder: str) -> float:
    began_ns = time.time_ns()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROBE, "--data-dir", folder, env=environment, stdout=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )  # fmt: skip
    if process.stdout is None:
        raise RuntimeError("no output")
    painted_ns = int(await process.stdout.readline())
    await process.wait()
    return (painted_ns - began_ns) / 1e9


def _evict() -> None:
    """Ask the system to forget the files that a start reads (POSIX_FADV_DONTNEED; mapped pages of others stay)."""
    for folder in (Path(sysconfig.get_paths()["purelib"]), Path(os.__file__).parent, REPOSITORY / "mka1_desktop"):
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                descriptor = os.open(path, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)
