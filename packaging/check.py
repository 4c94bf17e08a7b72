"""Everything that must hold before a change goes in: format, lint, types, imports, tests.

`python packaging/check.py [--no-tests] [arguments of pytest]` runs every step, also after one has failed, and ends
with 0 when all of them passed, else with 1. Without arguments the whole suite runs in several processes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Most tests wait for a room or a process. A file stays in one process, in the order of the folders: what a file's
# tests share is started once, and the long ones of the window do not come last. A process that dies ends the run: a
# new one in its place would wait for ever for files that are done.
SIDE_BY_SIDE = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "0")
LIMIT_S = 2400.0  # for one step: a process that hangs in a library is not waited for
FOLDERS = ("mka1_desktop", "tests", "packaging")  # by name: .tools holds uv, which is not ours to format


def _tool(name: str) -> str:
    """Return the program of this Python's environment, whatever PATH says. Raises FileNotFoundError."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise FileNotFoundError(f"{name} is not installed beside {sys.executable}; run `uv sync`.")
    return found


def steps(pytest_arguments: Sequence[str], *, tests: bool) -> list[tuple[str, list[str]]]:
    """Return what is run, in order: a name for people, and the command."""
    python = [sys.executable, "-m"]
    made = [
        ("format", [*python, "ruff", "format", "--check", *FOLDERS]),
        ("lint", [*python, "ruff", "check", *FOLDERS]),
        ("types", [*python, "mypy"]),
        ("imports", [_tool("lint-imports")]),
    ]
    if tests:
        made.append(("tests", [*python, "pytest", *(pytest_arguments or SIDE_BY_SIDE)]))
    return made


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=LIMIT_S).returncode
    except subprocess.TimeoutExpired:
        return 1


def main(arguments: Sequence[str]) -> int:
    """Run the steps in the repository's folder and say which failed."""
    tests = "--no-tests" not in arguments
    # Windows of tests that do not start a screen of their own must not appear on the person's, nor need one.
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    failed = []
    for name, command in steps([a for a in arguments if a != "--no-tests"], tests=tests):
        print(f"--- {name}", flush=True)
        began = time.monotonic()
        if _run(command, environment) != 0:
            failed.append(name)
        print(f"--- {name}: {time.monotonic() - began:.1f} s", flush=True)
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
