"""Answers that are heard: the voice of the assistant, frame by frame, with the events that belong to it."""

from __future__ import annotations

import numpy as np

from mka1_desktop.domain.audio import RATE_HZ
from mka1_desktop.domain.events import AgentSoundStarted, AgentSoundStopped, ResponseStarted
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay

FRAME = RATE_HZ // 50


def voice(play: DeskPlay, level: int, seconds: float) -> None:
    """Frames of a constant level, so that one answer can be told from another."""
    for _ in range(round(seconds * RATE_HZ / FRAME)):
        play.desk.parts.sound.on_voice(np.full(FRAME, level, np.int16).data)


async def voice_starts(play: DeskPlay) -> None:
    await play.hear(AgentSoundStarted(ticket=play.room.ticket, at_s=play.clock.monotonic()))


async def voice_stops(play: DeskPlay) -> None:
    await play.hear(AgentSoundStopped(ticket=play.room.ticket, at_s=play.clock.monotonic()))


async def ask(play: DeskPlay, text: str) -> None:
    play.desk.say(text)
    await settle()
    await play.hear(ResponseStarted(ticket=play.room.ticket, response_id=f"r {text}", conversation_id=None))


async def answer(play: DeskPlay, words: str, level: int, *, seconds: float = 1.0) -> str:
    """A whole answer; returns the key of its turn."""
    await voice_starts(play)
    voice(play, level, seconds)
    await play.caption(words, segment=words, final=True)
    await voice_stops(play)
    await play.clock.advance(3.0)
    return play.desk.controller.dialogue.entries[-1].key
