"""Conversations that were made on the service and in which nothing has been said yet."""

from __future__ import annotations

from typing import Protocol

from mka1_desktop.domain.conversation import Identity


class SparePort(Protocol):
    """Keeps the ids of empty conversations until they are used. A method returns when it is kept.

    Raises AppError: the STORE codes, BUSY.
    """

    async def keep_spare(self, owner: Identity, conversation_id: str, *, holder: str | None, at: float) -> None:
        """Remember one, or who holds it now.

        `holder` names the program that has it open, None: nobody. `at` is now, in Unix seconds.
        """

    async def take_spare(self, owner: Identity, *, holder: str, at: float) -> str | None:
        """Return one of this owner for `holder`, which it stays for, until it is kept or dropped; None: there is none.

        Taken are those that nobody holds, those that this holder held before (in an earlier run), and those that
        somebody has held for a day: that program has crashed.
        """

    async def drop_spare(self, conversation_id: str) -> None:
        """Forget one: it is used, or gone. Unknown ones are ignored."""
