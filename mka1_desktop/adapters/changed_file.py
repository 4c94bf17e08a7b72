"""What was changed outside the app and is to be given back: a private file, there only as long as something is."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from mka1_desktop.adapters.private_files import make_private_folder, sync_folder, write_private

log = logging.getLogger(__name__)
SIZE_LIMIT_B = 1 << 20


class ChangedFile:
    """Rows of JSON. Blocks for some milliseconds: not for the window's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[dict[str, object]]:
        """What is on the disk; nothing when it cannot be read."""
        try:
            with self._path.open("rb") as file:
                content = json.loads(file.read(SIZE_LIMIT_B))
        except (OSError, ValueError, RecursionError):
            return []
        return [row for row in content if isinstance(row, dict)] if isinstance(content, list) else []

    def write(self, rows: Sequence[dict[str, object]]) -> bool:
        """Replace what is on the disk; nothing is no file. False when that is not possible."""
        try:
            if rows:
                make_private_folder(self._path.parent)
                write_private(self._path, json.dumps(rows).encode())
            elif self._path.exists():
                self._path.unlink()
                sync_folder(self._path.parent)
        except OSError as e:
            log.info("what is changed cannot be written down: %s", type(e).__name__)
            return False
        return True
