"""Rooms that cannot be joined, tickets that have run out, captions without measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from mka1_desktop.app.converse_run import Patience
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.rooms import RoomOptions
from mka1_desktop.demo.service import Service, ServiceOptions
from mka1_desktop.demo.settings import DemoSettings
from tests.support.converse_here import converse_here
from tests.support.demo_service import OWNER, FakeEars, FastVoice, rooms

pytestmark = pytest.mark.timeout(90)

ASK = ("--text", "What is two plus two?", "--no-wait-greeting")


@pytest.mark.parametrize(
    ("status", "code", "part"),
    [
        (400, 8, "The configuration is too large."),
        (401, 4, "ticket"),
        (403, 4, "The voice room refused the connection."),
        (404, 4, "The voice room"),
        (500, 4, "The voice room"),
    ],
)
async def test_a_room_that_refuses_is_given_up(tmp_path: Path, status: int, code: int, part: str) -> None:
    async with rooms("no-greeting", f"join-status={status}") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, patience=Patience(room_s=3.0))
    assert result.code == code, result.sentence
    assert part in result.sentence
    assert result.of("input") == []


async def test_a_room_that_refuses_once_is_joined_the_next_time(tmp_path: Path) -> None:
    async with rooms("no-greeting", "join-status=500:1") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
    assert result.code == 0
    assert result.answer()["text"] == "2 plus 2 is 4."


@pytest.mark.parametrize("fault", ["join-silent", "join-no-answer"])
async def test_a_room_that_never_answers_is_given_up(tmp_path: Path, fault: str) -> None:
    async with rooms("no-greeting", fault) as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, patience=Patience(room_s=1.0))
    assert result.code == 4
    assert result.sentence == "The connection could not be made again. Your words are kept."


async def test_a_ticket_that_has_run_out_is_renewed_once(tmp_path: Path) -> None:
    settings = DemoSettings(keys=(OWNER.key,), token_ttl_s=-60)
    options = ServiceOptions(settings=settings, rooms=RoomOptions())
    async with Service(options, Faults(), ears=FakeEars(), voice=FastVoice()) as service:
        result = await converse_here(tmp_path, service.base_url, *ASK)
    assert result.code == 4
    assert result.sentence == "The room ticket had run out. A new one is needed."
    assert result.summary["sessions"] == 2


async def test_a_huge_caption_and_a_huge_id_change_nothing(tmp_path: Path) -> None:
    async with rooms("no-greeting", "captions-huge", "packets=huge") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, "--save")
    assert result.code == 0
    assert result.answer()["text"].startswith("2 plus 2 is 4. huge huge")
    assert len(result.answer()["text"]) < 300_000
    assert max(len(line["response_id"]) for line in result.of("response")) <= 256


async def test_an_agent_that_leaves_and_one_that_is_late(tmp_path: Path) -> None:
    async with rooms("no-greeting", "agent-late=0.5") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
        assert result.answer()["text"] == "2 plus 2 is 4."
    story = ("--text", "Tell me a story", "--no-wait-greeting", "--answer-timeout", "1")
    async with rooms("no-greeting", "agent-leaves=1") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *story)
        assert result.code == 0
        assert result.answer()["text"].startswith("Once")
        assert result.answer()["complete"] is False
        assert "agent left" in [line["cause"] for line in result.of("session") if line["event"] == "lost"]
