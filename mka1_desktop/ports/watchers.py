"""News of the operating system."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from mka1_desktop.domain.system_events import SystemEvent

Emit: TypeAlias = Callable[[SystemEvent], None]


class WatcherUnavailable(Exception):  # noqa: N818 - a state of this system, not a mistake
    """This source of news is not here, or is gone. The text is for the log."""


class WatcherPort(Protocol):
    """One source of news."""

    @property
    def name(self) -> str:
        """What the log calls it."""

    async def run(self, emit: Emit) -> None:
        """Watch until cancelled, then close everything. May be run again after it ended.

        `emit` is called on the loop's thread and must return at once.

        Raises WatcherUnavailable and nothing else: when it cannot start, or when its source ended.
        """


class SuspendHoldPort(Protocol):
    """Asks the system to wait a moment before it sleeps."""

    def hold_suspend(self, hold: bool) -> None:
        """True while a session is live. False lets a sleep that was announced begin; it begins after 2 s in any case.

        Returns at once, keeps no lock while nothing is held, and does nothing on systems without such a lock.
        """


class SystemWatchPort(WatcherPort, SuspendHoldPort, Protocol):
    """All watchers of a system as one. Its `run` raises nothing: what cannot start is logged and left out."""
