"""A private X server for benches."""

from __future__ import annotations

import os
import subprocess
import tempfile
from types import TracebackType
from typing import Self


class Screen:
    """Use as a context manager; `environment` is what programs on this screen need."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        reader, writer = os.pipe()
        self._process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
            pass_fds=(writer,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as numbers:
            display = numbers.readline().strip()
        drop = ("PYTHONDONTWRITEBYTECODE", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR")
        kept = {k: v for k, v in os.environ.items() if k not in drop and not k.startswith("MKA1_")}
        self.environment = {**kept, "DISPLAY": f":{display}", "XDG_RUNTIME_DIR": self._folder.name}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
        self._folder.cleanup()
