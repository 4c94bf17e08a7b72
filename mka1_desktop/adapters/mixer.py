"""What the system's own mixer does for this program's streams: volume, devices, hot-plug."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from mka1_desktop.domain.audio import Device, Devices


class Mixer(Protocol):
    """Called on the event loop's thread; what blocks happens elsewhere. No method raises: a mixer is a comfort."""

    @property
    def moves_streams(self) -> bool:
        """Choosing a device moves the streams that run already."""

    @property
    def sets_volume(self) -> bool:
        """`set_volume` is heard; else the engine has to do it, if it can."""

    async def open(self, changed: Callable[[], None]) -> None:
        """Begin to watch; `changed` is called on the loop's thread when a device came, went or became the default."""

    async def close(self) -> None:
        """Safe to call twice."""

    async def devices(self) -> Devices | None:
        """What is plugged in; None when this mixer cannot tell, and the engine's own list has to do."""

    async def set_volume(self, percent: int) -> None:
        """0 to 150, for the voice that the native engine plays, now and in later streams."""

    def hush(self) -> None:
        """Take back what the native engine handed over and nobody heard yet; returns at once. Later sound is heard."""

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """Device ids of `devices`; "" is the system's device, None leaves it. Kept for a device that is not there."""


def pick_mixer() -> Mixer:
    """Return the mixer of this system; which one works shows when it is opened."""
    from mka1_desktop.adapters.mixer_none import NoMixer  # noqa: PLC0415 - each knows this module's Protocol

    system = str(sys.platform)  # as a value: the type checker shall read every branch
    if system == "linux":
        try:
            from mka1_desktop.adapters.mixer_pulse import PulseMixer  # noqa: PLC0415 - loads libpulse
        except OSError:  # libpulse is not installed
            return NoMixer()
        return PulseMixer()
    if system == "win32":
        from mka1_desktop.adapters.mixer_windows import WindowsMixer  # noqa: PLC0415 - Windows only

        return WindowsMixer()
    return NoMixer()


def name_of(devices: tuple[Device, ...], wanted: str) -> str:
    """The mixer's id as the name that WebRTC knows; an id that is none is taken for a name."""
    return next((d.name for d in devices if d.id == wanted), wanted)
