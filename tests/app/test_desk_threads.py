"""Threads of the desk: conversations and chains, branches, fresh starts, and whose they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from mka1_desktop.app.account import Account
from mka1_desktop.app.details_door import DetailsDoor
from mka1_desktop.domain.conversation import Thread
from mka1_desktop.domain.errors import Action, AppError, Code
from mka1_desktop.domain.events import ResponseStarted
from mka1_desktop.session.state import Failed
from mka1_desktop.ui.look import Look
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import OWNER, DeskPlay
from tests.fakes.fake_window import WindowPlay
from tests.support.look import make_look

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform


@pytest.fixture
async def window(qapp: QApplication) -> AsyncIterator[WindowPlay]:
    parent = QObject()
    async with DeskPlay() as play:
        window = WindowPlay(play, parent)
        yield window
        await window.list.close()


async def turn(window: WindowPlay, number: int, *, conversation: str | None = None) -> None:
    """The person types, the assistant answers."""
    window.wishes.text_submitted(f"Question {number}")
    await settle()
    room = window.play.room
    await window.play.hear(
        ResponseStarted(ticket=room.ticket, response_id=f"resp_{number}", conversation_id=conversation)
    )
    await window.play.caption(f"Answer {number}.", segment=f"s{number}", final=True)
    await window.play.clock.advance(5.0)


async def threads(window: WindowPlay) -> dict[str, Thread]:
    await window.desk.recorder.flush()
    return {thread.title: thread for thread in (await window.play.history.threads()).threads}


def asked(window: WindowPlay) -> list[object]:
    """What each token request went on from."""
    return [r.llm.get("conversation") or r.llm.get("previous_response_id") for r in window.play.api.asked]


# --- conversations -------------------------------------------------------------------------------------------------


async def test_a_new_thread_is_a_conversation_with_its_title(window: WindowPlay) -> None:
    await window.play.live()
    await turn(window, 1, conversation="conv_1")
    assert asked(window) == [{"id": "conv_1"}]
    thread = (await threads(window))["Question 1"]
    assert (thread.mode, thread.conversation_id, thread.response_id) == ("conversation", "conv_1", "resp_1")
    assert thread.identity == OWNER
    assert window.play.api.conversations.metadata["conv_1"]["title"] == "Question 1"
    window.wishes.rename_thread(thread.id, "Clocks")
    await settle()
    assert window.play.api.conversations.metadata["conv_1"]["title"] == "Clocks"
    state = window.desk.report.state()["thread"]
    assert isinstance(state, dict)
    assert (state["mode"], state["conversation_id"], state["response_id"]) == ("conversation", "conv_1", "resp_1")


async def test_an_empty_conversation_is_there_for_the_next_thread(window: WindowPlay) -> None:
    await window.play.live()
    window.wishes.new_thread()
    await window.play.live()
    await turn(window, 1)
    window.wishes.new_thread()
    await window.play.live()
    assert asked(window) == [{"id": "conv_1"}, {"id": "conv_1"}, {"id": "conv_2"}]


async def test_a_service_without_conversations_makes_chains_that_say_so(window: WindowPlay) -> None:
    window.play.api.conversations.failures.append(AppError(Code.NOT_AVAILABLE, http_status=404))
    await window.play.live()
    await turn(window, 1)
    assert asked(window) == [None]
    thread = (await threads(window))["Question 1"]
    assert (thread.mode, thread.conversation_id, thread.response_id) == ("chain", None, "resp_1")
    assert thread.note is not None
    assert "this service has none" in thread.note


async def test_the_setting_makes_chains(window: WindowPlay) -> None:
    window.wishes.set_setting("thread.kind", "chain")
    await window.play.live()
    await turn(window, 1)
    assert asked(window) == [None]
    assert window.play.api.conversations.calls == []
    thread = (await threads(window))["Question 1"]
    assert thread.mode == "chain"


async def test_a_thread_of_earlier_goes_on_in_its_conversation(window: WindowPlay) -> None:
    await window.play.live()
    await turn(window, 1)
    thread = (await threads(window))["Question 1"]
    window.wishes.new_thread()
    window.wishes.open_thread(thread.id)
    await settle()
    window.play.api.asked.clear()
    await window.play.live()
    assert asked(window) == [{"id": "conv_1"}]
    assert window.play.api.conversations.count == 1


# --- branches ------------------------------------------------------------------------------------------------------


async def test_a_branch_goes_on_from_an_earlier_answer_and_leaves_the_old_thread_alone(window: WindowPlay) -> None:
    await window.play.live()
    for number in (1, 2, 3):
        await turn(window, number)
    before = (await threads(window))["Question 1"]
    rows = window.models.turns.turns()
    assert [row.can_branch for row in rows] == [False, True] * 3
    window.wishes.branch_turn(rows[3].key)
    await settle()
    assert [text for _, text in window.turns()] == ["Question 1", "Answer 1.", "Question 2", "Answer 2."]
    made = (await threads(window))["Question 1 (branch)"]
    assert (made.mode, made.response_id, made.parent, made.turns) == ("chain", "resp_2", before.id, 4)
    assert (await threads(window))["Question 1"] == before
    assert window.opened == ["text"]
    window.play.api.asked.clear()
    await window.play.live()
    await turn(window, 4)
    assert asked(window) == ["resp_2"]
    made = (await threads(window))["Question 1 (branch)"]
    assert (made.response_id, made.conversation_id, made.turns) == ("resp_4", None, 6)
    assert len(await window.play.history.items(before.id)) == 6


async def test_an_answer_without_an_id_cannot_be_branched_from(window: WindowPlay) -> None:
    await window.play.live()
    await window.play.caption("Hello.", final=True)
    (row,) = window.models.turns.turns()
    assert not row.can_branch
    window.wishes.branch_turn(row.key)
    await settle()
    notice = window.models.window.notices.view
    assert notice is not None
    assert "cannot go on from here" in notice.sentence + notice.more


# --- fresh starts and identity -------------------------------------------------------------------------------------


async def test_somebody_elses_thread_is_refused_before_anything_is_asked_and_a_fresh_start_is_a_new_thread(
    window: WindowPlay,
) -> None:
    await window.play.live()
    await turn(window, 1)
    old = (await threads(window))["Question 1"]
    other = replace(OWNER, fingerprint="ffffffff")
    window.desk.new_thread()
    await window.desk.parts.api.reset()

    async def another() -> Account:
        return Account(name="default", base_url=other.origin, key="k2", on_behalf_of=None, identity=other)

    window.play.resolve = another
    await window.desk.open_thread(old.id)
    window.play.api.asked.clear()
    window.play.api.conversations.calls.clear()
    window.wishes.text_submitted("Question 2")
    await settle()
    assert isinstance(window.desk.session.link, Failed)
    notice = window.models.window.notices.view
    assert notice is not None
    assert notice.action == Action.START_FRESH.value
    assert (window.play.api.asked, window.play.api.conversations.calls) == ([], [])

    window.wishes.notice_action(Action.START_FRESH.value)
    await settle()
    assert window.filled == ["Question 2"], "the person sends it here, or not"
    assert window.turns() == []
    assert asked(window) == [{"id": "conv_2"}]
    await turn(window, 3)
    found = await threads(window)
    assert found["Question 3"].identity == other
    assert found["Question 1"].conversation_id == "conv_1"
    texts = [item.text for item in await window.play.history.items(old.id)]
    assert texts == ["Question 1", "Answer 1.", "Question 2"]
    assert (await window.play.history.items(old.id))[-1].state == "failed", "nothing is sent there any more"


async def test_a_thread_that_was_nobodys_becomes_theirs_who_first_went_on(window: WindowPlay) -> None:
    await window.play.history.put_thread(Thread(id="t", title="Old", mode="chain", created_at=1.0, updated_at=1.0))
    await window.desk.open_thread("t")
    await window.play.live()
    assert (await threads(window))["Old"].identity == OWNER


# --- details -------------------------------------------------------------------------------------------------------


@pytest.fixture
def look(qapp: QApplication) -> Look:
    return make_look(qapp)


async def test_the_details_are_true_while_they_are_seen(window: WindowPlay, look: Look) -> None:
    parent = QWidget()
    door = DetailsDoor(window.desk, look=look, parent=lambda: parent, wishes=lambda: window.wishes)
    door.open()
    dialog = door.dialog
    assert dialog is not None
    assert dialog.words[2] == "Conversation of your account"
    await window.play.live()
    await turn(window, 1)
    assert "conv_1" in dialog.words
    assert dialog.words[0] == "Question 1"
    dialog.copy_buttons[0].click()
    assert QGuiApplication.clipboard().text() == "conv_1"
    door.open()
    assert door.dialog is dialog, "one at a time"
    dialog.close_button.click()
    door.open()
    assert door.dialog is not dialog
    parent.deleteLater()
