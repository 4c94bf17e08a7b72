"""Plays what is kept of the assistant's voice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from mka1_desktop.domain.audio import Samples


class AnswerPlayerPort(Protocol):
    """Called on the event loop's thread; what is heavy or blocks happens elsewhere."""

    async def play(
        self,
        sound: Samples,
        *,
        speed: float,
        volume: Callable[[], int],
        speaker: Callable[[], Awaitable[str]],
    ) -> None:
        """Play until the end; a cancellation is heard as silence within 100 ms.

        Args:
            sound: int16, shape (n,), 48 kHz mono; overwritten with zeros afterwards.
            speed: 0.5 to 2.0, without a change of pitch.
            volume: percent, 0 to 150; asked for again and again. Called on another thread.
            speaker: brings open streams to the speaker in use and returns its name, "" for the system's.

        Raises AppError: NO_SOUND, DEVICE_GONE.
        """

    def close(self) -> None:
        """Nothing is played any more."""
