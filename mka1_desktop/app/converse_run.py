"""A conversation without window and sound card: each input, then its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mka1_desktop.app.answer_wait import next_sign, whole_answer
from mka1_desktop.app.answers import Answer, AnswerBook
from mka1_desktop.app.exit_codes import Exit, exit_for
from mka1_desktop.app.transcript import Transcript
from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.events import TalkChanged
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.state import Connecting, Live


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many seconds without a room, and in rooms without an agent, it gives up; and on a greeting."""

    room_s: float = 60.0
    agent_s: float = 30.0
    greeting_s: float = 5.0


PATIENCE = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing to say: samples of a file, or a text."""

    text: str | None = None
    file: str | None = None
    samples: Samples | None = None


class PlayedInput(Protocol):
    @property
    def sound_ended_at_s(self) -> float | None: ...

    @property
    def ended_at_s(self) -> float: ...


class Player(Protocol):
    """What this needs from the file engine."""

    async def play(self, samples: Samples) -> PlayedInput: ...

    @property
    def recorded_s(self) -> float: ...

    def agent_sound_after(self, at_s: float) -> float | None: ...


class _Ended(Exception):  # noqa: N818 - not an error: the session is over
    def __init__(self, code: Exit, trouble: Trouble | None) -> None:
        super().__init__(code.name)
        self.code = code
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended; `trouble` explains what is not DONE."""

    exit: Exit
    trouble: Trouble | None
    answered: int


class ConverseRun:
    """Runs the inputs in order on a session that it starts and ends."""

    def __init__(
        self,
        *,
        controller: SessionController,
        book: AnswerBook,
        player: Player,
        transcript: Transcript,
        clock: ClockPort,
        answer_timeout_s: float,
        wait_greeting: bool,
        patience: Patience = PATIENCE,
    ) -> None:
        self._controller = controller
        self._book = book
        self._player = player
        self._transcript = transcript
        self._clock = clock
        self._timeout_s = answer_timeout_s
        self._wait_greeting = wait_greeting
        self._patience = patience
        self.answered = 0

    async def run(self, inputs: Sequence[Input]) -> Outcome:
        """Say everything; returns how it ended. Never sends an input twice."""
        tuned = self._controller.session
        self._controller.tune(idle_s=tuned.idle_s, renewal=tuned.renewal, open_mic=True)
        self._controller.post(TalkChanged(open=True))
        self._controller.connect()
        try:
            await self._until(self._agent_is_here)
            recorded_s = await self._greeting()
            for index, one in enumerate(inputs):
                recorded_s = await self._turn(index, one, recorded_s)
        except _Ended as ended:
            return Outcome(ended.code, ended.trouble, self.answered)
        if self.answered < len(inputs):
            return Outcome(Exit.UNANSWERED, None, self.answered)
        return Outcome(Exit.DONE, None, self.answered)

    # --- waiting -----------------------------------------------------------------------------------------------

    def _agent_is_here(self) -> bool:
        return self._book.session.listens

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait for something that needs room and agent; gives up when they have not been there for too long."""
        room_s = last_s = self._clock.monotonic()
        absent_s = 0.0
        while not reached():
            self._check_failed()
            link, now_s = self._book.session.link, self._clock.monotonic()
            if isinstance(link, Live):
                room_s = now_s
                absent_s = 0.0 if link.agent is not None else absent_s + now_s - last_s
            last_s = now_s
            if now_s - room_s > self._patience.room_s:
                trouble = link.trouble if isinstance(link, Connecting) else None
                raise _Ended(Exit.UNREACHABLE, trouble or Trouble(Code.GAVE_UP))
            if absent_s > self._patience.agent_s:
                raise _Ended(Exit.UNREACHABLE, Trouble(Code.AGENT_ABSENT))
            await self._news()

    def _check_failed(self) -> None:
        trouble = self._book.failed
        if trouble is not None:
            raise _Ended(exit_for(trouble.code, trouble.service), trouble)

    async def _news(self) -> None:
        await next_sign(self._book)

    async def _greeting(self) -> float:
        """Let the agent greet; returns the seconds recorded so far."""
        self._book.greeting_may_come = not self._wait_greeting
        if not self._wait_greeting:
            return 0.0
        answer = self._book.greeting
        began_s = self._clock.monotonic()
        while not (answer.signs and self._book.listening):
            self._check_failed()
            if not answer.signs and self._clock.monotonic() - began_s > self._patience.greeting_s:
                break
            if self._clock.monotonic() - began_s > self._timeout_s + self._patience.greeting_s:
                break
            await self._news()
        self._report(answer, None, since_s=None, recorded_before_s=0.0)
        return self._player.recorded_s

    async def _turn(self, index: int, one: Input, recorded_s: float) -> float:
        """Send one input and wait for the whole answer."""
        await self._until(self._agent_is_here)
        answer = self._book.begin(index, spoken=one.samples is not None)
        since_s = await self._send(index, one, answer)
        await whole_answer(self._book, answer, since_s=since_s, silence_s=self._timeout_s, clock=self._clock)
        if index == 0 and not self._wait_greeting:
            self._report(self._book.greeting, None, since_s=None, recorded_before_s=recorded_s, seconds=0.0)
        self._report(answer, index, since_s=since_s, recorded_before_s=recorded_s)
        self.answered += answer.answered
        self._check_failed()
        return self._player.recorded_s

    async def _send(self, index: int, one: Input, answer: Answer) -> float:
        """Send the input; returns when its last sound (or its text) was out."""
        seconds = None if one.samples is None else round(one.samples.size / RATE_HZ, 3)
        self._transcript.line(
            "input", index=index, kind="text" if one.samples is None else "audio", text=one.text, file=one.file,
            seconds=seconds,
        )  # fmt: skip
        if one.samples is None:
            entry = self._controller.say(one.text or "")
            await self._handed_over(entry.key)
            answer.sent = True
            return self._clock.monotonic()
        played = await self._played(one.samples)
        answer.sent = True
        return played.sound_ended_at_s or played.ended_at_s

    async def _played(self, samples: Samples) -> PlayedInput:
        async with asyncio.TaskGroup() as tasks:
            playing = tasks.create_task(self._player.play(samples), name="play input")
            while not playing.done():
                if self._book.failed is not None:
                    playing.cancel()
                    break
                await self._news()
        if playing.cancelled():
            self._check_failed()
        return playing.result()

    async def _handed_over(self, key: str) -> None:
        await self._until(
            lambda: not any(e.key == key and e.state == "waiting" for e in self._controller.dialogue.entries)
        )

    # --- telling -----------------------------------------------------------------------------------------------

    def _report(
        self,
        answer: Answer,
        index: int | None,
        *,
        since_s: float | None,
        recorded_before_s: float,
        seconds: float | None = None,
    ) -> None:
        heard_s = None if since_s is None else self._player.agent_sound_after(since_s)
        self._transcript.line(
            "answer", input=index, text=answer.text, heard_text=answer.heard_text, complete=answer.complete,
            response_ids=answer.response_ids,
            first_audio_s=None if heard_s is None or since_s is None else round(heard_s - since_s, 3),
            seconds=round(self._player.recorded_s - recorded_before_s, 3) if seconds is None else seconds,
        )  # fmt: skip
