"""AnswerPlayerPort without a loudspeaker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mka1_desktop.domain.audio import Samples
from mka1_desktop.domain.errors import AppError


@dataclass(frozen=True, slots=True)
class Played:
    """One call of `play`."""

    sound: Samples  # a copy
    speed: float
    volume: int


class FakePlayer:
    """`played` is what was asked for, in order; each lasts until `finish`, or until it is cancelled."""

    def __init__(self) -> None:
        self.played: list[Played] = []
        self.sounds = False  # something is being played
        self.failure: AppError | None = None
        self.closed = False
        self._over = asyncio.Event()

    async def play(
        self, sound: Samples, *, speed: float, volume: Callable[[], int], speaker: Callable[[], Awaitable[str]]
    ) -> None:
        if self.failure is not None:
            raise self.failure
        await speaker()
        self.played.append(Played(sound.copy(), speed, volume()))
        self._over.clear()
        self.sounds = True
        try:
            await self._over.wait()
        finally:
            self.sounds = False
            sound.fill(0)

    def finish(self) -> None:
        """The end is reached."""
        self._over.set()

    def close(self) -> None:
        self.closed = True
