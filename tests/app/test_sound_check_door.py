"""The sound check is a click away in the settings, and its devices are closed with its window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.app.dialog_doors import DialogDoors
from mka1_desktop.app.sound_check_door import SoundCheckDoor
from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.settings_dialog import SettingsDialog
from mka1_desktop.ui.sound_check_dialog import SoundCheckDialog
from mka1_desktop.viewmodels.account import AccountModel
from mka1_desktop.viewmodels.devices import DevicesModel
from mka1_desktop.viewmodels.sound_check import Activity
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_sound_check import FakeCheck
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform


class House:
    """A window with its dialogs."""

    def __init__(self, play: DeskPlay, qapp: QApplication, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.show()
        wishes = replace(WishList().wishes, check_sound=lambda: self.doors.open_sound_check())  # noqa: PLW0108 - below
        self.doors = DialogDoors(
            play.desk, look=make_look(qapp, reduced=True), parent=lambda: self.window, wishes=lambda: wishes,
            account=AccountModel(), devices=DevicesModel(), delete_key=lambda: None,
        )  # fmt: skip

    def settings(self) -> SettingsDialog:
        (found,) = self.window.findChildren(SettingsDialog)
        return found

    def checks(self) -> list[SoundCheckDialog]:
        return [dialog for dialog in self.window.findChildren(SoundCheckDialog) if dialog.isVisible()]


@pytest.fixture
async def play() -> AsyncIterator[DeskPlay]:
    async with DeskPlay() as play:
        yield play


async def test_the_settings_lead_to_it(play: DeskPlay, qapp: QApplication, qtbot: QtBot) -> None:
    house = House(play, qapp, qtbot)
    house.doors.open_settings()
    settings = house.settings()
    settings.show_page("Sound")
    row = settings.row("audio.microphone")
    (button,) = [b for b in row.findChildren(TextButton) if b.text() == "Sound check"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = house.checks()
    assert dialog.parentWidget() is settings
    house.doors.open_sound_check()
    assert house.checks() == [dialog], "one at a time"
    settings.reject()
    assert house.checks() == [], "it goes with the window under it"
    house.doors.open_sound_check()
    (dialog,) = house.checks()
    assert dialog.parentWidget() is house.window
    dialog.reject()
    await house.doors.close()


async def test_its_devices_are_closed_with_it(play: DeskPlay, qapp: QApplication, qtbot: QtBot) -> None:
    room = FakeCheck()
    room.hold = "hearing"
    window = QWidget()
    qtbot.addWidget(window)

    async def open_port() -> FakeCheck:
        return room

    door = SoundCheckDoor(play.desk, look=make_look(qapp, reduced=True), devices=DevicesModel(), open_port=open_port)
    door.open(lambda: window)
    dialog = door.dialog
    assert dialog is not None
    QTest.mouseClick(dialog.level_button, Qt.MouseButton.LeftButton)
    await settle()
    assert (door.check.model.view.activity, room.still_open) == (Activity.LEVEL, 1)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await settle()
    assert room.still_open == 0
    door.open(lambda: window)
    assert door.dialog is not dialog, "a new one"
    door.dismiss()
    await door.close()
