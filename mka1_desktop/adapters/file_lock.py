"""A lock between processes that the system drops when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

WAIT_S = 5.0
POLL_S = 0.005  # the systems offer no waiting with a limit

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Holds one file locked. The file stays after release: removing it would let two processes hold "the" lock.

    Used from one thread at a time. Raises OSError where the file cannot be made or opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def try_acquire(self) -> bool:
        """Take the lock if nobody has it; True when it is ours."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _try_lock(descriptor)
        except OSError as e:
            with suppress(OSError):
                os.close(descriptor)
            if isinstance(e, BlockingIOError | PermissionError):  # the second is Windows' word for "taken"
                return False
            raise
        self._descriptor = descriptor
        return True

    def acquire(self, *, limit_s: float = WAIT_S) -> None:
        """Wait for the lock of a short section; raises TimeoutError, an OSError, when its holder hangs."""
        end = time.monotonic() + limit_s
        pause = threading.Event()
        while not self.try_acquire():
            if time.monotonic() >= end:
                raise TimeoutError("the lock is held by another process")
            pause.wait(POLL_S)

    def release(self) -> None:
        """Let go; safe to call twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
