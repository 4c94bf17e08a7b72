"""Typed messages that wait for the agent: in order, one at a time, each handed over once."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mka1_desktop.domain.errors import AppError, Trouble


@dataclass(frozen=True, slots=True)
class Waiting:
    key: str  # of its entry
    text: str


class Outbox:
    """A queue with one sender. `deliver` hands one text to the room; it raises AppError when that failed."""

    def __init__(self) -> None:
        self._waiting: deque[Waiting] = deque()
        self._busy = False

    def clear(self) -> None:
        """Forget what waits: it belongs to a thread that is no longer open."""
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: str, text: str) -> None:
        self._waiting.append(Waiting(key, text))

    def drop(self, key: str) -> bool:
        """Forget a text that still waits; False when it is no longer here."""
        for waiting in self._waiting:
            if waiting.key == key:
                self._waiting.remove(waiting)
                return True
        return False

    async def flush(
        self,
        deliver: Callable[[str], Awaitable[None]],
        *,
        sent: Callable[[str], None],
        failed: Callable[[str, Trouble], None],
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        """Hand over what waits, oldest first, as long as `ready` says so; a second call while one runs does nothing.

        A text leaves the queue before it is handed over: what the SDK may have sent is never sent again by itself.
        """
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting and ready():
                waiting = self._waiting.popleft()
                try:
                    await deliver(waiting.text)
                except AppError as error:
                    failed(waiting.key, error.trouble)
                else:
                    sent(waiting.key)
        finally:
            self._busy = False
