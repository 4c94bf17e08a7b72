"""A microphone that gives only silence: which one it is, and the system's page one click away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from mka1_desktop.domain.errors import Action, Code, Trouble
from mka1_desktop.domain.events import MicrophoneFailed
from mka1_desktop.ports.system_pages import PageKind
from mka1_desktop.viewmodels.notices import NoticeKind, NoticeView
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_window import PLUGGED, WindowPlay


class Pages:
    def __init__(self, microphone: PageKind | None) -> None:
        self.microphone = microphone
        self.opened = 0

    def open_microphone(self) -> None:
        self.opened += 1


@pytest.fixture
async def window(qapp: QApplication) -> AsyncIterator[WindowPlay]:
    parent = QObject()
    async with DeskPlay() as play:
        window = WindowPlay(play, parent)
        window.presenter.show_devices(PLUGGED)
        yield window
        await window.list.close()


async def silence(window: WindowPlay, page: PageKind | None) -> tuple[Pages, NoticeView]:
    """Talk into a dead microphone."""
    pages = Pages(page)
    window.desk.parts = replace(window.desk.parts, pages=pages)
    await window.play.live()
    window.wishes.talk_pressed()
    await settle()
    window.desk.controller.post(MicrophoneFailed(trouble=Trouble(Code.MIC_SILENT)))
    await settle()
    notice = window.models.window.notices.view
    assert notice is not None
    return pages, notice


@pytest.mark.parametrize(("page", "label"), [("privacy", "Open privacy settings"), ("sound", "Open sound settings")])
async def test_it_is_named_and_the_page_is_one_click_away(window: WindowPlay, page: PageKind, label: str) -> None:
    pages, notice = await silence(window, page)
    assert (notice.kind, notice.sentence) == (NoticeKind.MICROPHONE, "I get only silence from Mic.")
    assert (notice.action, notice.action_label) == (Action.OPEN_MIC_SETTINGS.value, label)
    window.wishes.notice_action(notice.action)
    assert (pages.opened, window.opened) == (1, [])


async def test_without_a_page_another_microphone_can_be_chosen(window: WindowPlay) -> None:
    pages, notice = await silence(window, None)
    assert notice.sentence == "I get only silence from Mic."
    assert notice.action == Action.CHOOSE_DEVICE.value
    window.wishes.notice_action(notice.action)
    assert (pages.opened, window.opened) == (0, ["settings"])
    window.wishes.notice_action(Action.OPEN_MIC_SETTINGS.value)
    assert (pages.opened, window.opened) == (0, ["settings", "settings"])


async def test_other_notices_are_as_they_were(window: WindowPlay) -> None:
    window.desk.parts = replace(window.desk.parts, pages=Pages("privacy"))
    window.desk.notice(Trouble(Code.NO_MICROPHONE))
    notice = window.models.window.notices.view
    assert notice is not None
    assert (notice.sentence, notice.action) == (Trouble(Code.NO_MICROPHONE).sentence, Action.CHOOSE_DEVICE.value)
