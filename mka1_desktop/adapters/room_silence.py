"""A room from which nothing arrives any more, long before the SDK notices (13.6 s for a server that froze)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from mka1_desktop.adapters.room_stats import Pair
from mka1_desktop.domain.events import RoomHeard, RoomSilent
from mka1_desktop.ports.system import ClockPort

log = logging.getLogger(__name__)

POLL_S = 1.0
SHORTEST_S = 0.1
LOOK_LIMIT_S = 1.5  # how much one look counts for, should it have come late
# A look finds out up to a second later that something came, so people hear of silence 4.5 to 5.5 s after its start.
QUIET_S = 4.5

# Also when nobody has anything to say, WebRTC asks about every 2.5 s whether it may go on sending.


class SilenceWatch:
    """Looks once a second whether something arrived, and says when nothing has for 4.5 s, and when it is over.

    Silence is counted by looks, not by the clock: a loop that was late or a computer that slept has not listened, and
    must not blame the room. While the SDK makes the connection anew the watch rests.
    """

    def __init__(
        self,
        *,
        ticket: int,
        emit: Callable[[RoomSilent | RoomHeard], None],
        look: Callable[[], Awaitable[Sequence[Pair] | None]],
        steady: asyncio.Event,
        clock: ClockPort,
    ) -> None:
        """`look` returns None when there is no telling; `steady` is unset while the SDK makes the connection anew."""
        self._ticket = ticket
        self._emit = emit
        self._look = look
        self._steady = steady
        self._clock = clock
        self._before: dict[str, int] = {}
        self._quiet_s = 0.0
        self._silent = False

    async def run(self) -> None:
        """Watch until cancelled."""
        looked_s = self._clock.monotonic()
        while True:
            await self._clock.sleep(POLL_S if self._silent else min(POLL_S, max(SHORTEST_S, QUIET_S - self._quiet_s)))
            if not self._steady.is_set():
                await self._steady.wait()
                self._heard()
                looked_s = self._clock.monotonic()
                continue
            now = await self._look()
            since_s, looked_s = self._clock.monotonic() - looked_s, self._clock.monotonic()
            if now is not None and self._steady.is_set():
                self._take(now, since_s)

    def _take(self, pairs: Sequence[Pair], since_s: float) -> None:
        # A way that was not seen before says nothing: WebRTC shows another one when the one in use has gone quiet.
        came = any(pair.arrived > self._before.get(pair.name, pair.arrived) for pair in pairs)
        self._before.update({pair.name: pair.arrived for pair in pairs})
        if came:
            self._heard()
            return
        self._quiet_s += min(since_s, LOOK_LIMIT_S)
        if self._quiet_s >= QUIET_S and not self._silent:
            log.info("room %d: nothing arrived for %.1f s", self._ticket, self._quiet_s)
            self._silent = True
            self._emit(RoomSilent(ticket=self._ticket))

    def _heard(self) -> None:
        self._quiet_s = 0.0
        if self._silent:
            self._silent = False
            self._emit(RoomHeard(ticket=self._ticket))
