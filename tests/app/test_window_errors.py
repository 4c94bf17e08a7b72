"""Every error of a room (API reference 3.1) as the window shows it: its sentence and its one button."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.domain.errors import Action, Code, Policy
from mka1_desktop.domain.events import ResponseStarted, ServiceErrorReceived
from mka1_desktop.viewmodels.notices import action_label
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_frame import FramePlay
from tests.support.room_errors import ROWS, trouble_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform


@pytest.fixture
async def frame(qapp: QApplication, qtbot: QtBot) -> AsyncIterator[FramePlay]:
    async with DeskPlay() as play:
        frame = FramePlay(play, qapp, qtbot)
        yield frame
        await frame.close()


async def asked(frame: FramePlay, code: str, service: str | None, *, goes_on: bool = True) -> None:
    """A typed question, and this error instead of its answer."""
    room = await frame.play.live()
    if goes_on:
        await frame.play.hear(ResponseStarted(ticket=room.ticket, response_id="resp_1", conversation_id=None))
    await frame.type("Hello")
    await frame.play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=trouble_of(code, service)))


@pytest.mark.parametrize(("code", "service"), ROWS)
async def test_one_sentence_and_one_button(frame: FramePlay, code: str, service: str | None) -> None:
    action, policy = ROWS[code, service]
    await asked(frame, code, service)
    assert frame.notice.startswith(trouble_of(code, service).sentence)
    assert "window 60s" not in frame.notice, "details are for diagnostics"
    beside = action is Action.RETRY and policy is not Policy.STOP  # "Try now" stands beside the state
    assert frame.notice_button == ("" if beside else action_label(action))
    (turn,) = frame.glue.models.turns.turns()
    if policy is Policy.STAY:
        assert (turn.state, turn.can_send_again) == ("failed", True), "and in its place"
    else:  # nobody knows whether it arrived: the next room asks the service first
        assert (turn.state, turn.on_hold) == ("sent", policy is Policy.STOP)
    assert frame.desk.active is (policy is not Policy.STOP)


@pytest.mark.parametrize("code", ["rate_limited", "timeout", "service_unavailable"])
async def test_ask_again_asks_in_the_same_room(frame: FramePlay, code: str) -> None:
    await asked(frame, code, "llm")
    await frame.click("Ask again")
    assert frame.play.room.texts == ["Hello", "Hello"]
    assert len(frame.play.rooms.rooms) == 1
    assert frame.turns() == [("Hello", "sent", False)]


async def test_a_refused_key_leads_to_the_key(frame: FramePlay) -> None:
    await asked(frame, "auth_error", "llm")
    await frame.click("Enter a new key")
    assert frame.glue.opened == ["account"]


async def test_a_fresh_start_is_offered_only_where_something_was_gone_on_from(frame: FramePlay) -> None:
    frame.glue.wishes.set_setting("thread.kind", "chain")
    await asked(frame, "invalid_request", "llm", goes_on=False)
    assert not frame.desk.session.continuation
    assert frame.notice_button == "Open settings"
    await frame.click("Open settings")
    assert frame.glue.opened == ["settings"]


async def test_what_nobody_knows_is_said_as_it_is(frame: FramePlay) -> None:
    await asked(frame, "moon_phase", None)
    assert frame.notice == "The service reported a problem. HTTP 500"
    assert frame.desk.report.state()["last_error"] is not None
    assert Code.UNKNOWN.value not in frame.notice
