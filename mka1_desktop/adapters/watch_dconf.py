"""Changes of the proxy in the settings of GNOME and its relatives, as dconf tells them on the session bus."""

from __future__ import annotations

from collections.abc import Sequence

from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.domain.system_events import ProxyChanged
from mka1_desktop.ports.watchers import Emit

SERVICE = "ca.desrt.dconf"
INTERFACE = "ca.desrt.dconf.Writer"
FOLDER = "/system/proxy/"


def touches_proxy(body: Sequence[object]) -> bool:
    """Read the body of Notify: a path, the changed names below it (none: the path itself or all), a tag."""
    match body:
        case [str(prefix), list(names), *_]:
            paths = [prefix + name for name in names if isinstance(name, str)] or [prefix]
            return any(path.startswith(FOLDER) or FOLDER.startswith(path) for path in paths)
        case _:
            return False


class DconfWatcher:
    """See WatcherPort."""

    name = "dconf"

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""

        def notify(path: str, member: str, body: Sequence[object]) -> None:
            if touches_proxy(body):
                emit(ProxyChanged())

        async with open_bus("SESSION") as bus:
            await bus.listen(SERVICE, INTERFACE, frozenset({"Notify"}), notify)
            await bus.ended()
