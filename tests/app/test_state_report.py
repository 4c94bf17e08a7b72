"""`ctl state` about a session: its renewals, its losses, what is left of its token, what waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentLeft,
    RetryRequested,
    RoomHeard,
    RoomLost,
    RoomResumed,
    RoomResuming,
    RoomSilent,
)
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay


@pytest.fixture
async def play() -> AsyncIterator[DeskPlay]:
    async with DeskPlay() as play:
        yield play


def session(play: DeskPlay) -> dict[str, Any]:
    found = play.desk.report.state()["session"]
    assert isinstance(found, dict)
    return found


def counts(play: DeskPlay) -> tuple[int, int]:
    return session(play)["lost"], session(play)["renewals"]


async def test_a_session_that_is_well_has_lost_nothing(play: DeskPlay) -> None:
    assert session(play)["token_left_s"] is None
    await play.live()
    assert counts(play) == (0, 0)
    assert session(play)["token_left_s"] == 299
    await play.clock.advance(100.0)
    assert session(play)["token_left_s"] == 199


async def test_one_loss_is_counted_once_however_many_facts_tell_of_it(play: DeskPlay) -> None:
    room = await play.live()
    play.api.failures.append(AppError(Code.OFFLINE))
    await play.hear(RoomSilent(ticket=room.ticket))
    await play.hear(RoomResuming(ticket=room.ticket))
    await play.hear(RoomLost(ticket=room.ticket, reason="gone"))
    assert counts(play) == (1, 0)
    await play.clock.advance(2.0)
    await play.hear(AgentJoined(ticket=play.room.ticket, identity="agent"))
    assert counts(play) == (1, 1)
    await play.clock.advance(2.0)
    await play.hear(RoomLost(ticket=play.room.ticket, reason="gone"))
    assert counts(play)[0] == 2


@pytest.mark.parametrize(("broken", "mended"), [(RoomResuming, RoomResumed), (RoomSilent, RoomHeard)])
async def test_a_room_that_comes_back_is_as_old_as_it_was(
    play: DeskPlay, broken: type[RoomResuming], mended: type[RoomResumed]
) -> None:
    room = await play.live()
    await play.clock.advance(10.0)
    since_s = session(play)["since_s"]
    await play.hear(broken(ticket=room.ticket))
    await play.clock.advance(1.0)
    await play.hear(mended(ticket=room.ticket))
    assert counts(play) == (1, 1)
    assert session(play)["since_s"] == since_s + 1.0


async def test_an_assistant_that_leaves_and_comes_back_is_one_loss(play: DeskPlay) -> None:
    room = await play.live()
    for _ in range(2):
        await play.hear(AgentLeft(ticket=room.ticket, identity="agent"))
        await play.hear(AgentJoined(ticket=room.ticket, identity="agent"))
    assert counts(play) == (2, 0)


async def test_the_token_of_a_room_that_is_being_made_counts_when_it_takes_over(play: DeskPlay) -> None:
    room = await play.live()
    await play.clock.advance(200.0)
    await play.hear(RoomResuming(ticket=room.ticket))
    play.desk.controller.post(RetryRequested())
    await settle()
    assert len(play.rooms.rooms) == 2, "its token has come, and it is joined"
    assert session(play)["token_left_s"] == 99
    await play.hear(AgentJoined(ticket=play.room.ticket, identity="agent"))
    assert session(play)["token_left_s"] == 300
    assert counts(play) == (1, 1)


async def test_a_room_that_loses_the_race_leaves_the_token_alone(play: DeskPlay) -> None:
    room = await play.live()
    await play.clock.advance(200.0)
    await play.hear(RoomResuming(ticket=room.ticket))
    play.desk.controller.post(RetryRequested())
    await settle()
    room.emit(RoomResumed(ticket=room.ticket))
    await settle()
    assert session(play)["token_left_s"] == 99


async def test_after_the_end_nothing_is_left(play: DeskPlay) -> None:
    await play.live()
    play.desk.hang_up()
    await settle()
    assert (session(play)["token_left_s"], session(play)["since_s"], session(play)["connected"]) == (None, None, False)


async def test_a_text_that_waits_is_told_to_those_who_follow(play: DeskPlay) -> None:
    play.api.gate.clear()
    follow = play.desk.report.follow()
    assert (await anext(follow))["outbox"] == 0
    play.desk.say("Hello")
    assert (await anext(follow))["outbox"] == 1
    play.api.gate.set()
    await settle()
    play.desk.report.close()
    assert [line["outbox"] async for line in follow] == []
