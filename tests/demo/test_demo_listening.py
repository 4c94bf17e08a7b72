"""The head start of the recogniser: when it is asked, and whose answer counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from mka1_desktop.demo.audio import EARS_FRAME, Samples
from mka1_desktop.demo.ears_process import HearingFailed
from mka1_desktop.demo.endpoint import Endpointer
from mka1_desktop.demo.listening import Began, Ended, Guessed, Listening

PERIOD = 100  # samples: 160 Hz, a voice's pitch


class _Desk:
    """A Listening with an endpointer of its own, and a recogniser that answers at once."""

    def __init__(self, tasks: asyncio.TaskGroup, hear: Callable[[Samples], Awaitable[str | None]]) -> None:
        self.reported: list[Began | Guessed | Ended] = []
        self._tasks = tasks
        self._listening = Listening(
            endpointer=Endpointer(silence_timeout_ms=600), hear=hear, start=self._start, report=self.reported.append
        )
        self._position = 0

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            await work()

        self._tasks.create_task(run())

    async def pass_ms(self, ms: int, *, loud: bool) -> None:
        for _ in range(ms // 20):
            at = np.arange(self._position, self._position + EARS_FRAME)
            self._position += EARS_FRAME
            voice = 6_000 * ((at % PERIOD) / PERIOD - 0.5) * (1 + 0.3 * np.sin(at / 700))
            self._listening.push((voice if loud else at * 0).astype(np.int16))
            await asyncio.sleep(0)

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.reported]


async def test_a_pause_is_decoded_early_and_the_answer_is_used_at_the_end() -> None:
    asked: list[int] = []

    async def hear(samples: Samples) -> str:
        asked.append(len(samples))
        return "words"

    async with asyncio.TaskGroup() as tasks:
        desk = _Desk(tasks, hear)
        await desk.pass_ms(400, loud=False)
        await desk.pass_ms(1_000, loud=True)
        await desk.pass_ms(800, loud=False)
        assert desk.kinds == ["Began", "Guessed", "Ended"]
        last = desk.reported[-1]
        assert isinstance(last, Ended)
        assert await last.words == "words"
        assert len(asked) == 1


async def test_words_after_a_pause_are_decoded_again() -> None:
    answers = iter(["first", "both"])

    async def hear(_: Samples) -> str:
        return next(answers)

    async with asyncio.TaskGroup() as tasks:
        desk = _Desk(tasks, hear)
        await desk.pass_ms(400, loud=False)
        for _ in range(2):
            await desk.pass_ms(800, loud=True)
            await desk.pass_ms(400, loud=False)
        await desk.pass_ms(400, loud=False)
        assert desk.kinds == ["Began", "Guessed", "Guessed", "Ended"]
        last = desk.reported[-1]
        assert isinstance(last, Ended)
        assert await last.words == "both"


async def test_a_failing_recogniser_is_reported_with_the_words() -> None:
    async def hear(_: Samples) -> str:
        raise HearingFailed

    async with asyncio.TaskGroup() as tasks:
        desk = _Desk(tasks, hear)
        await desk.pass_ms(400, loud=False)
        await desk.pass_ms(800, loud=True)
        await desk.pass_ms(800, loud=False)
        assert desk.kinds == ["Began", "Ended"]
        last = desk.reported[-1]
        assert isinstance(last, Ended)
        with pytest.raises(HearingFailed):
            await last.words
