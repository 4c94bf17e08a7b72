"""Voice rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mka1_desktop.domain.events import RoomEvent
from mka1_desktop.domain.grant import RoomGrant


class RoomSession(Protocol):
    """One joined room. Methods raise AppError and nothing else, and have their own time limits."""

    @property
    def ticket(self) -> int: ...

    async def publish_microphone(self) -> None:
        """Publish the engine's microphone track here; it starts closed."""

    async def send_text(self, text: str) -> None:
        """Send one typed text as a reliable data packet; returns when the SDK has handed it over."""

    async def leave(self) -> None:
        """Leave; safe to call twice. No event of this room comes afterwards."""

    async def round_trip_ms(self) -> int | None:
        """The newest round-trip time, None while unknown."""


class RoomPort(Protocol):
    async def join(self, grant: RoomGrant, *, ticket: int, emit: Callable[[RoomEvent], None]) -> RoomSession:
        """Join a room; events (from before the first `await` returns on) go to `emit` on the loop's thread.

        Ends with RoomLost at most once. Raises AppError: TOKEN_EXPIRED, TOO_LARGE, ROOM_REFUSED, ROOM_UNREACHABLE,
        ROOM_PROXY, NO_NETWORK, TIMED_OUT.
        """
