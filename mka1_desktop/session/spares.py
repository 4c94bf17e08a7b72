"""The empty conversations that this program has open or left over: in memory, and on disk where there is a store."""

from __future__ import annotations

import logging

from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.errors import AppError
from mka1_desktop.ports.spares import SparePort
from mka1_desktop.ports.system import ClockPort

log = logging.getLogger(__name__)


class Spares:
    """At most one for each identity in memory. A store that fails costs a conversation, never a session.

    A demo service forgets everything when it ends, so what belongs to one is never stored.
    """

    def __init__(self, store: SparePort | None, *, holder: str, clock: ClockPort) -> None:
        self._store = store
        self._holder = holder
        self._clock = clock
        self._held: dict[Identity, str] = {}

    def holds(self, conversation_id: str) -> bool:
        return conversation_id in self._held.values()

    async def take(self, owner: Identity) -> str | None:
        """Return the one that is held, else one of the store, which is held from now on."""
        held = self._held.get(owner)
        if held is not None or self._store is None or owner.demo:
            return held
        try:
            taken = await self._store.take_spare(owner, holder=self._holder, at=self._clock.now())
        except AppError as error:
            log.warning("no empty conversation could be looked up: %s", error)
            return None
        if taken is not None:
            self._held[owner] = taken
        return taken

    async def keep(self, owner: Identity, conversation_id: str) -> None:
        """Hold a new one; it is on disk when this returns."""
        self._held[owner] = conversation_id
        await self._write(owner, conversation_id, self._holder)

    def let_go(self, conversation_id: str) -> None:
        """It is no spare any more; `forget` takes it out of the store."""
        self._held = {owner: held for owner, held in self._held.items() if held != conversation_id}

    async def forget(self, conversation_id: str) -> None:
        self.let_go(conversation_id)
        if self._store is None:
            return
        try:
            await self._store.drop_spare(conversation_id)
        except AppError as error:  # it is looked at again before it is reused
            log.warning("a used conversation stays among the empty ones: %s", error)

    async def release(self) -> None:
        """Leave what is held to the next run, or to another program."""
        held, self._held = self._held, {}
        for owner, conversation_id in held.items():
            await self._write(owner, conversation_id, None)

    async def _write(self, owner: Identity, conversation_id: str, holder: str | None) -> None:
        if self._store is None or owner.demo:
            return
        try:
            await self._store.keep_spare(owner, conversation_id, holder=holder, at=self._clock.now())
        except AppError as error:
            log.warning("an empty conversation could not be kept: %s", error)
