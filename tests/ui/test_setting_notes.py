"""What a setting does at this moment stands under it, also in a dialog that is open already."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.settings_dialog import SettingsDialog
from mka1_desktop.ui.talk_keys import TalkKeys
from mka1_desktop.viewmodels.settings import SettingsModel
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

KEY = "talk.global"
WORDS = "Ctrl+Alt+Space works in every program now, by X11."


def test_notes_come_with_the_dialog_and_after_it(qapp: QApplication, qtbot: QtBot) -> None:
    model = SettingsModel()
    model.note(KEY, WORDS)
    dialog = SettingsDialog(make_look(qapp), model, WishList().wishes, shown=frozenset({KEY, "talk.mode"}))
    qtbot.addWidget(dialog)
    dialog.show()
    row = dialog.row(KEY)
    assert row.note == WORDS
    model.note(KEY, "<b>Another program</b> has this talk key.")
    assert row.note == "<b>Another program</b> has this talk key.", "plain text"
    model.note(KEY, "")
    assert row.note == ""
    assert dialog.row("talk.mode").note == ""


def test_a_setting_can_have_something_to_do(qapp: QApplication, qtbot: QtBot) -> None:
    wishes = WishList()
    dialog = SettingsDialog(
        make_look(qapp), SettingsModel(), wishes.wishes, shown=frozenset({"talk.key", KEY}),
        actions={"talk.key": ("Test the key", wishes.wishes.test_key)},
    )  # fmt: skip
    qtbot.addWidget(dialog)
    dialog.show()
    (button,) = dialog.row("talk.key").findChildren(TextButton)
    assert button.accessibleName() == "Test the key"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wishes.names() == ["test_key"]
    assert dialog.row(KEY).findChildren(TextButton) == []


def test_while_the_key_is_tested_the_dialog_hears_it(qapp: QApplication, qtbot: QtBot) -> None:
    wishes = WishList()
    dialog = SettingsDialog(make_look(qapp), SettingsModel(), wishes.wishes, shown=frozenset({"talk.key"}))
    qtbot.addWidget(dialog)
    keys = TalkKeys(dialog, wishes.wishes, key="Ctrl+Alt+Space", can_stop=lambda: False)
    keys.set_paused(True)
    dialog.open()
    qtbot.waitExposed(dialog)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Space, both)
    assert wishes.names() == []
    keys.set_paused(False)
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Space, both)
    assert wishes.names() == ["talk_pressed", "talk_released"]
