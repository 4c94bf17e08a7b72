"""The assistant in a room: greets, hears, answers, and lets itself be interrupted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mka1_desktop.demo.audio import AgentTrack, Samples
from mka1_desktop.demo.captions import UserCaption
from mka1_desktop.demo.ears_process import HearingFailed
from mka1_desktop.demo.endpoint import Endpointer
from mka1_desktop.demo.listening import Began, Ended, Guessed, Listening
from mka1_desktop.demo.packets import CHAT_TOPIC
from mka1_desktop.demo.stage import Stage
from mka1_desktop.demo.turn import NOT_UNDERSTOOD, Faculties, Thread, Turn

GREETING = "Hello. I am the demo assistant. What would you like to know?"
GREETING_AGAIN = "Hello again. Let us go on where we stopped."
MAX_TEXT_B = 64_000
MAX_WAITING = 100  # events that an agent has not looked at yet; more are dropped


@dataclass(frozen=True, slots=True)
class Typed:
    """The user sent a text."""

    text: str


Event = Began | Guessed | Ended | Typed


class Agent:
    """One agent with a mind. `run` is its life; the room calls `hear` and `take_data` meanwhile."""

    def __init__(
        self, *, stage: Stage, track: AgentTrack, faculties: Faculties, thread: Thread, endpointer: Endpointer,
        end_room: Callable[[], None],
    ) -> None:  # fmt: skip
        self._stage = stage
        self._track = track
        self._able = faculties
        self._thread = thread
        self._end_room = end_room
        self._inbox: asyncio.Queue[Event] = asyncio.Queue(MAX_WAITING)
        self._tasks: asyncio.TaskGroup | None = None
        self._listening = Listening(endpointer=endpointer, hear=faculties.hear, start=self._start, report=self._post)
        self._turn: tuple[Turn, asyncio.Task[None]] | None = None
        self._caption: UserCaption | None = None

    def hear(self, block: Samples) -> None:
        """Take 20 ms of the user's microphone, 16 kHz. Before `run` it is not listened to."""
        if self._tasks is not None:
            self._listening.push(block)

    def take_data(self, topic: str, payload: bytes) -> None:
        """Take a data packet of the user; only `{"type":"user_message"}` on `lk.chat` means something."""
        text = _typed_text(payload) if topic == CHAT_TOPIC and len(payload) <= MAX_TEXT_B else None
        if text is None:
            return
        gone = self._able.faults.take("text-gone")
        if gone is None:
            self._post(Typed(text))
            return
        if gone == "kept":
            self._able.data.finish_response(self._new_turn().take(text), text="", status="incomplete")
        self._end_room()

    async def run(self) -> None:
        """Live until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._stage.show_state("listening")
                self._greet(self._tasks)
                while True:
                    await self._react(await self._inbox.get(), self._tasks)
        finally:
            self._tasks = None
            if self._turn is not None:
                self._turn[0].interrupt()

    async def _react(self, event: Event, tasks: asyncio.TaskGroup) -> None:
        match event:
            case Began():
                await self._interrupt()
                self._caption = self._new_caption()
            case Guessed(words=words):
                if self._caption is not None:
                    self._caption.guess(words)
            case Ended(words=words):
                await self._interrupt()
                turn = self._new_turn()
                self._turn = turn, tasks.create_task(self._answer_speech(turn, words))
            case Typed(text=text):
                await self._interrupt()
                turn = self._new_turn()
                self._turn = turn, tasks.create_task(turn.answer(text, spoken=False))

    async def _answer_speech(self, turn: Turn, words: asyncio.Future[str | None]) -> None:
        self._stage.show_state("thinking")
        try:
            heard = await words
        except HearingFailed:
            turn.fail("transcription_error:stt")
            return
        caption, self._caption = self._caption or self._new_caption(), None
        caption.finish(heard if heard is not None else NOT_UNDERSTOOD)
        await turn.answer(heard, spoken=True)

    async def _interrupt(self) -> None:
        """Cut the turn that runs, and wait until it has said what it said."""
        if self._turn is not None:
            turn, task = self._turn
            turn.interrupt()
            await asyncio.wait({task})
            self._turn = None

    def _greet(self, tasks: asyncio.TaskGroup) -> None:
        if self._thread.greeted or self._able.faults.is_on("no-greeting"):
            return
        self._thread.greeted = True
        thread = self._thread
        goes_on = self._able.data.history(  # a conversation that is empty is as new as none
            thread.owner, previous_response_id=thread.previous_response_id, conversation_id=thread.conversation_id
        )
        turn = self._new_turn()
        self._turn = turn, tasks.create_task(turn.greet(GREETING_AGAIN if goes_on else GREETING))

    def _new_turn(self) -> Turn:
        return Turn(stage=self._stage, track=self._track, faculties=self._able, thread=self._thread)

    def _new_caption(self) -> UserCaption:
        return UserCaption(self._stage, self._able.faults, self._able.channels)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await work()

        if self._tasks is not None:
            self._tasks.create_task(run())

    def _post(self, event: Event) -> None:
        if not self._inbox.full():
            self._inbox.put_nowait(event)


def _typed_text(payload: bytes) -> str | None:
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") != "user_message":
        return None
    content = message.get("content")
    return content.strip() or None if isinstance(content, str) else None
