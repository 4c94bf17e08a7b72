"""The system around the app: what its watchers tell goes to session and talk key, and a sleep waits for a moment."""

from __future__ import annotations

from collections.abc import Callable

from mka1_desktop.app.desk import Desk
from mka1_desktop.domain.system_events import ProxyChanged, Resumed, ScreenLocked, Suspending, SystemEvent
from mka1_desktop.ports.watchers import SystemWatchPort
from mka1_desktop.session.state import Session
from mka1_desktop.session.watch import Watcher

SAVING, CLIENT = "save before sleep", "client anew"  # keys of background tasks


class Surroundings(Watcher):
    """One for the app. While a session is live the system is asked to wait before it sleeps, until all is saved."""

    def __init__(self, desk: Desk, *, make: Callable[[], SystemWatchPort]) -> None:
        self._desk = desk
        self._make = make
        self._system: SystemWatchPort | None = None
        self._holding = False
        self._sleeping = False  # from the announcement on: what changes meanwhile holds nothing up
        desk.controller.watch(self)

    async def run(self) -> None:
        """Watch until cancelled."""
        self._system = self._make()
        try:
            self._hold(self._desk.active)
            await self._system.run(self._told)
        finally:
            self._hold(False)

    def on_session(self, session: Session) -> None:
        """A session began or ended."""
        if not self._sleeping:
            self._hold(self._desk.active)

    def _hold(self, hold: bool) -> None:
        if self._system is not None and hold != self._holding:
            self._holding = hold
            self._system.hold_suspend(hold)

    def _told(self, event: SystemEvent) -> None:
        desk = self._desk
        match event:
            case ScreenLocked():
                desk.talker.stop()
            case Suspending():
                self._sleeping = True
                desk.talker.stop()
                desk.background.start(SAVING, self._save_and_let_go())
            case Resumed():
                self._sleeping = False
                self._hold(desk.active)
            case ProxyChanged():
                desk.background.start(CLIENT, self._client_anew())
                return  # the session hears of it when the client is made anew
            case _:
                pass
        desk.controller.post(event)

    async def _save_and_let_go(self) -> None:
        await self._desk.recorder.flush()
        self._hold(False)

    async def _client_anew(self) -> None:
        """A client reads the proxy settings when it is made."""
        await self._desk.parts.api.reset()
        self._desk.controller.post(ProxyChanged())
