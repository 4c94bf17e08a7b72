"""Microphone and speaker for somebody who tries them out, apart from any session."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from mka1_desktop.domain.audio import Device, Samples
from mka1_desktop.domain.sound_check import Loudness
from mka1_desktop.ports.audio import EngineName


class Capture(Protocol):
    """A microphone that is open."""

    @property
    def recorded(self) -> int:
        """Samples that came since it was opened; cheap."""

    def loudness(self) -> Loudness:
        """The newest level, and the loudest sample since the last question; cheap."""

    async def until(self, count: int) -> None:
        """Return when so many samples came. Raises AppError(NO_MICROPHONE) when none comes for 3 s."""

    def index_at(self, at_s: float) -> int:
        """The sample that arrived at this moment of the monotonic clock; may be one that is still to come."""

    def samples(self, start: int = 0, stop: int | None = None) -> Samples:
        """A copy of what came between two indexes. Empty where nothing is kept."""


class Playback(Protocol):
    """A speaker that is open and silent."""

    @property
    def latency_s(self) -> float:
        """How long a sample waits in its buffer before the system has it; belongs to the check, not to the machine."""

    async def play(self, samples: Samples) -> float:
        """Play, and return when all is out: when its first sample was handed over (monotonic clock, seconds).

        Raises AppError(DEVICE_GONE) when the speaker takes nothing for 3 s.
        """


class SoundCheckPort(Protocol):
    """Each device is open inside its context and at no other time; leaving it silences and closes at once.

    One microphone and one speaker at a time. None as a device follows the system. All is called on the loop's thread;
    what is recorded is in memory only, and wiped when its microphone closes.
    """

    def microphone(self, device: Device | None, *, keeps: bool) -> AbstractAsyncContextManager[Capture]:
        """Open it; it counts from its first sample on. `keeps`: remember up to 15 s.

        Entering raises AppError: NO_SOUND, NO_MICROPHONE.
        """

    def speaker(self, device: Device | None) -> AbstractAsyncContextManager[Playback]:
        """Open it. Entering raises AppError: NO_SOUND, DEVICE_GONE."""

    def gain(self, percent: int, engine: EngineName) -> float:
        """What the assistant's samples are multiplied with when this engine plays them at this volume."""

    async def close(self) -> None:
        """Release everything; safe to call twice."""
