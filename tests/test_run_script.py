"""`./run` is understood from any folder, and what continuous integration calls is `./run test`."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
on_posix = pytest.mark.skipif(os.name != "posix", reason="the script for Windows is run.ps1")


def _run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "run", *words], cwd=folder, capture_output=True, text=True, timeout=30, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _check_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("our_check", ROOT / "packaging" / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@on_posix
@pytest.mark.parametrize(("words", "code"), [(("help",), 0), (("nonsense",), 2), (("package",), 2)])
def test_run_says_what_it_can_do_and_sets_nothing_up_for_that(
    words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    done = _run(*words, folder=tmp_path)
    assert done.returncode == code
    assert done.stdout == ""  # standard output belongs to what is started
    assert "Setting up" not in done.stderr
    assert done.stderr


@on_posix
def test_continuous_integration_calls_run_test_and_nothing_else() -> None:
    words = [
        line for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines() if line.startswith("exec")
    ]
    assert words == ['exec "$(dirname -- "${BASH_SOURCE[0]}")/../run" test </dev/null']
    assert os.access(ROOT / "run", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_one_command_checks_everything() -> None:
    steps = dict(_check_script().steps(["-k", "one"], tests=True))
    assert list(steps) == ["format", "lint", "types", "imports", "tests"]
    assert steps["tests"] == [sys.executable, "-m", "pytest", "-k", "one"]


def test_the_checks_can_go_without_the_tests() -> None:
    assert "tests" not in dict(_check_script().steps([], tests=False))
