"""From microphone blocks to understood words, with a head start.

The recogniser takes about half as long as the utterance. So the utterance is decoded already when a pause
begins; if nothing follows until the endpoint, the words are there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from mka1_desktop.demo.audio import EARS_FRAME, EARS_RATE, Samples
from mka1_desktop.demo.ears_process import HearingFailed
from mka1_desktop.demo.endpoint import Endpointer, SpeechEnded, SpeechStarted

PAUSE_BLOCKS = 10  # 200 ms
QUIET_PART = 0.05  # -26 dB, of the loudest block of the utterance
BEFORE_BLOCKS = 15  # 300 ms kept from before the detected start
LONGEST_BLOCKS = 35 * EARS_RATE // EARS_FRAME  # the endpointer ends an utterance after 30 s


@dataclass(frozen=True, slots=True)
class Began:
    """The user started to speak."""


@dataclass(frozen=True, slots=True)
class Guessed:
    """What the user may have said so far."""

    words: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is over; `words` comes when it is understood, None when it is not, or HearingFailed."""

    words: asyncio.Future[str | None]


class Listening:
    """Takes 20 ms blocks of 16 kHz and reports what happens. Owned by one agent."""

    def __init__(
        self,
        *,
        endpointer: Endpointer,
        hear: Callable[[Samples], Awaitable[str | None]],
        start: Callable[[Callable[[], Awaitable[None]]], None],
        report: Callable[[Began | Guessed | Ended], None],
    ) -> None:
        """Args: start: runs work in its owner's task group. report: called on the event loop."""
        self._endpointer = endpointer
        self._hear = hear
        self._start = start
        self._report = report
        self._blocks: list[Samples] = []
        self._speaking = False
        self._loudest = 0.0
        self._quiet = 0
        self._early: asyncio.Future[str | None] | None = None  # words up to the pause that lasts still

    def push(self, block: Samples) -> None:
        self._keep(block)
        for event in self._endpointer.push(block):
            match event:
                case SpeechStarted():
                    self._speaking, self._loudest, self._quiet, self._early = True, 0.0, 0, None
                    self._report(Began())
                case SpeechEnded(samples=samples):
                    self._speaking = False
                    self._report(Ended(self._early or self._decode(samples)))
                case _:  # silence at the start: the agent waits on
                    pass
        if self._speaking:
            self._look_for_pause(block)

    def _keep(self, block: Samples) -> None:
        self._blocks.append(block)
        if not self._speaking:
            del self._blocks[:-BEFORE_BLOCKS]
        elif len(self._blocks) > LONGEST_BLOCKS:
            del self._blocks[0]

    def _look_for_pause(self, block: Samples) -> None:
        level = float(np.sqrt(np.mean(np.square(block.astype(np.float32))))) if len(block) else 0.0
        self._loudest = max(self._loudest, level)
        if level > self._loudest * QUIET_PART:
            self._quiet, self._early = 0, None
            return
        self._quiet += 1
        if self._quiet == PAUSE_BLOCKS:
            self._early = self._decode(np.concatenate(self._blocks), guess=True)

    def _decode(self, samples: Samples, *, guess: bool = False) -> asyncio.Future[str | None]:
        words: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        async def work() -> None:
            try:
                heard = await self._hear(samples)
            except HearingFailed as error:
                words.set_exception(error)
                words.exception()  # a head start that nobody needs any more may fail unseen
                return
            words.set_result(heard)
            if guess and heard is not None and self._early is words and self._speaking:
                self._report(Guessed(heard))

        self._start(work)
        return words
