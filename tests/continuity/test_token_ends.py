"""Services that end a session with its token, and services that do not."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from mka1_desktop.adapters.expiry_file import ExpiryFile
from mka1_desktop.demo.agent import GREETING_AGAIN
from mka1_desktop.session.state import Shown
from tests.support.demo_service import Demo, rooms
from tests.support.two_pitches import TwoPitches, second_greeting_s
from tests.support.whole_session import EARLIER, Whole

pytestmark = pytest.mark.timeout(90)
TTL_S = 6.0
QUESTION = "What is the capital of France?"


async def test_the_first_forced_end_is_learnt_and_the_next_session_is_renewed_ahead(tmp_path: Path) -> None:
    services = tmp_path / "services.json"
    async with rooms(enforce_ttl=True, ttl_s=TTL_S, voice=TwoPitches()) as demo:
        base_url = demo.service.base_url
        await forced(demo, Whole(base_url, expiry=ExpiryFile(services, origin=lambda: base_url)))
        assert json.loads(services.read_bytes()) == {"ends_with_token": [base_url]}
        recording = tmp_path / "heard.wav"
        whole = Whole(base_url, expiry=ExpiryFile(services, origin=lambda: base_url), recording=recording)
        await ahead(demo, whole)
        assert second_greeting_s(recording) == 0


async def forced(demo: Demo, whole: Whole) -> None:
    """A session that does not know yet."""
    async with whole.running():
        await whole.listening()
        await whole.ask(QUESTION)
        await whole.until(lambda: whole.news("lost"), "the end of the token", limit_s=TTL_S + 5)
        assert whole.news("lost") == ["participant_removed"]
        await whole.until_renewed()
        assert whole.session.ends
        assert QUESTION in await whole.ask(EARLIER)


async def ahead(demo: Demo, whole: Whole) -> None:
    """A session that knows."""
    async with whole.running():
        await whole.listening()
        await whole.ask(QUESTION)
        since_s = time.monotonic()
        await whole.until(lambda: len(demo.service.rooms.sessions) == 2, "two rooms", limit_s=TTL_S + 5)
        await whole.until(lambda: len(demo.service.rooms.sessions) == 1, "one room again")
        assert whole.news("renewed") == ["renewal"]
        assert whole.news("lost") == []
        assert time.monotonic() - since_s < TTL_S
        assert Shown.RECONNECTING not in whole.seen.shown
        assert QUESTION in await whole.ask(EARLIER)
        assert GREETING_AGAIN not in whole.texts()


async def test_an_answer_that_is_being_spoken_is_spoken_to_its_end_in_the_old_room() -> None:
    async with rooms("no-greeting", ttl_s=3.0) as demo:
        whole = Whole(demo.service.base_url)
        whole.controller.tune(idle_s=600.0, renewal="ahead", open_mic=False)
        async with whole.running():
            await whole.listening()
            entry = whole.controller.say("Count to fifty")  # 3 s, over 95 % of the token's life
            await whole.until(lambda: whole.session.leaving is not None, "two rooms")
            assert whole.shown is Shown.SPEAKING
            assert (await whole.answer_to(entry.key)).endswith("forty-nine, fifty.")
            assert (whole.news("renewed"), whole.news("lost")) == (["renewal"], [])
            answer = next(e for e in whole.entries if e.text.startswith("One, two"))
            assert (answer.state, answer.heard_chars) == ("final", None)
            whole.controller.tune(idle_s=600.0, renewal="on_disconnect", open_mic=False)
            assert "Count to fifty" in await whole.ask(EARLIER)


async def test_a_session_outlives_its_token_where_that_is_not_enforced() -> None:
    async with rooms("no-greeting", ttl_s=1.0) as demo:
        whole = Whole(demo.service.base_url)
        async with whole.running():
            await whole.listening()
            since_s = time.monotonic()
            while time.monotonic() - since_s < 2.5:
                await whole.ask(QUESTION)
            assert (whole.news("lost"), whole.news("renewed"), len(whole.asked)) == ([], [], 1)
