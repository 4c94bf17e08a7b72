"""From starting the process to the first painted window, warm and with a cold file cache (real X server)."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.figures import summary
from tests.support.screen import Screen

RUNS, COLD_RUNS = 11, 3
REPOSITORY = Path(__file__).parents[2]

# Says when the first frame of a window is whole, and ends the process.
WATCH = """
import os, time
from PySide6.QtCore import QEvent, QObject, QTimer

def painted():
    print(time.time_ns(), flush=True)
    os._exit(0)

class Paint(QObject):
    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint:
            QTimer.singleShot(0, painted)
        return False
"""
# The real command; looked into only when the application is made, so that everything is imported in its own order.
APP = f"""
import sys
from mka1_desktop.app import cli
ran = cli._dispatch
def dispatch(*arguments):
    from mka1_desktop.app.plain_imports import keep_imports_plain
    keep_imports_plain()
    from mka1_desktop.app import main
    made = main._application
    def watched():
        exec({WATCH!r}, globals())
        app = made()
        from mka1_desktop.app.front import Front
        def show(front, shown=Front.show):
            front.paint = Paint()
            front.frame.window.installEventFilter(front.paint)
            shown(front)
        Front.show = show
        return app
    main._application = watched
    return ran(*arguments)
cli._dispatch = dispatch
sys.exit(cli.run(sys.argv[1:]))
"""
# What no program with PySide6 can be quicker than on this machine.
BARE = f"""
{WATCH}
from PySide6.QtWidgets import QApplication, QWidget
app, paint = QApplication([]), Paint()
window = QWidget()
window.installEventFilter(paint)
window.resize(960, 680)
window.show()
app.exec()
"""


async def measure() -> dict[str, object]:
    """Seconds of the app and of a bare window, in turns, and how many times longer the app takes."""
    with Screen() as screen, tempfile.TemporaryDirectory() as folder:
        app = functools.partial(_start, screen.environment, APP, "--data-dir", folder)
        bare = functools.partial(_start, screen.environment, BARE)
        await app()  # compiles what is not compiled yet
        turns = [(await app(), await bare()) for _ in range(RUNS)]
        cold = []
        for _ in range(COLD_RUNS):
            _evict()
            cold.append(await app())
    warm, floor = zip(*turns, strict=True)
    return {
        "warm_s": summary(warm),
        "bare_window_s": summary(floor),
        "times_bare": round(median(warm) / median(floor), 2),
        "cold_s": summary(cold),
    }


async def _start(environment: dict[str, str], program: str, *arguments: str) -> float:
    began_ns = time.time_ns()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *arguments, env=environment, stdout=asyncio.subprocess.PIPE, cwd=REPOSITORY
    )
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
