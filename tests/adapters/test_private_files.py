from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from mka1_desktop.adapters.private_files import (
    make_private_folder,
    set_aside,
    store_error,
    touch_private,
    write_private,
)
from mka1_desktop.domain.errors import Code


def test_a_failed_replacement_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    folder = tmp_path / "settings.json"
    (folder / "full").mkdir(parents=True)  # a folder that is not empty cannot be replaced by a file
    with pytest.raises(IsADirectoryError):
        write_private(folder, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_a_replaced_file_is_private_whatever_it_was(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(0o666)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_touching_keeps_the_content(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    touch_private(path)
    assert path.read_bytes() == b"old"


def test_set_aside_twice_in_a_second_keeps_both(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    names = []
    for content in (b"one", b"two"):
        path.write_bytes(content)
        names.append(set_aside(path, companions=("-wal",)))
    assert [name.read_bytes() for name in names] == [b"one", b"two"]
    assert not path.exists()


def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    make_private_folder(folder / "inner" / "deep")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "inner").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, Code.STORE_FULL),
        (errno.EDQUOT, Code.STORE_FULL),
        (errno.EROFS, Code.STORE_READ_ONLY),
        (errno.EACCES, Code.STORE_READ_ONLY),
    ],
)
def test_errors_are_named_for_people(number: int, code: Code) -> None:
    assert store_error(OSError(number, "text")).code is code


def test_a_lock_that_is_never_free_is_another_process_being_busy() -> None:
    assert store_error(TimeoutError("text")).code is Code.BUSY
