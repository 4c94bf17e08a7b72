"""SecretsPort in memory."""

from __future__ import annotations

from mka1_desktop.domain.errors import AppError
from mka1_desktop.ports.store import StoredKey


class FakeSecrets:
    """`backend` is where keys go; `failure` is what every call raises."""

    def __init__(self, backend: str = "Test keyring") -> None:
        self.backend = backend
        self.failure: AppError | None = None
        self.keys: dict[str, tuple[str, StoredKey]] = {}
        self.asked = 0

    async def get(self, account: str) -> tuple[str, StoredKey] | None:
        self._ask()
        return self.keys.get(account)

    async def set(self, account: str, key: str, *, origin: str) -> StoredKey:
        self._ask()
        stored = StoredKey(backend=self.backend, origin=origin, fingerprint="00000000")
        self.keys[account] = (key, stored)
        return stored

    async def delete(self, account: str) -> bool:
        self._ask()
        return self.keys.pop(account, None) is not None

    async def status(self, account: str) -> StoredKey | None:
        self._ask()
        found = self.keys.get(account)
        return found[1] if found else None

    def _ask(self) -> None:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
