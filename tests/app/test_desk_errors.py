"""What a failed session or answer says to whoever asked: everything that was known of it."""

from __future__ import annotations

import asyncio

import pytest

from mka1_desktop.app.verbs import Verbs
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import ServiceErrorReceived
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay

REFUSED = Trouble(Code.KEY_REJECTED, message="no", http_status=401, raw_code="invalid_api_key", details="d")
LIMITED = Trouble(Code.RATE_LIMITED, service="llm", message="HTTP 429", http_status=429, details="d")


def verbs_of(play: DeskPlay) -> Verbs:
    return Verbs(play.desk, show=lambda: None, quit_app=lambda: None, closing=lambda: False)


async def failure(work: asyncio.Task[object]) -> Trouble:
    with pytest.raises(AppError) as caught:
        await work
    return caught.value.trouble


@pytest.mark.parametrize(("verb", "fields"), [("session", {"what": "start"}), ("say", {"text": "Hello"})])
async def test_a_refused_session_is_told_whole(verb: str, fields: dict[str, object]) -> None:
    async with DeskPlay() as play:
        play.api.failures.append(AppError.of(REFUSED))
        asking: asyncio.Task[object] = asyncio.get_running_loop().create_task(verbs_of(play)(verb, fields))
        await settle()
        assert await failure(asking) == REFUSED


async def test_a_failed_answer_is_told_whole() -> None:
    async with DeskPlay() as play:
        room = await play.live()
        asking: asyncio.Task[object] = asyncio.get_running_loop().create_task(verbs_of(play)("say", {"text": "Hello"}))
        await settle()
        await play.hear(ServiceErrorReceived(ticket=room.ticket, trouble=LIMITED))
        await play.clock.advance(60.0)
        assert await failure(asking) == LIMITED
