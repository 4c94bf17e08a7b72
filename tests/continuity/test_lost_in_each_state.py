"""A room that ends in any state: another one takes its place, knows what was said, and greets nobody twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mka1_desktop.demo.agent import GREETING_AGAIN
from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.events import MuteChanged, StopRequested
from mka1_desktop.session.state import Shown
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.two_pitches import TwoPitches, second_greeting_s
from tests.support.whole_session import EARLIER, Whole, tone

QUESTION = "What is the capital of France?"
ENDS = ("room-delete", "participant-remove", "room-drop")
UNDER_WAY_S = 0.1  # of a greeting that the person's own words cut at that moment
Reach = Callable[[Demo, Whole], Awaitable[None]]


async def greeting(_: Demo, whole: Whole) -> None:
    await whole.until_shown(Shown.GREETING)


async def listening(_: Demo, whole: Whole) -> None:
    await asked(whole)


async def talking(demo: Demo, whole: Whole) -> None:
    await asked(whole)
    whole.talk(True)
    demo.ears.answers = ["What is two plus two?"]
    playing = asyncio.get_running_loop().create_task(whole.sound.play(tone(1.5)), name="speech")
    playing.add_done_callback(lambda _: whole.talk(False))
    await whole.until(lambda: whole.sound.kept.recorded_s > 0.4, "some speech")


async def thinking(demo: Demo, whole: Whole) -> None:
    await asked(whole)
    demo.faults.set("answer-slow", "2")
    whole.controller.say("Tell me a joke")
    await whole.until_shown(Shown.THINKING)
    demo.faults.set("answer-slow", None)


async def speaking(_: Demo, whole: Whole) -> None:
    await asked(whole)
    whole.controller.say("Tell me a long story")
    await whole.until_shown(Shown.SPEAKING)
    await whole.until(lambda: whole.texts("assistant")[-1].startswith("Once there was"), "some words of the story")


async def interrupted(demo: Demo, whole: Whole) -> None:
    await speaking(demo, whole)
    whole.controller.post(StopRequested())
    await whole.until_shown(Shown.INTERRUPTED)


async def muted(_: Demo, whole: Whole) -> None:
    await asked(whole)
    whole.controller.post(MuteChanged(muted=True))
    await whole.until_shown(Shown.MUTED)


async def asked(whole: Whole) -> None:
    await whole.until_shown(Shown.LISTENING)
    assert "Paris" in await whole.ask(QUESTION)


STATES: dict[str, Reach] = {
    f.__name__: f for f in (greeting, listening, talking, thinking, speaking, interrupted, muted)
}
CHAINED = ("listening", "talking", "speaking")
LAST_ASKED = {
    "greeting": "You have not asked me anything", "listening": QUESTION, "muted": QUESTION,
    "talking": "What is two plus two?", "thinking": "Tell me a joke", "speaking": "Tell me a long story",
    "interrupted": "Tell me a long story",
}  # fmt: skip


@asynccontextmanager
async def scene(folder: Path, kind: str) -> AsyncIterator[tuple[Demo, Whole, Path]]:
    recording = folder / "heard.wav"
    async with rooms(voice=TwoPitches()) as demo:
        whole = Whole(demo.service.base_url, kind=kind, recording=recording)
        async with whole.running():
            whole.controller.connect()
            yield demo, whole, recording


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        *((state, "conversation") for state in STATES),
        *((state, "chain") for state in ("listening", "talking", "speaking")),
    ],
)
async def test_a_room_that_is_deleted(state: str, kind: str, tmp_path: Path) -> None:
    async with scene(tmp_path, kind) as (demo, whole, recording):
        await STATES[state](demo, whole)
        demo.faults.set("room-delete", "once")
        await whole.until_renewed()
        if state == "talking":
            await whole.until(lambda: "What is two plus two?" in whole.texts("user"), "what was said")
            await whole.until(lambda: whole.texts()[-1].startswith("2 plus 2"), "its answer")
        await whole.until_shown(Shown.LISTENING, Shown.MUTED)
        answer = await whole.ask(EARLIER)
        assert LAST_ASKED[state] in answer
        assert (whole.shown is Shown.MUTED) == (state == "muted")
        await goes_on(demo, whole, kind)
    assert second_greeting_s(recording) <= UNDER_WAY_S


@pytest.mark.parametrize("how", ENDS[1:])
async def test_other_ends(how: str, tmp_path: Path) -> None:
    async with scene(tmp_path, "conversation") as (demo, whole, recording):
        await speaking(demo, whole)
        demo.faults.set(how, "once")
        await whole.until(lambda: whole.news("lost"), "the loss")
        await whole.until_renewed()
        assert "Tell me a long story" in await whole.ask(EARLIER)
        await goes_on(demo, whole, "conversation")
    assert second_greeting_s(recording) <= UNDER_WAY_S


async def goes_on(demo: Demo, whole: Whole, kind: str) -> None:
    """The newest room goes on from where the one before ended, and greeted nobody."""
    assert len(demo.service.rooms.sessions) == 1
    assert GREETING_AGAIN not in whole.texts()
    assert whole.codes == []
    saved = await whole.saved()
    assert [(i.role, i.text) for i in saved] == [(e.role, e.text) for e in whole.entries]
    assert len({e.key for e in whole.entries}) == len(whole.entries)
    assert GREETING_AGAIN not in [item.text for item in saved]
    thread = await whole.thread()
    place = Continuation(conversation_id=thread.conversation_id) if kind == "conversation" else thread.continuation
    assert thread.mode == kind
    assert place
    history = demo.service.data.history(
        OWNER, previous_response_id=place.response_id, conversation_id=place.conversation_id
    )
    said = [turn.text for turn in history if turn.role == "user"]
    assert said[-1] == EARLIER
    assert len(said) == len(set(said))
