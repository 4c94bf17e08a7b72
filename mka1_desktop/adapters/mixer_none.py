"""A system whose mixer we do not reach."""

from __future__ import annotations

from collections.abc import Callable

from mka1_desktop.domain.audio import Devices


class NoMixer:
    """See Mixer."""

    moves_streams = False
    sets_volume = False

    async def open(self, changed: Callable[[], None]) -> None:
        """Nothing is watched."""

    async def close(self) -> None:
        """Nothing is open."""

    async def devices(self) -> Devices | None:
        return None

    async def set_volume(self, percent: int) -> None:
        """Not heard."""

    def hush(self) -> None:
        """It is heard to its end."""

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """The engine chooses."""
