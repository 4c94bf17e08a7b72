"""The app with its window: QApplication, the event loop, single instance, exit code."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from mka1_desktop import __version__
from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.account import Wanted, check_account_name, wanted_base_url
from mka1_desktop.app.crash import CrashReports
from mka1_desktop.app.crash_qt import install_qt_log
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.lock import InstanceLock
from mka1_desktop.app.options import say
from mka1_desktop.app.paths import Paths
from mka1_desktop.app.second_start import hand_over
from mka1_desktop.domain.redact import Redactor

if TYPE_CHECKING:
    from mka1_desktop.app.desktop import Desktop

SIGNALS = {"SIGINT": Exit.INTERRUPTED, "SIGTERM": Exit.TERMINATED, "SIGHUP": Exit.TERMINATED}


def run_app(options: argparse.Namespace, paths: Paths, redactor: Redactor, reports: CrashReports) -> int:
    """Run the app, or hand over to the one that runs. Raises AppError for options that cannot be used."""
    check_account_name(options.account)
    settings = SettingsFile(paths.settings)
    if not options.demo:
        wanted_base_url(Wanted(base_url=options.base_url), settings.load())
    lock = InstanceLock(paths)
    if not lock.acquire():
        return hand_over(options, paths)
    try:
        return _run(options, paths, redactor, reports, settings)
    finally:
        lock.release()


def _run(
    options: argparse.Namespace, paths: Paths, redactor: Redactor, reports: CrashReports, settings: SettingsFile
) -> int:
    reports.install()
    reports.watch_faults(paths.faults)
    try:
        app = _application()
    except RuntimeError:
        return say("No window can be shown here.", Exit.DEFECT)
    from qasync import QEventLoop  # noqa: PLC0415 - after QApplication, whose Qt it must use

    from mka1_desktop.app.desktop import Desktop  # noqa: PLC0415

    desktop = Desktop(app, options=options, paths=paths, redactor=redactor, settings=settings)
    desktop.show()
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        reports.watch(runner.get_loop())
        _listen(runner.get_loop(), desktop)
        runner.run(desktop.run())
    if desktop.exit in (Exit.DONE, None):
        return int(Exit.DONE)
    return say("Stopped; what was said is saved.", desktop.exit)


def _application() -> QApplication:
    if sys.platform.startswith("linux") and not _has_display():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    install_qt_log()
    QCoreApplication.setApplicationName("mka1-desktop")
    QCoreApplication.setApplicationVersion(__version__)
    QCoreApplication.setOrganizationName("MKA1")
    app = QApplication([])
    app.setDesktopFileName("com.mka1.Desktop")
    app.setQuitOnLastWindowClosed(False)
    return app


def _has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _listen(loop: asyncio.AbstractEventLoop, desktop: Desktop) -> None:
    """Let signals end the app in order (not on Windows, where windows are closed instead)."""
    for name, code in SIGNALS.items():
        with contextlib.suppress(NotImplementedError, AttributeError, ValueError):
            loop.add_signal_handler(getattr(signal, name), desktop.quit, code)
