"""Microphone and speaker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

from mka1_desktop.domain.audio import Devices, Kept, Levels
from mka1_desktop.domain.events import SoundEvent

EngineName: TypeAlias = Literal["native", "portaudio", "file", "none"]


class SoundPort(Protocol):
    """One sound engine. Methods raise AppError and nothing else; all are called on the event loop's thread.

    The room adapter gets its microphone track from the engine and hands the agent's tracks to it
    (`adapters/tracks.py`); this port is what the session and the window need.
    """

    @property
    def engine(self) -> EngineName: ...

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        """Get ready, off the event loop's thread where it blocks; opens no microphone.

        `emit` is called on the loop's thread only.

        Raises AppError: NO_SOUND when there is no sound system, NO_MICROPHONE is not raised (it is a normal state).
        """

    async def close(self) -> None:
        """Release every device; safe to call twice."""

    async def set_microphone(self, *, sending: bool) -> None:
        """Send what the microphone hears, or send silence and close the device. Idempotent.

        MicrophoneReady follows when samples arrive.
        """

    def keep_open(self, warm: bool) -> None:
        """Keep the microphone open while it sends nothing (its samples are thrown away), or close it then. Idempotent.

        Returns at once. MicrophoneReady and MicrophoneClosed tell of what is sent, not of this.
        """

    async def silence_agent(self, silent: bool) -> None:
        """Stop or allow the agent's voice at the loudspeaker, within 100 ms; nothing buffered is played later."""

    async def set_volume(self, percent: int) -> None:
        """0 to 150, for the agent's voice."""

    def levels(self) -> Levels:
        """Newest levels; cheap, no I/O."""

    async def devices(self) -> Devices:
        """What is plugged in now, read off the event loop's thread."""

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """Use this device id from now on, also in mid-session; "" follows the system, None leaves it as it is."""

    async def keep_speech(self, keep: bool) -> None:
        """Remember what the person says from now on, the newest 60 s and in memory only; False ends the recording.

        The microphone may be open for this between True and False, whether or not a room hears it. What a room hears
        live meanwhile (`set_microphone(sending=True)` with a microphone published) counts as sent, the rest as unsent
        until `RoomSession.send_kept`. Idempotent, and never an error: where recording is impossible nothing is kept.
        """

    @property
    def kept(self) -> Kept:
        """How much is remembered; cheap, no I/O."""

    def recall_sentence(self) -> None:
        """Of what was sent last, count the sentence that was under way as unsent again: its room is gone."""

    def turn_over(self) -> None:
        """The service has taken what it was sent: forget that part."""

    def drop_kept(self) -> None:
        """Forget everything; a `send_kept` that is under way has nothing left and returns."""
