"""A device that comes or goes is told with the one before; a choice of the person is not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from mka1_desktop.domain.audio import Device, Devices
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_window import WindowPlay

DESK = Devices(microphones=(Device(id="desk", name="Desk", default=True),), speakers=(Device(id="box", name="Box"),))
HEADSET = Devices(
    microphones=(Device(id="desk", name="Desk"), Device(id="set", name="Headset", default=True)),
    speakers=(Device(id="box", name="Box"), Device(id="ears", name="Headset", default=True)),
)
NONE = Devices(speakers=(Device(id="box", name="Box"),))


@pytest.fixture
async def window(qapp: QApplication) -> AsyncIterator[WindowPlay]:
    parent = QObject()
    async with DeskPlay() as play:
        window = WindowPlay(play, parent)
        yield window
        await window.list.close()


def told(window: WindowPlay) -> str | None:
    view = window.models.window.toasts.view
    window.models.window.toasts.dismiss()
    return None if view is None else view.text


async def test_what_is_plugged_in_at_the_start_is_no_news(window: WindowPlay) -> None:
    window.presenter.show_devices(HEADSET)
    assert told(window) is None
    window.presenter.show_devices(HEADSET)
    assert told(window) is None


async def test_a_headset_that_comes_and_goes_is_one_piece_of_news(window: WindowPlay) -> None:
    window.presenter.show_devices(DESK)
    window.presenter.show_devices(HEADSET)
    assert told(window) == "Microphone: Desk → Headset · Speaker: Box → Headset"
    window.presenter.show_devices(DESK)
    assert told(window) == "Microphone: Headset → Desk · Speaker: Headset → Box"


async def test_a_chosen_device_that_vanishes_falls_back_and_is_taken_back(window: WindowPlay) -> None:
    window.desk.set_setting("audio.microphone", "set")
    window.presenter.show_devices(HEADSET)
    window.presenter.show_devices(DESK)
    assert told(window) == "Microphone: Headset → Desk · Speaker: Headset → Box"
    rows = window.models.window.devices.view.microphone.rows
    assert [(row.id, row.present) for row in rows if row.chosen] == [("set", False)], "remembered"
    window.presenter.show_devices(HEADSET)
    assert told(window) == "Microphone: Desk → Headset · Speaker: Box → Headset"


async def test_a_choice_is_no_news(window: WindowPlay) -> None:
    window.presenter.show_devices(HEADSET)
    window.desk.set_setting("audio.microphone", "desk")
    window.presenter.show_devices(HEADSET)
    assert told(window) is None


async def test_the_last_microphone_that_goes_is_news(window: WindowPlay) -> None:
    window.presenter.show_devices(DESK)
    window.presenter.show_devices(NONE)
    assert told(window) == "Microphone: Desk → No microphone"
