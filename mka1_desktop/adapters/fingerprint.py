"""Short names for keys: tell two keys apart without telling what they are."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from pathlib import Path

from mka1_desktop.adapters.file_lock import FileLock
from mka1_desktop.adapters.private_files import make_private_folder, write_private

SALT_B = 32
LENGTH = 8  # hex digits, as in the contract

log = logging.getLogger(__name__)


class Fingerprints:
    """8 hex of SHA-256 over a salt and the key. The salt is made once for each data folder and lies in `path` (0600).

    Without the folder's salt nobody can test guesses of a key against a fingerprint. Safe to use from any thread.
    Where the folder cannot be written, the salt and so the fingerprints last for this run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._salt: bytes | None = None

    def of(self, key: str) -> str:
        with self._lock:
            if self._salt is None:
                self._salt = self._load() or self._make()
        return hashlib.sha256(self._salt + key.encode("utf-8", "replace")).hexdigest()[:LENGTH]

    def _load(self) -> bytes | None:
        try:
            with self._path.open("rb") as file:
                salt = bytes.fromhex(file.read(2 * SALT_B + 2).decode("ascii").strip())
        except (OSError, ValueError):
            return None
        return salt if len(salt) == SALT_B else None

    def _make(self) -> bytes:
        fresh = secrets.token_bytes(SALT_B)
        try:
            make_private_folder(self._path.parent)
            with FileLock(self._path.with_name("salt.lock")):  # two first starts at once agree on one salt
                salt = self._load()
                if salt is None:
                    write_private(self._path, fresh.hex().encode() + b"\n")
        except OSError as e:
            log.warning("the salt could not be written: %s", type(e).__name__)
            return fresh
        return salt or fresh
