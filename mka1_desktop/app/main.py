"""The app with its window: QApplication, the event loop, single instance, exit code."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from mka1_desktop import __version__
from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.collecting import Collecting
from mka1_desktop.app.crash import CrashReports
from mka1_desktop.app.crash_qt import install_qt_log
from mka1_desktop.app.ending import Ending
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.lock import InstanceLock
from mka1_desktop.app.options import say
from mka1_desktop.app.paths import Paths
from mka1_desktop.app.second_start import hand_over
from mka1_desktop.app.wanted import Wanted, check_account_name, wanted_base_url
from mka1_desktop.domain.redact import Redactor

if TYPE_CHECKING:
    from mka1_desktop.app.desktop import Desktop
    from mka1_desktop.app.front import Front

SIGNALS = {"SIGINT": Exit.INTERRUPTED, "SIGTERM": Exit.TERMINATED, "SIGHUP": Exit.TERMINATED}


def run_app(options: argparse.Namespace, paths: Paths, redactor: Redactor, reports: CrashReports) -> int:
    """Run the app, or hand over to the one that runs. Raises AppError for options that cannot be used."""
    check_account_name(options.account)
    settings = SettingsFile(paths.settings)
    if not options.demo:
        wanted_base_url(Wanted(base_url=options.base_url), settings.load())
    lock = InstanceLock(paths)
    if not lock.acquire() and (handed_over := hand_over(options, paths, lock)) is not None:
        return handed_over
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
    gc.disable()  # a start makes what stays; later `Collecting` does it, on this thread
    from mka1_desktop.app.front import Front  # noqa: PLC0415 - widgets need the application

    front = Front(app, settings=settings.load(), resources=paths.resources, ending=Ending())
    if not options.hidden:
        front.show()
    from qasync import QEventLoop  # noqa: PLC0415 - after QApplication, whose Qt it must use

    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        reports.watch(runner.get_loop())
        _listen(runner.get_loop(), front.ending)
        runner.run(_work(front, options=options, paths=paths, redactor=redactor, settings=settings))
    if front.ending.exit in (Exit.DONE, None):
        return int(Exit.DONE)
    return say("Stopped; what was said is saved.", front.ending.exit)


async def _work(
    front: Front, *, options: argparse.Namespace, paths: Paths, redactor: Redactor, settings: SettingsFile
) -> None:
    """Load what works behind the window, and let it work until the end is asked for."""
    await front.painted()
    module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.app.desktop")
    desktop: Desktop = module.Desktop(front, options=options, paths=paths, redactor=redactor, settings=settings)
    Collecting(front.frame.window)
    await desktop.run()


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


def _listen(loop: asyncio.AbstractEventLoop, ending: Ending) -> None:
    """Let signals end the app in order (not on Windows, where windows are closed instead)."""
    for name, code in SIGNALS.items():
        with contextlib.suppress(NotImplementedError, AttributeError, ValueError):
            loop.add_signal_handler(getattr(signal, name), ending.quit, code)
