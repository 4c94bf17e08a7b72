"""Whether the desktop has locked the screen, as its screen saver tells on the session bus."""

from __future__ import annotations

from collections.abc import Sequence

from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.domain.system_events import ScreenLocked, ScreenUnlocked
from mka1_desktop.ports.watchers import Emit

# KDE, GNOME, Cinnamon, MATE, Xfce: each has this interface under its own name.
SERVICES = (
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
)


class ScreenSaverWatcher:
    """See WatcherPort. A desktop whose screen saver comes later, or comes back, is heard too."""

    name = "screen saver"

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""

        def active_changed(path: str, member: str, body: Sequence[object]) -> None:
            match body:
                case [True]:
                    emit(ScreenLocked())
                case [False]:
                    emit(ScreenUnlocked())
                case _:
                    pass

        async with open_bus("SESSION") as bus:
            for service in SERVICES:
                await bus.listen(service, service, frozenset({"ActiveChanged"}), active_changed)
            await bus.ended()
