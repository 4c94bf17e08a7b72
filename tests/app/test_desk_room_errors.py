"""Error packets of a real room in the running app: what stays in it, what makes a new one, and what stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mka1_desktop.app.desk import Desk
from mka1_desktop.domain.errors import Action, AppError, Policy
from mka1_desktop.session.state import Failed
from tests.support.demo_service import rooms
from tests.support.desk_beside import WAIT_S, desk_beside
from tests.support.room_errors import ROWS

pytestmark = pytest.mark.timeout(60)

ASKED, NEXT = "What is two plus two?", "What is one plus one?"


def rows(*policies: Policy) -> list[tuple[str, str | None]]:
    return [row for row, (_, policy) in ROWS.items() if policy in policies]


def session(desk: Desk) -> dict[str, Any]:
    found = desk.report.state()["session"]
    assert isinstance(found, dict)
    return found


@asynccontextmanager
async def broken(code: str, service: str | None, *, how: str = "error-mid") -> AsyncIterator[Desk]:
    """An app whose first answer breaks in the middle (or, by `error`, before it begins) and whose next ones do not."""
    what = f"{code}:{service}:1" if service else f"{code}:1"
    async with (
        asyncio.timeout(WAIT_S), rooms("no-greeting", f"{how}={what}") as demo,
        desk_beside(demo.service.base_url) as desk,
    ):  # fmt: skip
        yield desk


async def ask_in_vain(desk: Desk) -> AppError | None:
    """Ask the question whose answer breaks in the middle; the error, unless it was answered before it came."""
    desk.connect()
    await desk.until_ready()
    try:
        await desk.ask(ASKED)
    except AppError as error:
        return error
    return None


@pytest.mark.parametrize(("code", "service"), rows(Policy.STAY))
async def test_the_next_question_is_answered_in_the_same_room(code: str, service: str | None) -> None:
    async with broken(code, service) as desk:
        await ask_in_vain(desk)
        answer = await desk.ask(NEXT)
        assert "1 plus 1 is 2." in answer.text
        assert (session(desk)["number"], session(desk)["lost"]) == (1, 0)


@pytest.mark.parametrize(("code", "service"), rows(Policy.RENEW_ONCE, Policy.BACK_OFF))
async def test_a_second_session_begins_once(code: str, service: str | None) -> None:
    async with broken(code, service) as desk:
        await ask_in_vain(desk)
        answer = await desk.ask(NEXT)
        assert "1 plus 1 is 2." in answer.text
        assert session(desk)["number"] == 2
        assert session(desk)["renewals"] == 1


@pytest.mark.parametrize(("code", "service"), rows(Policy.STOP))
async def test_a_refused_key_stops_and_asks_for_another(code: str, service: str | None) -> None:
    async with broken(code, service, how="error") as desk:
        error = await ask_in_vain(desk)
        assert error is not None
        assert error.trouble.advice.action is Action.EDIT_KEY
        link = desk.session.link
        assert isinstance(link, Failed)
        assert (link.trouble.raw_code, link.trouble.service) == (None, service)
        assert session(desk)["number"] == 1
