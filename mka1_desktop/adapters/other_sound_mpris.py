"""Pauses music and video players through MPRIS (D-Bus Interface Specification 2.2), and lets the same ones go on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial

from mka1_desktop.adapters.bus_jeepney import Bus, BusRefused
from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.adapters.changed_file import ChangedFile
from mka1_desktop.adapters.mpris_players import PROPERTIES, Pausing, find_playing, go_on, pause
from mka1_desktop.ports.other_sound import Way
from mka1_desktop.ports.watchers import WatcherUnavailable

log = logging.getLogger(__name__)
RECENT_S = 600.0  # what was paused before that by a run that was killed stays so: nobody expects it to play any more


class MprisOtherSound:
    """See OtherSoundPort. All on the loop's thread, the file excepted.

    A player that begins to play while the others are paused was started by the person, and plays on.
    """

    way: Way = "pause"

    def __init__(self, file: ChangedFile) -> None:
        self._file = file
        self._stack: AsyncExitStack | None = None  # the connection that hears players while they are paused
        self._paused: list[Pausing] = []

    async def quiet(self, percent: int) -> None:
        """See OtherSoundPort."""
        if self._stack is not None:
            return
        self._stack = AsyncExitStack()
        try:
            await self._pause(await self._stack.enter_async_context(open_bus("SESSION")))
        except (BusRefused, WatcherUnavailable) as e:
            log.info("no players can be paused: %s", e)

    async def restore(self) -> None:
        """See OtherSoundPort. By a connection of its own: the one before may be gone, and players are not."""
        stack, self._stack = self._stack, None
        rows = await asyncio.to_thread(self._file.read) if stack is None else []
        paused = [one for one in self._paused if one.ours] or [one for row in rows if (one := _recent(row)) is not None]
        self._paused = []
        if stack is not None:
            await stack.aclose()
        if paused:
            try:
                async with open_bus("SESSION") as bus:
                    await asyncio.gather(*(go_on(bus, one) for one in paused))
            except (BusRefused, WatcherUnavailable) as e:
                log.info("the players cannot be reached: %s", e)
        await asyncio.to_thread(self._file.write, [])

    async def close(self) -> None:
        """See OtherSoundPort."""
        await self.restore()

    async def _pause(self, bus: Bus) -> None:
        """Write down who plays, then pause them. Raises as Bus.call does."""
        playing = await find_playing(bus)
        rows: list[dict[str, object]] = [
            {"name": one.name, "owner": one.owner, "at": time.time()} for one in playing
        ]  # fmt: skip
        if not playing or not await asyncio.to_thread(self._file.write, rows):
            return
        for one in playing:
            await bus.listen(one.name, PROPERTIES, frozenset({"PropertiesChanged"}), partial(_heard, one))
        self._paused = playing  # from now on some of them may be, whatever becomes of this call
        done = await asyncio.gather(*(pause(bus, one) for one in playing))
        self._paused = [one for one, paused in zip(playing, done, strict=True) if paused]


def _heard(player: Pausing, _path: str, _member: str, body: Sequence[object]) -> None:
    """One that the person starts while it is paused is not ours any more."""
    match body:
        case [_, {"PlaybackStatus": ("s", str(status))}, *_]:
            player.told(status)
        case _:
            pass


def _recent(row: dict[str, object]) -> Pausing | None:
    """A player that a run before this one has paused a moment ago, None for anything else."""
    match row:
        case {"name": str(name), "owner": str(owner), "at": int() | float() as at} if 0 <= time.time() - at < RECENT_S:
            return Pausing(name=name, owner=owner)
        case _:
            return None
