"""What of the watchers of Windows and macOS can be tried here: decisions, and that they are left out elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mka1_desktop.adapters.watch_macos import RouteSocketWatcher, ScreenWatcher
from mka1_desktop.adapters.watch_proxy import LOOK_S, ProxyWatcher
from mka1_desktop.adapters.watch_windows import WindowsNetworkWatcher
from mka1_desktop.adapters.watch_windows_power import WindowsPowerWatcher
from mka1_desktop.adapters.way_out import Sources, compare, read_sources
from mka1_desktop.domain.system_events import NetworkChanged, ProxyChanged, SystemEvent
from mka1_desktop.ports.watchers import WatcherPort, WatcherUnavailable
from tests.fakes.fake_clock import FakeClock


@pytest.mark.parametrize(
    "make",
    [
        RouteSocketWatcher,
        lambda: ScreenWatcher(clock=FakeClock()),
        WindowsNetworkWatcher,
        WindowsPowerWatcher,
    ],
    ids=["routing socket", "login session", "IP Helper", "power messages"],
)
async def test_on_another_system_they_are_unavailable(make: Callable[[], WatcherPort]) -> None:
    async with asyncio.timeout(10):
        with pytest.raises(WatcherUnavailable):
            await make().run(lambda event: None)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("10.0.0.2", None), ("10.0.0.2", None), None),
        (("10.0.0.2", None), ("192.168.1.5", None), NetworkChanged(up=True, route_changed=True)),
        (("10.0.0.2", "2001:db8::2"), ("10.0.0.2", None), NetworkChanged(up=True, route_changed=True)),
        (("10.0.0.2", None), (None, None), NetworkChanged(up=False, route_changed=True)),
        ((None, None), (None, "2001:db8::2"), NetworkChanged(up=True, route_changed=True)),
    ],
)
def test_other_source_addresses_are_another_way_out(
    before: Sources, after: Sources, expected: NetworkChanged | None
) -> None:
    assert compare(before, after) == expected


def test_this_machine_names_a_source_for_each_family_or_none() -> None:
    sources = read_sources()
    assert len(sources) == 2
    assert sources == read_sources()


class Ended(Exception):  # noqa: N818 - the end of a test
    pass


class Script:
    """A clock that never waits, and a proxy that is read from it: one value for each look, then the end."""

    def __init__(self, *proxies: str) -> None:
        self._left = list(proxies)
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def now(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        if not self._left:
            raise Ended
        self.slept.append(seconds)

    def read(self) -> dict[str, str]:
        return {"https": self._left.pop(0)}


async def test_another_proxy_is_told_once() -> None:
    script = Script("http://a:3128", "http://a:3128", "http://b:3128", "http://b:3128", "")
    heard: list[SystemEvent] = []
    with pytest.raises(Ended):
        await ProxyWatcher(clock=script, read=script.read).run(heard.append)
    assert heard == [ProxyChanged(), ProxyChanged()]
    assert script.slept == [LOOK_S] * 4
