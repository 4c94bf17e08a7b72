"""SettingsPort over one JSON file that people may edit, and that two processes may write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mka1_desktop.adapters.file_lock import FileLock
from mka1_desktop.adapters.private_files import make_private_folder, set_aside, store_error, write_private
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.settings import BY_KEY, Settings, Value

SIZE_LIMIT_B = 1024 * 1024


class SettingsFile:
    """One object of setting keys and values: `{"talk.mode": "hold"}`.

    `save` writes only what differs from what this object loaded or saved last: another process's changes stay, and so
    do keys and values that this version does not understand.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._base: Mapping[str, Value] = {}
        self._set_aside: Path | None = None

    @property
    def set_aside(self) -> Path | None:
        """Where an unreadable settings file lies that was found in this run; None: there was none."""
        return self._set_aside

    def load(self) -> Settings:
        """Never fails: what is wrong reads as the default."""
        try:
            with self._locked():
                content = self._read()
        except OSError:  # a folder that cannot be written can perhaps be read
            content = self._content_if_readable()
        self._base = _understood(content)
        return Settings(self._base)

    def save(self, settings: Settings) -> None:
        changed = {key: value for key, value in settings.values.items() if self._base.get(key) != value}
        removed = self._base.keys() - settings.values.keys()
        if not changed and not removed:
            return
        try:
            make_private_folder(self._path.parent)
            with self._locked():
                kept = {key: value for key, value in self._read().items() if key not in removed}
                text = json.dumps(kept | changed, indent=2, sort_keys=True, ensure_ascii=False)
                write_private(self._path, (text + "\n").encode("utf-8", "replace"))
        except OSError as e:
            raise store_error(e) from None
        self._base = dict(settings.values)

    def _locked(self) -> FileLock:
        return FileLock(self._path.with_name("settings.lock"))

    def _read(self) -> dict[str, Any]:
        """Return what the file holds, under the lock; one that is no settings file is renamed. Raises OSError."""
        content = self._content()
        if content is None:
            self._set_aside = set_aside(self._path)
            return {}
        return content

    def _content(self) -> dict[str, Any] | None:
        """None: there is a file, and it is no settings file. Raises OSError."""
        try:
            with self._path.open("rb") as file:
                return _parsed(file.read(SIZE_LIMIT_B + 1))
        except FileNotFoundError:
            return {}

    def _content_if_readable(self) -> dict[str, Any]:
        try:
            return self._content() or {}
        except OSError:
            return {}


def _parsed(data: bytes) -> dict[str, Any] | None:
    if len(data) > SIZE_LIMIT_B:
        return None
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _understood(content: Mapping[str, Any]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, raw in content.items():
        if key in BY_KEY:
            try:
                values[key] = BY_KEY[key].parse(raw)
            except AppError:
                continue  # the default
    return values
