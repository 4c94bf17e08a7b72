"""Defects: every uncaught exception becomes a report file, a line in the log and one sentence for people."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import os
import platform
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from mka1_desktop import __version__
from mka1_desktop.adapters.private_files import make_private_folder, write_private
from mka1_desktop.app.tracebacks import describe
from mka1_desktop.domain.redact import Redactor

REPORTS_KEPT = 10
REPORTS_A_RUN = 5

log = logging.getLogger(__name__)


class CrashReports:
    """Writes `crash-<UTC time>.txt` (0600) beside the log, the same defect once a run; the newest ten are kept.

    `tell` gets the sentence; it may be called on any thread.
    """

    def __init__(self, *, folder: Path, redactor: Redactor, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._redactor = redactor
        self._tell = tell
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._faults: TextIO | None = None

    def install(self) -> None:
        """Catch what nobody caught, on all threads. For the event loop see `watch`."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread

    def uninstall(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            self._faults = None

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Catch what callbacks and forgotten tasks of this loop raise."""
        loop.set_exception_handler(self._uncaught_in_loop)

    def watch_faults(self, path: Path) -> Path | None:
        """Let a crash of native code write its stacks to `path`; return the report of the last run's crash, if any.

        Such a file holds function names and line numbers only.
        """
        last = None
        try:
            make_private_folder(path.parent)
            if path.is_file() and path.stat().st_size:
                last = self._folder / f"crash-{_stamp()}-native.txt"
                path.rename(last)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as e:
            log.warning("native crashes are not recorded: %s", type(e).__name__)
            return last
        self._faults = os.fdopen(descriptor, "w")
        faulthandler.enable(self._faults)
        return last

    def report(self, error: BaseException, *, where: str) -> Path | None:
        """Log and report one defect; return the report's file, None when it was reported before or cannot be."""
        text = describe(error)
        log.critical("defect in %s: %s", where, type(error).__qualname__)
        with self._lock:
            if text in self._seen or len(self._seen) >= REPORTS_A_RUN:
                return None
            self._seen.add(text)
        path = self._write(f"where: {where}\n{text}\n")
        self._tell(_sentence(path))
        return path

    def _write(self, text: str) -> Path | None:
        head = (
            f"MKA1 Desktop {__version__}\nPython {platform.python_version()} on {platform.system()} "
            f"{platform.release()} {platform.machine()}\ntime: {datetime.now(UTC).isoformat(timespec='seconds')}\n"
        )
        path = self._folder / f"crash-{_stamp()}.txt"
        try:
            make_private_folder(self._folder)
            write_private(path, self._redactor.redact(head + text).encode("utf-8", "backslashreplace"))
            for old in sorted(self._folder.glob("crash-*.txt"))[:-REPORTS_KEPT]:
                old.unlink()
        except OSError as e:
            log.warning("the report could not be written: %s", type(e).__name__)
            return None
        return path

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None, *, where: str = "main"
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        with suppress(Exception):  # a defect in here must not hide the first one, nor end a Qt callback
            self.report(error.with_traceback(trace), where=where)

    def _uncaught_in_thread(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
            name = found.thread.name if found.thread is not None else "a thread"
            self._uncaught(found.exc_type, found.exc_value, found.exc_traceback, where=name)

    def _uncaught_in_loop(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self._uncaught(type(error), error, error.__traceback__, where="the event loop")
            return
        log.error("the event loop: %s", context.get("message"))


def _sentence(path: Path | None) -> str:
    if path is None:
        return "Something went wrong inside the app."
    return f"Something went wrong inside the app. A report for the developers is in {path}"


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
