"""What refers to itself and owns something of Qt is deleted on Qt's thread, whoever else makes objects."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.app import collecting
from mka1_desktop.app.collecting import Collecting, collect_due

LIMIT_S = 60.0
OBJECTS = 100_000  # enough for Python to collect every generation, if it were let


class Knot(QObject):
    """Refers to itself, as a dialog does whose buttons call it."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self


def drop_one(deleted_by: list[int]) -> None:
    knot = Knot()
    knot.destroyed.connect(lambda: deleted_by.append(threading.get_ident()), Qt.ConnectionType.DirectConnection)


def make_objects() -> None:
    kept: list[list[object]] = []
    for _ in range(OBJECTS):
        kept.append([kept])


def elsewhere() -> None:
    thread = threading.Thread(target=make_objects)
    thread.start()
    thread.join()


def test_another_thread_deletes_nothing_of_qt(qapp: QApplication) -> None:
    gc.collect()
    deleted_by: list[int] = []
    drop_one(deleted_by)
    elsewhere()
    assert deleted_by == []
    collect_due()
    assert deleted_by == [threading.get_ident()]


def test_it_is_done_by_and_by(qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # of this process, which goes on
    parent = QObject()
    deleted_by: list[int] = []
    Collecting(parent)
    drop_one(deleted_by)
    elsewhere()
    qtbot.waitUntil(lambda: deleted_by == [threading.get_ident()], timeout=3 * collecting.EVERY_MS)
    parent.deleteLater()


def test_the_app_leaves_it_to_the_windows_thread(tmp_path: Path) -> None:
    program = """
import gc, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QTimer
from mka1_desktop.app import desktop, main
async def run(self): print(gc.isenabled(), gc.get_freeze_count() > 10_000)
desktop.Desktop.run = run
from mka1_desktop.app.cli import run as cli
sys.exit(cli(["--data-dir", sys.argv[1], "--hidden"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.stdout.split() == ["False", "True"], done.stderr
