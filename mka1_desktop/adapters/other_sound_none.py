"""A system on which the sound of other programs cannot be changed."""

from __future__ import annotations

from mka1_desktop.ports.other_sound import Way


class NoOtherSound:
    """See OtherSoundPort."""

    way: Way = "none"

    async def quiet(self, percent: int) -> None:
        """See OtherSoundPort."""

    async def restore(self) -> None:
        """See OtherSoundPort."""

    async def close(self) -> None:
        """See OtherSoundPort."""
