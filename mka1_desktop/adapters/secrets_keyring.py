"""SecretsPort over the system's keyring. No key is ever written to a file; without a keyring it lasts for this run."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import TypeVar

from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.adapters.keyring_backends import FoundKeyring, find_keyring
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.ports.store import StoredKey

SERVICE = "MKA1 Desktop"  # stored keys are found by it: never changed
MEMORY = "memory"
KEY_LIMIT = 1000  # characters
ENTRY_LIMIT = 1280  # Windows takes 2,560 bytes of UTF-16: https://github.com/jaraco/keyring/issues/355
SLOW_S = 2.0
LIMIT_S = 30.0

T = TypeVar("T")
log = logging.getLogger(__name__)


class KeyringSecrets:
    """Keys by account. All calls to the keyring run on one thread of their own, each with a time limit.

    A key that was read or stored is kept in memory, so that a keyring asks for its password once in a run.
    `on_slow` is called on the event loop when a call takes longer than `slow_s` (the keyring waits for the person),
    `on_key` with every key that passes, so that logs can mask it.
    """

    def __init__(
        self,
        *,
        fingerprints: Fingerprints,
        on_slow: Callable[[], None] = lambda: None,
        on_key: Callable[[str], None] = lambda _: None,
        find: Callable[[], FoundKeyring | None] = find_keyring,
        slow_s: float = SLOW_S,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._fingerprints = fingerprints
        self._on_slow = on_slow
        self._on_key = on_key
        self._find = find
        self._slow_s = slow_s
        self._limit_s = limit_s
        self._worker = DaemonWorker("keyring")
        self._memory: dict[str, tuple[str, StoredKey]] = {}
        self._found: FoundKeyring | None = None

    async def backend(self) -> str:
        """Name of the keyring for people, "memory" without one. Asks for no password."""
        found = await self._call(self._keyring)
        return found.name if found else MEMORY

    async def get(self, account: str) -> tuple[str, StoredKey] | None:
        """Return key and whereabouts; None without a key or without a keyring."""
        if account in self._memory:
            return self._memory[account]
        read = await self._call(lambda: self._read(account))
        if read is None:
            return None
        name, origin, key = read
        return self._remember(account, key, backend=name, origin=origin)

    async def set(self, account: str, key: str, *, origin: str) -> StoredKey:
        """Store or replace. Raises AppError: BAD_SETTING for a key that no keyring takes, KEYRING_LOCKED."""
        entry = _entry(key, origin)
        self._on_key(key)
        try:
            name = await self._call(lambda: self._write(account, entry))
        except AppError as e:
            if e.code is not Code.NO_KEYRING:
                raise
            name = MEMORY
        return self._remember(account, key, backend=name, origin=origin)[1]

    def keep(self, account: str, key: str, *, origin: str) -> StoredKey:
        """Keep a key for this run only: the person's choice when the keyring stays locked."""
        return self._remember(account, key, backend=MEMORY, origin=origin)[1]

    async def delete(self, account: str) -> bool:
        stored = await self._call(lambda: self._remove(account))
        kept = self._memory.pop(account, None)
        return stored or kept is not None

    async def status(self, account: str) -> StoredKey | None:
        found = await self.get(account)
        return found[1] if found else None

    def forget(self, account: str) -> None:
        """Drop the copy in memory, so that the next `get` asks the keyring; a key for this run only stays."""
        kept = self._memory.get(account)
        if kept is not None and kept[1].backend != MEMORY:
            del self._memory[account]

    def close(self) -> None:
        """Let the thread end; one that hangs in a prompt is left behind and does not hold up the process."""
        self._worker.stop()

    def _remember(self, account: str, key: str, *, backend: str, origin: str) -> tuple[str, StoredKey]:
        self._on_key(key)
        stored = StoredKey(backend=backend, origin=origin, fingerprint=self._fingerprints.of(key))
        self._memory[account] = (key, stored)
        return self._memory[account]

    async def _call(self, work: Callable[[], T]) -> T:
        """Run on the keyring's thread; KEYRING_LOCKED after the time limit: it waits for a password, or is stuck."""
        future = asyncio.wrap_future(self._worker.submit(lambda: _explained(work)))
        try:
            done, _ = await asyncio.wait({future}, timeout=self._slow_s)
            if not done:
                self._on_slow()
                done, _ = await asyncio.wait({future}, timeout=max(0.0, self._limit_s - self._slow_s))
            if not done:
                raise AppError(Code.KEYRING_LOCKED, details="time limit")
            return future.result()
        finally:
            future.cancel()  # work that has not begun will not; work that hangs goes on unheard

    # -- on the keyring's thread

    def _keyring(self) -> FoundKeyring | None:
        if self._found is None:
            self._found = self._find()
        return self._found

    def _read(self, account: str) -> tuple[str, str, str] | None:
        """Return backend name, origin and key."""
        if (found := self._keyring()) is None:
            return None
        entry = _parsed(found.backend.get_password(SERVICE, account))
        return None if entry is None else (found.name, *entry)

    def _write(self, account: str, entry: str) -> str:
        if (found := self._keyring()) is None:
            raise AppError(Code.NO_KEYRING)
        found.backend.set_password(SERVICE, account, entry)
        return found.name

    def _remove(self, account: str) -> bool:
        found = self._keyring()
        if found is None or found.backend.get_password(SERVICE, account) is None:
            return False
        found.backend.delete_password(SERVICE, account)
        return True


def _explained(work: Callable[[], T]) -> T:
    """Turn what a keyring raises into an AppError without its text, which may name the secret's place."""
    try:
        return work()
    except AppError:
        raise
    except Exception as e:  # noqa: BLE001 - backends let out D-Bus, COM and keychain errors of any type
        name = type(e).__name__
    # Raised out here, so that the error does not hold on to the backend's frames and what lies in them.
    log.info("the keyring answered with %s", name)
    raise AppError(Code.KEYRING_LOCKED if name in LOCKED_ERRORS else Code.NO_KEYRING, details=name)


# By name: their modules are imported on the keyring's thread only. The last is macOS' "access denied".
LOCKED_ERRORS = frozenset(
    {"KeyringLocked", "InitError", "LockedException", "PromptDismissedException", "PasswordSetError", "KeyringError"}
)


def _entry(key: str, origin: str) -> str:
    entry = json.dumps({"v": 1, "origin": origin, "key": key}, separators=(",", ":"))
    if not key or len(key) > KEY_LIMIT:
        raise AppError(Code.BAD_SETTING, message="An API key has 1 to 1,000 characters.")
    if len(entry) > ENTRY_LIMIT:
        raise AppError(Code.BAD_SETTING, message="The key and the base URL together are too long for a keyring.")
    return entry


def _parsed(entry: str | None) -> tuple[str, str] | None:
    """Return origin and key; None for an entry that is not ours."""
    try:
        content = json.loads((entry or "")[: 4 * ENTRY_LIMIT])
        origin, key = content["origin"], content["key"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return (origin, key) if isinstance(origin, str) and isinstance(key, str) and key else None
