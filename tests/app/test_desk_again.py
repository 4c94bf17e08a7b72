"""A session that is asked for after one that failed is not blamed for the old failure."""

from __future__ import annotations

import asyncio

import pytest

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import AgentJoined
from mka1_desktop.session.state import Failed
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay


async def failed(play: DeskPlay) -> None:
    play.api.failures.append(AppError(Code.KEY_REJECTED))
    play.desk.connect()
    await settle()
    assert isinstance(play.desk.session.link, Failed)


async def test_it_is_waited_for() -> None:
    async with DeskPlay() as play:
        await failed(play)

        async def again() -> None:
            play.desk.connect()
            await play.desk.until_ready()

        waiting = asyncio.get_running_loop().create_task(again())
        await settle()
        assert not waiting.done()
        await play.hear(AgentJoined(ticket=play.room.ticket, identity="agent"))
        await waiting


async def test_it_may_fail_by_itself() -> None:
    async with DeskPlay() as play:
        await failed(play)
        play.api.failures.append(AppError(Code.NOT_ALLOWED))
        play.desk.connect()
        with pytest.raises(AppError) as caught:
            await play.desk.until_ready()
        assert caught.value.code is Code.NOT_ALLOWED
