from __future__ import annotations

import threading
from pathlib import Path

import pytest

from mka1_desktop.adapters.file_lock import FileLock


def test_only_one_holds_it(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "l"), FileLock(tmp_path / "l")
    assert one.try_acquire()
    assert one.try_acquire()
    assert not two.try_acquire()
    one.release()
    assert two.try_acquire()
    assert two.held
    assert not one.held
    two.release()


def test_waiting_ends_when_the_other_lets_go(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "l"), FileLock(tmp_path / "l")
    one.acquire()
    got = threading.Event()

    def wait() -> None:
        two.acquire()
        got.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert not got.is_set()
    one.release()
    assert got.wait(10)
    waiter.join(10)
    two.release()


def test_waiting_for_a_process_that_hangs_has_a_limit(tmp_path: Path) -> None:
    with FileLock(tmp_path / "l"), pytest.raises(TimeoutError):
        FileLock(tmp_path / "l").acquire(limit_s=0.02)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        FileLock(tmp_path / "l").try_acquire()
    assert not (tmp_path / "elsewhere").exists()


def test_a_missing_folder_is_an_error_and_no_lock(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), FileLock(tmp_path / "no" / "l"):
        pass
