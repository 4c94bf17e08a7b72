"""How the program ends: its output is out, and the interpreter is not taken down under other threads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mka1_desktop.app.exit_codes import Exit
from tests.support.children import ROOT

LIMIT_S = 30.0
# Stands for the SDK, whose own end at this moment wakes its threads.
WITH_SOMETHING_AT_EXIT = """
import atexit, sys
atexit.register(lambda: print("taken down", flush=True))
from mka1_desktop.__main__ import main
sys.argv = ["mka1-desktop", *sys.argv[1:]]
main()
"""


def test_it_ends_at_once_with_its_code_and_its_output(tmp_path: Path) -> None:
    done = ended(tmp_path, "settings", "get", "talk.mode")
    assert (done.returncode, done.stdout.split()) == (Exit.DONE, ["auto"])
    done = ended(tmp_path, "settings", "get", "no.such.key")
    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.strip()


def ended(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITH_SOMETHING_AT_EXIT, *words, "--data-dir", str(folder)], cwd=ROOT,
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
