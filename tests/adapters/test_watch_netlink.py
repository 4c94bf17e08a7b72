"""The kernel's news of a network, in a namespace of our own that `ip` changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mka1_desktop.adapters.netlink_messages import Address, Way
from mka1_desktop.adapters.netlink_ways import Network, compare, read_network
from mka1_desktop.adapters.watch_netlink import NetlinkWatcher
from mka1_desktop.domain.system_events import NetworkChanged
from mka1_desktop.ports.watchers import WatcherUnavailable

ROOT = Path(__file__).resolve().parents[2]
OWN_NETWORK = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--user", "--map-root-user"]
LIMIT_S = 20.0


class Net:
    """A network namespace with the watcher in it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._events: list[dict[str, object]] = []
        self._looks = 0
        self.up: object = "?"

    def _next(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the watcher ended"
        said: dict[str, object] = json.loads(line)
        if "looked" in said:
            self.up = said["looked"]
            self._looks += 1
        elif "up" in said:
            self._events.append(said)
        return said

    def wait_for_look(self) -> None:
        looks = self._looks
        while self._looks == looks:
            self._next()

    def ip(self, *commands: str) -> None:
        """Change the network; the watcher has not looked yet, as a rule."""
        assert self._process.stdin is not None
        for command in commands:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
            while (said := self._next()).get("done") is None:
                pass
            assert said["done"] == 0, command

    def event(self) -> NetworkChanged:
        """Return the next event, and forget it."""
        while not self._events:
            self._next()
        found = self._events.pop(0)
        up, changed = found["up"], found["route_changed"]
        assert up is None or isinstance(up, bool)
        return NetworkChanged(up=up, route_changed=bool(changed))


@pytest.fixture
def net() -> Iterator[Net]:
    command = [*OWN_NETWORK, sys.executable, "-m", "tests.support.netlink_child"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        net = Net(process)
        net.wait_for_look()
        yield net
        process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0


WIRE = ("link add wire type veth peer name far", "link set far up")
WIRE_UP = (*WIRE, "link set wire up", "address add 198.51.100.2/24 dev wire")


def test_a_cable_is_plugged_in_gets_a_route_and_is_pulled_out(net: Net) -> None:
    assert net.up is False
    net.ip(*WIRE_UP)
    assert net.event() == NetworkChanged(up=None, route_changed=False)  # a link, and no way out yet
    net.ip("route add default via 198.51.100.1")
    assert net.event() == NetworkChanged(up=True, route_changed=True)
    net.ip("link set far down")  # the carrier is lost; the route stays in the table
    assert net.event() == NetworkChanged(up=False, route_changed=True)
    net.ip("link set far up")
    assert net.event() == NetworkChanged(up=True, route_changed=True)
    net.ip("route del default")
    assert net.event() == NetworkChanged(up=None, route_changed=True)
    net.ip("link del wire")
    assert net.event() == NetworkChanged(up=False, route_changed=False)


def test_loopback_is_no_network(net: Net) -> None:
    net.ip("link set lo up", "route add default dev lo")
    net.wait_for_look()
    net.ip(*WIRE_UP)
    assert net.event() == NetworkChanged(up=None, route_changed=False)  # the first event there is


def test_another_default_route_is_told_when_it_is_used_and_not_before(net: Net) -> None:
    net.ip(*WIRE_UP, "route add default via 198.51.100.1 metric 100")
    while net.event() != NetworkChanged(up=True, route_changed=True):
        pass
    net.ip(
        "link add wifi type veth peer name there",
        "link set there up",
        "link set wifi up",
        "address add 203.0.113.2/24 dev wifi",
        "route add default via 203.0.113.1 metric 600",
    )
    net.wait_for_look()
    net.ip("route del default via 198.51.100.1 metric 100")
    assert net.event() == NetworkChanged(up=True, route_changed=True)  # and no other event came before
    net.ip("route replace default via 203.0.113.7 metric 600")
    assert net.event() == NetworkChanged(up=True, route_changed=True)


@pytest.mark.parametrize(
    "commands",
    [
        ("route add 0.0.0.0/1 dev tunnel", "route add 128.0.0.0/1 dev tunnel"),  # OpenVPN
        ("route add default dev tunnel table 51820", "rule add priority 100 table 51820"),  # WireGuard
    ],
    ids=["two halves", "a table of its own"],
)
def test_a_vpn_that_leaves_the_default_route_alone_is_noticed(net: Net, commands: tuple[str, ...]) -> None:
    net.ip(*WIRE_UP, "route add default via 198.51.100.1")
    while net.event() != NetworkChanged(up=True, route_changed=True):
        pass
    net.ip(
        "link add tunnel type veth peer name office",
        "link set office up",
        "link set tunnel up",
        "address add 192.0.2.9/32 dev tunnel",
        *commands,
    )
    assert net.event() == NetworkChanged(up=True, route_changed=True)


def test_a_new_address_on_the_same_way_is_told_when_the_old_one_goes(net: Net) -> None:
    net.ip(*WIRE_UP, "route add default dev wire")
    while net.event() != NetworkChanged(up=True, route_changed=True):
        pass
    net.ip("address add 203.0.113.2/24 dev wire")
    net.wait_for_look()
    net.ip("address del 198.51.100.2/24 dev wire")
    assert net.event() == NetworkChanged(up=True, route_changed=True)  # and no other event came before


def test_ipv6_alone_is_a_network(net: Net) -> None:
    net.ip(*WIRE, "link set wire up", "address add 2001:db8::2/64 dev wire nodad")
    while net.event() != NetworkChanged(up=None, route_changed=False):
        pass
    net.ip("route add default via 2001:db8::1 dev wire")
    assert net.event() == NetworkChanged(up=True, route_changed=True)


def test_this_machine_can_be_asked() -> None:
    network = read_network()
    assert compare(network, network) is None


OLD, NEW = b"\xfd\1", b"\xfd\2"


def _network(source: bytes, *addresses: bytes) -> Network:
    return Network(
        ways=(None, Way(2, b"", source)), addresses=frozenset(Address(2, one) for one in addresses), linked=True
    )


def test_a_fresh_temporary_address_is_no_news_while_the_old_one_is_there() -> None:
    assert compare(_network(OLD, OLD), _network(NEW, OLD, NEW)) is None
    assert compare(_network(OLD, OLD), _network(NEW, NEW)) == NetworkChanged(up=True, route_changed=True)


async def test_a_system_that_refuses_is_unavailable() -> None:
    def refused() -> Network:
        raise PermissionError(1, "no netlink in this sandbox")

    with pytest.raises(WatcherUnavailable, match="PermissionError 1"):
        await NetlinkWatcher(read=refused).run(lambda event: None)
