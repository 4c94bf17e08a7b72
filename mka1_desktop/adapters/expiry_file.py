"""Which services end a session with its token: learnt once, remembered for each origin in a small private file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from mka1_desktop.adapters.private_files import make_private_folder, write_private

MOST = 50  # origins; the oldest is forgotten
SIZE_LIMIT_B = 64 * 1024


class ExpiryFile:
    """ExpiryMemory (session/runner.py). What cannot be read or written is learnt again: no error comes of it."""

    def __init__(self, path: Path, *, origin: Callable[[], str | None]) -> None:
        """`origin`: scheme, host, port and path of the service that is in use; None while that is not known."""
        self._path = path
        self._origin = origin
        self._known: list[str] | None = None

    def ends(self) -> bool:
        """Whether the service in use is known to end a session when its token has run out."""
        return self._origin() in self._read()

    def learn(self) -> None:
        """The service in use has just done so."""
        origin = self._origin()
        if origin is None or origin in self._read():
            return
        self._known = [*self._read(), origin][-MOST:]
        try:
            make_private_folder(self._path.parent)
            write_private(self._path, json.dumps({"ends_with_token": self._known}).encode())
        except OSError:
            return  # it holds for this run

    def _read(self) -> list[str]:
        if self._known is None:
            self._known = _origins(self._path)
        return self._known


def _origins(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(SIZE_LIMIT_B))
    except (OSError, ValueError, RecursionError):
        return []
    listed = content.get("ends_with_token") if isinstance(content, dict) else None
    return [origin for origin in listed if isinstance(origin, str)] if isinstance(listed, list) else []
