"""Row two: what the menus list and what a choice asks for; no menu opens a device."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.device_bar import DeviceBar
from mka1_desktop.ui.forms import MIDDLE, NARROW, WIDE
from mka1_desktop.ui.menus import PanelMenu
from mka1_desktop.viewmodels.devices import DevicesModel, DevicesView, picker_view
from mka1_desktop.viewmodels.levels import LevelsModel, LevelsView
from mka1_desktop.viewmodels.talk import TalkLook, TalkModel, talk_view
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

LEFT = Qt.MouseButton.LeftButton
MICS = (("yeti", "Yeti Stereo Microphone"), ("inner", "Built-in Microphone"))


def view(chosen: str = "", volume: int = 100) -> DevicesView:
    return DevicesView(
        microphone=picker_view(
            MICS, chosen=chosen, chosen_name="AirPods", default_name="Yeti Stereo Microphone", none_text="No microphone"
        ),
        speaker=picker_view((("ears", "Headphones"),), chosen="", default_name="Headphones", none_text="No speaker"),
        volume=volume,
    )


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot) -> None:
        self.list = WishList()
        self.look = make_look(qapp, reduced=True)
        self.talk = TalkModel()
        self.levels = LevelsModel()
        self.devices = DevicesModel(view())
        self.bar = DeviceBar(
            self.look, talk=self.talk, levels=self.levels, devices=self.devices, wishes=self.list.wishes
        )
        qtbot.addWidget(self.bar)
        self.bar.resize(648, 32)
        self.bar.show()


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


def rows(menu: PanelMenu) -> list[tuple[str, bool, bool]]:
    return [(a.text(), a.isChecked(), a.isEnabled()) for a in menu.actions() if not a.isSeparator()]


def action(menu: PanelMenu, text: str) -> QAction:
    return next(a for a in menu.actions() if a.text() == text)


def test_menu_lists_the_system_first_then_devices_then_an_absent_favourite(desk: Desk) -> None:
    desk.devices.show(view(chosen="pods"))
    menu = desk.bar.microphone.open_menu()
    assert rows(menu) == [
        ("Follow the system", False, True),
        ("Yeti Stereo Microphone", False, True),
        ("Built-in Microphone", False, True),
        ("AirPods, not plugged in", True, False),
        ("Sound check…", False, True),
        ("Sound settings…", False, True),
    ]
    menu.close()
    assert desk.list.asked == []


def test_a_click_on_a_row_chooses_it_once(desk: Desk, qtbot: QtBot) -> None:
    menu = desk.bar.microphone.open_menu()
    qtbot.waitUntil(menu.isVisible)
    chosen = action(menu, "Built-in Microphone")
    row = menu.childAt(menu.actionGeometry(chosen).center())
    assert row is not None
    QTest.mouseClick(row, LEFT, pos=QPoint(20, 10))
    assert desk.list.asked == [("microphone_chosen", "inner")]
    assert not menu.isVisible()


def test_keys_walk_through_the_menu(desk: Desk, qtbot: QtBot) -> None:
    menu = desk.bar.microphone.open_menu()
    qtbot.waitUntil(menu.isVisible)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(menu, key)
    assert desk.list.asked == [("microphone_chosen", "yeti")]


def test_speaker_and_settings(desk: Desk) -> None:
    menu = desk.bar.speaker.open_menu()
    action(menu, "Headphones").trigger()
    action(menu, "Follow the system").trigger()
    action(menu, "Sound check…").trigger()
    action(menu, "Sound settings…").trigger()
    menu.close()
    assert desk.list.asked == [
        ("speaker_chosen", "ears"),
        ("speaker_chosen", ""),
        ("check_sound",),
        ("open_settings",),
    ]


def test_mute_is_forwarded_and_shown(desk: Desk, qtbot: QtBot) -> None:
    QTest.mouseClick(desk.bar.mute, LEFT)
    assert desk.list.asked == [("mute_toggled",)]
    assert desk.bar.mute.accessibleName() == "Mute the microphone"
    desk.talk.show(talk_view(TalkLook.MUTED, key_name="F9", muted=True))
    assert desk.bar.mute.accessibleName() == "Unmute the microphone"


def test_volume_is_forwarded_by_the_person_only(desk: Desk, qtbot: QtBot) -> None:
    desk.devices.show(view(volume=40))
    assert desk.bar.volume.value() == 40
    assert desk.list.asked == []
    desk.bar.volume.setFocus()
    QTest.keyClick(desk.bar.volume, Qt.Key.Key_Right)
    assert desk.list.asked == [("volume_changed", 45)]
    QTest.mouseClick(desk.bar.volume, LEFT, pos=QPoint(60, 14))
    assert desk.list.asked[-1] == ("volume_changed", 150)
    assert desk.bar.volume.accessibleDescription() == "150 %"


def test_the_speaker_button_silences_and_gives_back(desk: Desk, qtbot: QtBot) -> None:
    desk.devices.show(view(volume=80))
    QTest.mouseClick(desk.bar.hush, LEFT)
    desk.devices.show(view(volume=0))
    QTest.mouseClick(desk.bar.hush, LEFT)
    assert desk.list.asked == [("volume_changed", 0), ("volume_changed", 80)]


def test_meter_is_lit_only_while_the_microphone_is_open(desk: Desk) -> None:
    assert desk.bar.meter.lit == 0
    desk.levels.show(LevelsView(microphone=0.5))
    assert desk.bar.meter.lit == 4
    desk.levels.show(LevelsView(microphone=None, speaker=0.9))
    assert desk.bar.meter.lit == 0


def test_modes_come_from_the_settings(desk: Desk) -> None:
    menu = desk.bar.open_modes()
    assert [row[1] for row in rows(menu)] == [True, False, False, False]
    action(menu, "Tap to start and stop").trigger()
    menu.close()
    assert desk.list.asked == [("set_setting", "talk.mode", "toggle")]
    desk.talk.show(replace(desk.talk.view, mode="toggle"))
    assert "Tap" in desk.bar.mode.accessibleName()


def test_more_has_the_rest_and_in_narrow_windows_the_modes(desk: Desk) -> None:
    menu = desk.bar.open_more()
    usual = len(rows(menu))
    for text in ("New conversation", "Copy the conversation", "Settings…"):
        action(menu, text).trigger()
    menu.close()
    assert desk.list.names() == ["new_thread", "copy_all", "open_settings"]
    desk.bar.set_form(NARROW)
    menu = desk.bar.open_more()
    assert len(rows(menu)) == usual + 4
    menu.close()


def test_forms_hide_what_has_no_room(desk: Desk) -> None:
    desk.bar.set_form(NARROW)
    assert not desk.bar.volume.isVisible()
    assert desk.bar.meter.sizeHint().width() == 22
    desk.bar.set_form(MIDDLE)
    assert desk.bar.volume.isVisible()
    assert desk.bar.meter.sizeHint().width() == 46


def test_a_long_device_name_is_cut_and_kept_in_the_tooltip(desk: Desk) -> None:
    name = "Very Long Microphone Name That Nobody Can Read In One Line At All"
    desk.bar.set_form(WIDE)
    desk.devices.show(
        replace(view(), microphone=picker_view((("x", name),), chosen="x", default_name=None, none_text=""))
    )
    assert desk.bar.microphone.sizeHint().width() <= 180 + 28
    assert desk.bar.microphone.toolTip() == name


def test_names_with_ampersands_are_shown_as_they_are(desk: Desk) -> None:
    desk.devices.show(
        replace(view(), speaker=picker_view((("b", "Bang & Olufsen"),), chosen="b", default_name=None, none_text=""))
    )
    menu = desk.bar.speaker.open_menu()
    assert ("Bang && Olufsen", True, True) in rows(menu)
    menu.close()
