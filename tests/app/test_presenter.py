"""A session becomes what the window's models show."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.domain.audio import Devices
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import AgentSoundStarted, RoomLost
from mka1_desktop.viewmodels.notices import NoticeKind
from mka1_desktop.viewmodels.status import Phase
from mka1_desktop.viewmodels.talk import TalkLook
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_window import PLUGGED, WindowPlay


@pytest.fixture
async def window(qapp: QApplication) -> AsyncIterator[WindowPlay]:
    parent = QObject()
    async with DeskPlay() as play:
        window = WindowPlay(play, parent)
        yield window
        await window.list.close()


async def test_both_sides_are_captioned_in_their_order(window: WindowPlay) -> None:
    await window.play.live()
    window.wishes.talk_pressed()
    await settle()
    await window.play.caption("The answer", segment="a1")
    await window.play.caption("The question", speaker="user", segment="u1", final=True)
    assert window.turns() == [("user", "The question"), ("assistant", "The answer")], "late words go before the answer"
    await window.play.caption("The answer is four.", segment="a1", final=True)
    assert window.turns()[-1] == ("assistant", "The answer is four.")


async def test_the_talk_button_follows_microphone_and_session(window: WindowPlay) -> None:
    window.presenter.show_devices(PLUGGED)
    await window.play.live()
    assert (window.look(), window.status()) == (TalkLook.REST, Phase.LISTENING)
    window.wishes.talk_pressed()
    await settle()
    assert window.sending()
    assert window.look() is TalkLook.HELD
    await window.play.clock.advance(1.0)
    window.wishes.talk_released()
    assert window.look() is TalkLook.HELD, "the last word may still be on its way"
    await window.play.clock.advance(0.3)
    assert not window.sending()
    assert window.status() is Phase.THINKING
    await window.play.hear(AgentSoundStarted(ticket=window.play.room.ticket, at_s=window.play.clock.monotonic()))
    assert window.look() is TalkLook.INTERRUPT
    assert window.models.window.talk.view.can_stop
    window.wishes.stop()
    await settle()
    assert window.play.sound.silent
    assert window.status() is Phase.INTERRUPTED


async def test_devices_are_listed_and_missed(window: WindowPlay) -> None:
    window.presenter.show_devices(PLUGGED)
    view = window.models.window.devices.view
    assert (view.microphone.name, view.speaker.name) == ("Mic", "Loud")
    assert window.look() is TalkLook.REST
    window.presenter.show_devices(Devices())
    assert window.look() is TalkLook.NO_DEVICE
    assert window.models.window.devices.view.microphone.name == "No microphone"


async def test_levels_move_while_a_room_is_joined_only(window: WindowPlay, qtbot: QtBot) -> None:
    shown = window.models.window.levels
    with qtbot.assertNotEmitted(shown.changed, wait=60):
        pass
    await window.play.live()
    with qtbot.waitSignal(shown.changed):
        pass
    assert shown.view.microphone is None, "a closed microphone has no level"
    window.wishes.talk_pressed()
    await settle()
    with qtbot.waitSignal(shown.changed, check_params_cb=lambda view: view.microphone is not None):
        pass
    window.wishes.hang_up()
    await settle()
    with qtbot.assertNotEmitted(shown.changed, wait=60):
        pass


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (Code.KEY_REJECTED, NoticeKind.FAILURE),
        (Code.MIC_SILENT, NoticeKind.MICROPHONE),
        (Code.AGENT_ABSENT, NoticeKind.WAITING),
    ],
)
async def test_a_notice_is_one_sentence_with_one_action(window: WindowPlay, code: Code, kind: NoticeKind) -> None:
    window.desk.notice(Trouble(code))
    notice = window.models.window.notices.view
    assert notice is not None
    assert (notice.kind, notice.sentence, notice.stays) == (kind, Trouble(code).sentence, False)
    assert notice.action == Trouble(code).advice.action.value
    window.desk.notice_over()
    assert window.models.window.notices.view is None


async def test_why_a_session_failed_is_not_covered_by_what_can_wait(window: WindowPlay) -> None:
    window.play.api.failures.append(AppError(Code.KEY_REJECTED))
    window.desk.connect()
    await settle()
    window.desk.remark(Trouble(Code.NO_SOUND))
    notice = window.models.window.notices.view
    assert notice is not None
    assert (window.status(), notice.action) == (Phase.ERROR, "edit_key")
    window.desk.connect()
    await settle()
    window.desk.remark(Trouble(Code.NO_SOUND))
    notice = window.models.window.notices.view
    assert notice is not None
    assert notice.action == "choose_device"


async def test_a_lost_connection_is_waiting_and_not_failing(window: WindowPlay) -> None:
    room = await window.play.live()
    window.play.api.failures.extend([AppError(Code.OFFLINE)] * 2)
    await window.play.hear(RoomLost(ticket=room.ticket, reason="signal_close"))
    assert window.status() is Phase.RECONNECTING
    assert window.models.window.head.view.shown_link == "Reconnecting 0 s"
    assert window.models.window.status.view.action == "retry"
    await window.play.clock.advance(2.0)
    notice = window.models.window.notices.view
    assert notice is not None
    assert (notice.kind, notice.leaves) == (NoticeKind.WAITING, False)
    assert notice.action == "", "one button for one thing"
