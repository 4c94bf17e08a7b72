"""The app ends in mid-turn: what was shown of it is in the history when the process may go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mka1_desktop.app.desk import Desk
from mka1_desktop.domain.events import AgentSoundStarted
from tests.fakes.fake_desk import DeskPlay


def as_the_window_closes(desk: Desk) -> None:
    desk.hang_up()
    desk.controller.stop()


@pytest.mark.parametrize("end", [as_the_window_closes, lambda desk: desk.controller.stop(), Desk.new_thread])
async def test_what_was_shown_when_the_app_ended_is_in_the_history(end: Callable[[Desk], None]) -> None:
    async with DeskPlay() as play:
        room = await play.live()
        await play.caption("Tell me a story.", speaker="user", segment="u1", final=True)
        await play.hear(AgentSoundStarted(ticket=room.ticket, at_s=play.clock.monotonic()))
        await play.caption("Once upon a time there was", segment="a1")
        await play.caption("And a drag", speaker="user", segment="u2")
        await play.clock.advance(1.0)
        end(play.desk)
    (thread,) = (await play.history.threads()).threads
    items = await play.history.items(thread.id)
    assert [(i.text, i.state, i.heard_text) for i in items] == [
        ("Tell me a story.", "final", None),
        ("Once upon a time there was", "interrupted", "Once upon a time"),
        ("And a drag", "final", None),
    ]
