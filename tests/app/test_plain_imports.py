from __future__ import annotations

import subprocess
import sys

LIMIT_S = 60.0
PROGRAM = """
import linecache
from mka1_desktop.app.plain_imports import keep_imports_plain
keep_imports_plain()
linecache.clearcache()
import wave, PySide6.QtWidgets
assert not linecache.cache, list(linecache.cache)
"""


def test_importing_reads_no_sources_once_qt_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")
