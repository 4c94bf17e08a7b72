"""Where the control socket of a data folder is, and that nobody else can stand there (contract: control socket)."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mka1_desktop.domain.errors import AppError, Code

PATH_LIMIT_B = 100  # a Unix socket's address holds 107 bytes on Linux, 103 on macOS


def socket_name(data_dir: Path) -> str:
    """Return 16 hex digits that name this data folder."""
    return hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]


def pipe_name(data_dir: Path) -> str:
    """Return the name of the named pipe on Windows, where the pipe's access rights keep others out."""
    return f"mka1-desktop-{os.environ.get('USERNAME', 'user')}-{socket_name(data_dir)}"


def socket_folder(*, create: bool) -> Path:
    """Return the private folder of the sockets. Raises AppError(BUSY) when somebody else owns it or it is a link."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime) / "mka1-desktop" if runtime else Path(tempfile.gettempdir()) / f"mka1-{os.getuid()}"
    if create:
        folder.mkdir(mode=0o700, parents=bool(runtime), exist_ok=True)
    _require_private(folder)
    return folder


def _require_private(folder: Path) -> None:
    try:
        found = folder.lstat()
    except OSError:
        raise AppError(Code.NOT_RUNNING) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise AppError(Code.BUSY, message="The folder for the control socket is not private, so it is not used.")


@contextmanager
def socket_address(folder: Path, name: str) -> Iterator[str]:
    """Yield an address for `bind` or `connect`; a long path goes by way of the folder's descriptor (Linux)."""
    path = folder / name
    if len(os.fsencode(path)) <= PATH_LIMIT_B or not sys.platform.startswith("linux"):
        yield str(path)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{name}"
    finally:
        os.close(descriptor)
