"""One running app for each data folder."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

from mka1_desktop.adapters.file_lock import FileLock
from mka1_desktop.adapters.private_files import make_private_folder
from mka1_desktop.app.paths import Paths

log = logging.getLogger(__name__)


class InstanceLock:
    """Held while the app of this data folder runs. The system drops it when the process dies, so it is never stale.

    In a folder that cannot be written the lock lies in the runtime or temporary folder. Needs no Qt.
    """

    def __init__(self, paths: Paths) -> None:
        self._places = (paths.lock, _runtime_folder() / f"{_short_name(paths.data)}.lock")
        self._lock: FileLock | None = None
        self._held = False  # also where no lock can be made at all

    @property
    def held(self) -> bool:
        """Whether this process has it."""
        return self._held

    def acquire(self) -> bool:
        """Take the lock; False: another process runs this app. Also True where no lock can be made at all."""
        if not self._held:
            self._held = self._acquire()
        return self._held

    def _acquire(self) -> bool:
        for place in self._places:
            lock = FileLock(place)
            try:
                make_private_folder(place.parent)
                if not lock.try_acquire():
                    return False
            except OSError as e:
                log.warning("no lock in the first place: %s", type(e).__name__)
                continue
            self._lock = lock
            return True
        return True

    def release(self) -> None:
        """Let the next start have it; safe to call twice."""
        self._held = False
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _short_name(data: Path) -> str:
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:16]


def _runtime_folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        return Path(runtime) / "mka1-desktop"
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"mka1-{user}"
