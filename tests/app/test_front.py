"""The window before anything works behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.app.ending import Ending
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.front import Front
from mka1_desktop.app.presenter import Presenter
from mka1_desktop.app.window import build_models
from mka1_desktop.domain.settings import Settings, Value
from tests.fakes.fake_desk import DeskPlay

RESOURCES = Path(__file__).parents[2] / "resources"
LIMIT_S = 60.0
# What a start must not wait for.
LATER = (
    "mka1_desktop.session", "mka1_desktop.app.desktop", "mka1_desktop.app.desk", "mka1_desktop.domain.events",
    "mka1_desktop.ui.settings_dialog", "mka1_desktop.ui.account_dialog", "mka1_desktop.ports.room", "sqlite3", "numpy",
    "httpx", "livekit", "keyring", "PySide6.QtNetwork", "PySide6.QtDBus",
)  # fmt: skip


def test_the_first_frame_needs_little() -> None:
    program = f"""
import sys
import mka1_desktop.app.cli, mka1_desktop.app.main, mka1_desktop.app.front
sys.exit(" ".join(name for name in {LATER!r} if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.stderr.strip() == ""


@pytest.fixture
def front(qapp: QApplication, qtbot: QtBot) -> Front:
    made = Front(qapp, settings=Settings({}), resources=RESOURCES, ending=Ending())
    qtbot.addWidget(made.frame.window)
    return made


def test_closing_the_window_at_once_ends_the_app(front: Front) -> None:
    front.show()
    front.frame.window.close()
    assert front.ending.exit is Exit.DONE


async def test_a_hidden_window_is_not_waited_for(front: Front) -> None:
    await front.painted()


def test_the_first_frame_is_told(front: Front, qtbot: QtBot) -> None:
    front.show()
    qtbot.waitUntil(front.has_painted)


@pytest.mark.parametrize("values", [{}, {"talk.key": "F9", "talk.mode": "toggle"}, {"talk.mode": "open"}])
async def test_what_is_painted_first_stays(values: dict[str, Value]) -> None:
    async with DeskPlay(Settings(values)) as play:
        models, parent = build_models(Settings(values)), QObject()
        window = models.window
        before = (window.head.view, window.talk.view, window.status.view, window.devices.view)
        Presenter(
            play.desk, models=window, turns=models.turns, threads=models.threads, parent=parent,
            key_name=lambda: models.window.talk.view.key_name,
        )  # fmt: skip
        assert (window.head.view, window.talk.view, window.status.view, window.devices.view) == before
