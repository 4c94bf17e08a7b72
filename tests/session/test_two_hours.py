"""Two hours at tokens of 30 s, in virtual time: every room ends, and nobody notices."""

from __future__ import annotations

import asyncio
import random

from mka1_desktop.session.state import Live, Shown
from tests.fakes.session_desk import Desk
from tests.support.far_side import GREETING, FarSide

HOURS, LIFETIME_S = 2, 30.0
STEP_S = 600.0
QUIET_S = 20.0  # in which every answer ends


async def person(desk: Desk, rng: random.Random, typed: list[str]) -> None:
    """Types now and then, also while a room is being made."""
    while True:
        await desk.clock.sleep(rng.uniform(2.0, 20.0))
        typed.append(f"question {len(typed)}")
        desk.controller.say(typed[-1])


async def test_two_hours_at_thirty_seconds() -> None:
    rng = random.Random(20261124)
    far, typed, tasks_at = FarSide(LIFETIME_S, rng), list[str](), list[int]()
    async with Desk(delivery=far, api=far.api) as desk, asyncio.TaskGroup() as tasks:
        far.serve(desk, tasks)
        await desk.live()
        for _ in range(int(HOURS * 3600 / STEP_S)):
            typing = tasks.create_task(person(desk, rng, typed))
            await desk.clock.advance(STEP_S)
            typing.cancel()
            await desk.clock.advance(QUIET_S)
            desk.link(Live)
            tasks_at.append(len(asyncio.all_tasks()) - far.busy)
        desk.controller.hang_up()
        await desk.clock.advance(LIFETIME_S + QUIET_S)
        assert desk.shown() is Shown.IDLE
    assert len(desk.rooms.rooms) >= HOURS * 3600 / LIFETIME_S
    assert far.most_rooms <= 2
    assert far.open_rooms == 0
    assert far.taken == typed, "each once, in order"
    assert [text for role, text in desk.texts() if role == "user"] == typed
    assert [text for role, text in desk.texts() if text == GREETING] == [GREETING], "the first"
    assert desk.seen.notices == []
    assert [told.cause for told in desk.seen.told if told.news == "lost"] == ["room_deleted"], "learnt by one"
    half = len(tasks_at) // 2
    assert max(tasks_at[half:]) <= max(tasks_at[:half]), f"timers and a renewal under way, no more: {tasks_at}"
    gone_on_from = [int((asked.response_id or "resp_0").removeprefix("resp_")) for asked in desk.asked]
    assert gone_on_from == sorted(gone_on_from), "never from an older answer"
