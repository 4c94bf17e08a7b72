"""What is kept on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mka1_desktop.domain.conversation import Item, Thread, ThreadPage
from mka1_desktop.domain.settings import Settings, Value


class HistoryPort(Protocol):
    """Threads and items. A method returns when it is on disk (WAL, synchronous enough to survive SIGKILL).

    Raises AppError: STORE_FULL, STORE_READ_ONLY, STORE_NEWER, STORE_DAMAGED; NOT_FOUND for an unknown thread.
    """

    async def put_thread(self, thread: Thread) -> None:
        """Insert or replace a thread's own fields by id (items stay)."""

    async def put_item(self, thread_id: str, item: Item) -> None:
        """Insert, or replace the item with the same key (it keeps its place); touches the thread's updated_at."""

    async def thread(self, thread_id: str) -> Thread: ...

    async def items(self, thread_id: str) -> tuple[Item, ...]: ...

    async def threads(self, *, limit: int = 50, cursor: str | None = None) -> ThreadPage:
        """Pinned first, then newest first."""

    async def search(self, query: str, *, limit: int = 50, cursor: str | None = None) -> ThreadPage:
        """Title and text contain `query`, diacritics and case aside; each thread carries a snippet."""

    async def rename(self, thread_id: str, title: str) -> None: ...

    async def pin(self, thread_id: str, pinned: bool) -> None: ...

    async def delete(self, thread_ids: Sequence[str]) -> None: ...

    async def close(self) -> None: ...


class SettingsPort(Protocol):
    """The settings file. Reading never fails: what is wrong in it reads as the default."""

    def load(self) -> Settings: ...

    def save(self, settings: Settings) -> None:
        """Replace the file in one step; unknown keys in it are kept. Raises AppError(STORE_FULL | STORE_READ_ONLY)."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """Where a key lies; never the key itself."""

    backend: str  # name of the keyring, "memory" for this run only, "environment"
    origin: str
    fingerprint: str


class SecretsPort(Protocol):
    """The API key, per account, bound to one origin. Every call has a time limit and never blocks the window.

    Raises AppError: NO_KEYRING, KEYRING_LOCKED, KEYRING_SLOW.
    """

    async def get(self, account: str) -> tuple[str, StoredKey] | None: ...

    async def set(self, account: str, key: str, *, origin: str) -> StoredKey:
        """Store in the keyring; without one in memory for this run (backend "memory")."""

    async def delete(self, account: str) -> bool:
        """True when there was one."""

    async def status(self, account: str) -> StoredKey | None: ...


SettingValue = Value
