"""What other programs play, while the person talks or listens to the assistant."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

Way: TypeAlias = Literal["lower", "pause", "none"]


class OtherSoundPort(Protocol):
    """One way to make other programs quiet. Called on the event loop's thread, one call after the other.

    No method raises, also when the sound system is gone: this is a comfort. Whatever is changed is on the disk before
    it is changed, so that a later run can give it back.
    """

    @property
    def way(self) -> Way:
        """What it really does here."""

    async def quiet(self, percent: int) -> None:
        """Make other programs quiet from now on, also those that begin to play later. Idempotent.

        `percent` is what is left of their own level, 0 to 100; a way that pauses ignores it.
        """

    async def restore(self) -> None:
        """Give back what was changed, also by a run that was killed. Idempotent.

        What the person has changed meanwhile stays as the person put it.
        """

    async def close(self) -> None:
        """Restore, and let go of everything; safe to call twice."""
