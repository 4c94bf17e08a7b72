"""Where things lie on each system."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mka1_desktop.adapters.private_files import make_private_folder, store_error

FOLDER = "mka1-desktop"
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one app: two data folders are two apps. Nothing is made here, see `prepare`."""

    data: Path  # absolute, links resolved: the control socket's name comes from it
    resources: Path

    @property
    def settings(self) -> Path:
        return self.data / "settings.json"

    @property
    def history(self) -> Path:
        return self.data / "history.sqlite3"

    @property
    def expiry(self) -> Path:
        return self.data / "services.json"

    @property
    def salt(self) -> Path:
        return self.data / "salt"

    @property
    def log(self) -> Path:
        return self.data / "log.txt"

    @property
    def faults(self) -> Path:
        return self.data / "faults.txt"

    @property
    def lock(self) -> Path:
        return self.data / "app.lock"

    def prepare(self) -> None:
        """Make the data folder with mode 0700. Raises AppError(STORE_READ_ONLY | STORE_FULL)."""
        try:
            make_private_folder(self.data)
        except OSError as e:
            raise store_error(e) from None


def find_paths(
    data_dir: str | None = None, *, environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Paths:
    """Return the paths of this run; `data_dir` is the option, which beats MKA1_DATA_DIR."""
    chosen = data_dir or environment.get("MKA1_DATA_DIR")
    folder = Path(chosen).expanduser() if chosen else _data_folder(environment, platform)
    return Paths(data=folder.resolve(), resources=resources_folder())


def resources_folder(*, package: Path = PACKAGE, bundle: str | None = getattr(sys, "_MEIPASS", None)) -> Path:
    """Return the folder of icons and sounds: of the frozen app, of the wheel, or of the checkout."""
    candidates = [package / "_resources", package.parent / "resources"]
    if bundle is not None:
        candidates = [Path(bundle) / "resources", Path(bundle) / "mka1_desktop" / "_resources"]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the app's resources are missing: {candidates[0]}")


def _data_folder(environment: Mapping[str, str], platform: str) -> Path:
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return Path(local) / "MKA1 Desktop" if local else Path.home() / "AppData" / "Local" / "MKA1 Desktop"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "MKA1 Desktop"
    data_home = environment.get("XDG_DATA_HOME", "")  # a relative one is to be ignored (XDG base directories 0.8)
    base = Path(data_home) if data_home.startswith("/") else Path.home() / ".local" / "share"
    return base / FOLDER
