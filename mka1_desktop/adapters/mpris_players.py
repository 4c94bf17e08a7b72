"""The players of the desktop, as MPRIS has them: which ones play, pausing them, and letting them go on.

Properties are asked for one by one: all of them together may hold a whole cover picture.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from jeepney import DBusAddress, message_bus

from mka1_desktop.adapters.bus_jeepney import Bus, BusRefused

log = logging.getLogger(__name__)
PREFIX = "org.mpris.MediaPlayer2."
NO_PLAYERS = frozenset({f"{PREFIX}playerctld"})  # stands for whichever player was used last: that may change meanwhile
PATH = "/org/mpris/MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
PROPERTIES = "org.freedesktop.DBus.Properties"
ANSWER_LIMIT_S = 1.0  # a player that hangs holds up no other one for longer
BUS = DBusAddress(message_bus.object_path, bus_name=message_bus.bus_name, interface=message_bus.interface)


@dataclass(slots=True, kw_only=True, eq=False)
class Pausing:
    """A player that we pause. `owner` is its connection: another run of the same program is another player."""

    name: str
    owner: str
    ours: bool = True  # the person has not started it since
    _seen_paused: bool = False

    def told(self, status: str) -> None:
        """It tells its status; what it told before it had paused means nothing."""
        if status == "Paused":
            self._seen_paused = True
        elif self._seen_paused:
            self.ours = False


async def find_playing(bus: Bus) -> list[Pausing]:
    """Those that play and can be paused. Raises WatcherUnavailable; BusRefused when the bus does not answer."""
    (names,) = await bus.call(BUS, "ListNames")
    players = [n for n in names if isinstance(n, str) and n.startswith(PREFIX) and n not in NO_PLAYERS]
    found = await asyncio.gather(*(_playing(bus, name) for name in players))
    return list({one.owner: one for one in found if one is not None}.values())  # some have two names


async def pause(bus: Bus, player: Pausing) -> bool:
    """Ask for it; false when it will not. Raises WatcherUnavailable."""
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await bus.call(_player(player.owner), "Pause")
    except (BusRefused, TimeoutError) as e:
        log.info("a player was not paused: %s", e)
        return False
    return True


async def go_on(bus: Bus, player: Pausing) -> None:
    """Let it play if it is still paused, and still the same. Raises WatcherUnavailable."""
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            owner = await bus.call(BUS, "GetNameOwner", "s", (player.name,))
            if owner == (player.owner,) and await _property(bus, player.owner, "PlaybackStatus") == "Paused":
                await bus.call(_player(player.owner), "Play")
    except (BusRefused, TimeoutError) as e:  # it is gone, or does not answer
        log.info("a player does not go on: %s", e)


async def _playing(bus: Bus, name: str) -> Pausing | None:
    try:
        async with asyncio.timeout(ANSWER_LIMIT_S):
            (owner,) = await bus.call(BUS, "GetNameOwner", "s", (name,))
            status, can_pause = await asyncio.gather(
                _property(bus, owner, "PlaybackStatus"), _property(bus, owner, "CanPause")
            )
    except (BusRefused, TimeoutError):  # it is just going away, or hangs
        return None
    return Pausing(name=name, owner=owner) if status == "Playing" and can_pause is True else None


async def _property(bus: Bus, owner: str, name: str) -> object:
    match await bus.call(DBusAddress(PATH, bus_name=owner, interface=PROPERTIES), "Get", "ss", (PLAYER, name)):
        case [(str(), value)]:
            return value
        case _:
            return None


def _player(owner: str) -> DBusAddress:
    return DBusAddress(PATH, bus_name=owner, interface=PLAYER)
