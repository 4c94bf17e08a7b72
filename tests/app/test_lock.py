from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mka1_desktop.app.lock import InstanceLock
from mka1_desktop.app.paths import find_paths

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from mka1_desktop.app.lock import InstanceLock
from mka1_desktop.app.paths import find_paths
lock = InstanceLock(find_paths(sys.argv[1]))
print(lock.acquire(), "PySide6" in sys.modules, flush=True)
sys.stdin.read()
"""


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_the_second_start_of_a_folder_is_refused_and_a_dead_first_one_does_not_count(tmp_path: Path) -> None:
    lock = InstanceLock(find_paths(str(tmp_path / "data")))
    holder = start(tmp_path / "data")
    assert answer(holder) == "True False"  # Qt is not loaded for it
    assert not lock.acquire()
    end(holder)  # by SIGKILL: nothing is cleaned up
    assert lock.acquire()
    assert lock.acquire()
    lock.release()
    lock.release()


def test_of_many_first_starts_at_once_one_wins(tmp_path: Path) -> None:
    starts = [start(tmp_path / "data") for _ in range(4)]
    answers = [answer(process) for process in starts]
    for process in starts:
        end(process)
    assert sorted(answers) == ["False False"] * 3 + ["True False"]


def test_two_folders_are_two_apps(tmp_path: Path) -> None:
    one, two = (InstanceLock(find_paths(str(tmp_path / name))) for name in "ab")
    assert one.acquire()
    assert two.acquire()
    assert stat.S_IMODE((tmp_path / "a" / "app.lock").stat().st_mode) == 0o600
    one.release()
    two.release()


def test_in_a_folder_that_cannot_be_written_the_lock_lies_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").touch()  # no folder can be made there
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    one, two = (InstanceLock(find_paths(str(tmp_path / "data" / "x"))) for _ in range(2))
    assert one.acquire()
    assert not two.acquire()
    one.release()
    assert two.acquire()
    two.release()
