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
        """Publish the engine's microphone track here, as open as the engine's microphone is; safe to call twice."""

    async def until_microphone_heard(self) -> None:
        """Return when the agent has received the microphone for 0.3 s, after 2.3 s in any case; never an error.

        No sound is lost in a hand-over of this order: publish in the new room, wait for this, take it back in the old.
        Until then both hear.
        """

    async def unpublish_microphone(self) -> None:
        """Take the microphone out of this room; it goes on in the others. Safe to call twice, or without publishing.

        Raises AppError when the room may still hear it: leave it then.
        """

    def hear(self, hearing: bool) -> None:
        """Whether the agent's voice is played (see `join`), at once; captions and facts come either way."""

    async def send_kept(self, *, again: bool = False) -> None:
        """Send the speech that the engine kept and no room has taken, oldest first; live speech comes behind it.

        Call it before, or in the same step of the loop as, `set_microphone(sending=True)`: live speech that goes out
        before it stands in front of the kept one. `again`: all that is remembered counts as unsent first (the room
        that had it is lost, or its turn failed).

        Returns when all is out and the ordinary microphone is back in force: while the talk key is held, when what was
        kept has been caught up with (pauses are shortened to 0.3 s for that, words are not); at once when nothing is
        kept. When it is cancelled, or the room is left or lost, what was not sent stays unsent, and all stays
        remembered until `SoundPort.turn_over` or `drop_kept`. While the SDK reconnects it waits.

        Raises AppError: ROOM_LOST when the room is left or gone before all was sent, ROOM_UNREACHABLE when it takes no
        sound. A second call waits for the first one.
        """

    async def send_text(self, text: str) -> None:
        """Send one typed text as a reliable data packet; returns when the SDK has handed it over."""

    async def leave(self) -> None:
        """Leave; safe to call twice. No event of this room comes afterwards."""

    async def round_trip_ms(self) -> int | None:
        """The newest round-trip time, None while unknown."""


class RoomPort(Protocol):
    async def join(
        self, grant: RoomGrant, *, ticket: int, emit: Callable[[RoomEvent], None], hearing: bool = True
    ) -> RoomSession:
        """Join a room; events (from before the first `await` returns on) go to `emit` on the loop's thread.

        Several rooms may be joined at once. `hearing` False: its agent is not played until `RoomSession.hear(True)`.

        Ends with RoomLost at most once. Raises AppError: TOKEN_EXPIRED, TOO_LARGE, ROOM_REFUSED, ROOM_UNREACHABLE,
        ROOM_PROXY, NO_NETWORK, TIMED_OUT.
        """
