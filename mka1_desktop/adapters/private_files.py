"""Files that only their owner may read: folders 0700, files 0600, replaced in one step, set aside and never deleted."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mka1_desktop.domain.errors import AppError, Code

FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)})


def store_error(error: OSError) -> AppError:
    """Say what a failed write means for a person: no room, not allowed, or another process that holds the lock."""
    if isinstance(error, TimeoutError):
        return AppError(Code.BUSY, details="lock")
    code = Code.STORE_FULL if error.errno in FULL else Code.STORE_READ_ONLY
    return AppError(code, details=errno.errorcode.get(error.errno or 0, type(error).__name__))


def make_private_folder(folder: Path) -> None:
    """Make a folder and its parents with mode 0700; what exists already keeps its mode. Raises OSError."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def touch_private(path: Path) -> None:
    """Make sure that a file exists and that only its owner may read and write it. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "posix" and stat.S_IMODE(os.fstat(descriptor).st_mode) != 0o600:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file in one step: after a power cut it has the old content or the new one. Raises OSError."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except BaseException:
        with suppress(OSError):
            scratch.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries survive a power cut, where the system knows how."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse it
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def set_aside(path: Path, *, companions: tuple[str, ...] = ()) -> Path:
    """Rename `history.sqlite3` to `history-damaged-<UTC time>.sqlite3`, and its companions ("-wal"). Raises OSError."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    count = 1
    while target.exists():
        count += 1
        target = path.with_name(f"{path.stem}-damaged-{stamp}-{count}{path.suffix}")
    for ending in companions:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(target.with_name(target.name + ending))
    path.rename(target)
    sync_folder(path.parent)
    return target
