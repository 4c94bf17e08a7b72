"""What NetworkManager knows better than the kernel: captive portals, and the end of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.domain.system_events import NetworkChanged
from mka1_desktop.ports.watchers import Emit

SERVICE = "org.freedesktop.NetworkManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
PATH = "/org/freedesktop/NetworkManager"
# NMState: connected to the internet; NMConnectivityState: full. In between there is no news, only hope.
STATES = {0: None, 10: None, 20: None, 50: None, 60: None, 70: True}
CONNECTIVITIES = {0: None, 1: None, 2: None, 3: None, 4: True}


def of_state(state: object) -> NetworkChanged | None:
    """Read the body of StateChanged.

    Never False: NetworkManager calls a machine disconnected whose network is managed by something else.
    """
    if not isinstance(state, int) or state not in STATES:
        return None
    return NetworkChanged(up=STATES[state], route_changed=False)


def of_properties(changed: object) -> NetworkChanged | None:
    """Read what PropertiesChanged says of connectivity; the way out itself is watched through the kernel."""
    if not isinstance(changed, Mapping):
        return None
    match changed.get("Connectivity"):
        case ("u", int(number)) if number in CONNECTIVITIES:
            return NetworkChanged(up=CONNECTIVITIES[number], route_changed=False)
        case _:
            return None


class NetworkManagerWatcher:
    """See WatcherPort."""

    name = "NetworkManager"

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""

        def signal(path: str, member: str, body: Sequence[object]) -> None:
            event = None
            match member, body:
                case "StateChanged", [state]:
                    event = of_state(state)
                case "PropertiesChanged", [interface, changed, *_] if interface == SERVICE:
                    event = of_properties(changed)
            if event is not None and path == PATH:
                emit(event)

        async with open_bus("SYSTEM") as bus:
            await bus.listen(SERVICE, SERVICE, frozenset({"StateChanged"}), signal)
            await bus.listen(SERVICE, PROPERTIES, frozenset({"PropertiesChanged"}), signal)
            await bus.ended()
