"""Sleep and screen lock as systemd's logind tells them, and the lock that makes it wait before it sleeps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from jeepney import DBusAddress

from mka1_desktop.adapters.bus_jeepney import Bus, BusRefused
from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.adapters.logind_lock import LET_GO_S, LOGIND, MANAGER, SERVICE, SleepLock
from mka1_desktop.adapters.watch_clock import Reading, slept_s, system_reading
from mka1_desktop.domain.system_events import Resumed, ScreenLocked, ScreenUnlocked, Suspending
from mka1_desktop.ports.watchers import Emit

SESSION = "org.freedesktop.login1.Session"
USER = "org.freedesktop.login1.User"
PROPERTIES = "org.freedesktop.DBus.Properties"
OWN_USER = DBusAddress("/org/freedesktop/login1/user/self", bus_name=SERVICE, interface=PROPERTIES)


class LogindWatcher:
    """See WatcherPort and SuspendHoldPort."""

    name = "logind"

    def __init__(
        self, *, session_id: str = "", read: Callable[[], Reading] = system_reading, let_go_s: float = LET_GO_S
    ) -> None:
        """`session_id` is XDG_SESSION_ID; without it logind is asked. Sleep is held up for `let_go_s` at most."""
        self._session_id = session_id
        self._read = read
        self._lock = SleepLock(let_go_s)

    def hold_suspend(self, hold: bool) -> None:
        """See SuspendHoldPort."""
        self._lock.hold(hold)

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        async with open_bus("SYSTEM") as bus:
            news = _News(emit=emit, lock=self._lock, read=self._read)
            await bus.listen(SERVICE, MANAGER, frozenset({"PrepareForSleep"}), news.manager)
            news.session = await self._own_session(bus)
            if news.session:
                await bus.listen(SERVICE, SESSION, frozenset({"Lock", "Unlock"}), news.locking)
                await bus.listen(SERVICE, PROPERTIES, frozenset({"PropertiesChanged"}), news.properties)
            await self._lock.keep(bus)

    async def _own_session(self, bus: Bus) -> str:
        """Return the path of the session that shows our windows, "" when there is none."""
        with contextlib.suppress(BusRefused):
            if self._session_id:
                (path,) = await bus.call(LOGIND, "GetSession", "s", (self._session_id,))
                return str(path)
        with contextlib.suppress(BusRefused):  # 0: whoever asks
            (path,) = await bus.call(LOGIND, "GetSessionByPID", "u", (0,))
            return str(path)
        with contextlib.suppress(BusRefused):  # started by the user's systemd, outside every session
            match await bus.call(OWN_USER, "Get", "ss", (USER, "Display")):
                case [(_, (str(), str(path)))] if path != "/":
                    return path
        return ""


class _News:
    """Reads the signals of one connection."""

    def __init__(self, *, emit: Emit, lock: SleepLock, read: Callable[[], Reading]) -> None:
        self._emit = emit
        self._lock = lock
        self._read = read
        self._before: Reading | None = None  # when sleep was announced
        self.session = ""

    def manager(self, path: str, member: str, body: Sequence[object]) -> None:
        match body:
            case [True]:
                self._before = self._read()
                self._lock.sleep_announced()
                self._emit(Suspending())
            case [False]:
                before, self._before = self._before, None
                self._lock.awake()
                self._emit(Resumed(slept_s=slept_s(before, self._read()) if before else 0.0))
            case _:
                pass

    def locking(self, path: str, member: str, body: Sequence[object]) -> None:
        if path == self.session:
            self._emit(ScreenLocked() if member == "Lock" else ScreenUnlocked())

    def properties(self, path: str, member: str, body: Sequence[object]) -> None:
        """Hear LockedHint: what the desktop did, where Lock and Unlock are what it was asked for."""
        match body:
            case [str(interface), {"LockedHint": ("b", bool(locked))}, *_]:
                if (path, interface) == (self.session, SESSION):
                    self._emit(ScreenLocked() if locked else ScreenUnlocked())
            case _:
                pass
