"""Watchers of D-Bus services, against python-dbusmock on a private bus that stands in for both buses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest
from jeepney import DBusAddress, HeaderFields, message_bus, new_signal
from jeepney.io.blocking import Proxy, open_dbus_connection

from mka1_desktop.adapters.bus_jeepney import BusRefused
from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.adapters.watch_clock import Reading
from mka1_desktop.adapters.watch_dconf import DconfWatcher, touches_proxy
from mka1_desktop.adapters.watch_logind import LogindWatcher
from mka1_desktop.adapters.watch_networkmanager import NetworkManagerWatcher, of_properties, of_state
from mka1_desktop.adapters.watch_screensaver import ScreenSaverWatcher
from mka1_desktop.domain.system_events import (
    NetworkChanged,
    ProxyChanged,
    Resumed,
    ScreenLocked,
    ScreenUnlocked,
    Suspending,
)
from mka1_desktop.ports.watchers import WatcherPort, WatcherUnavailable
from tests.support.private_bus import private_bus
from tests.support.system_news import LIMIT_S, Ear, Mock, mocked, running

BUS = DBusAddress("/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus")
LOGIND = "org.freedesktop.login1"
LOGIND_PATH = "/org/freedesktop/login1"
MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
SESSION_PATH = "/org/freedesktop/login1/session/c7"
PROPERTIES = "org.freedesktop.DBus.Properties"
NM = "org.freedesktop.NetworkManager"
NM_PATH = "/org/freedesktop/NetworkManager"
GNOME_SAVER = "org.gnome.ScreenSaver"
FREE_SAVER = "org.freedesktop.ScreenSaver"
DCONF = "ca.desrt.dconf"
WRITER = "ca.desrt.dconf.Writer"
WRITER_PATH = "/ca/desrt/dconf/Writer/user"
AWAKE = Reading(awake_s=100.0, boot_s=100.0, wall_s=1000.0)
RESTED = Reading(awake_s=101.0, boot_s=401.0, wall_s=1301.0)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with private_bus(tmp_path_factory.mktemp("bus"), keyring=False) as bus:
        yield bus.address


@pytest.fixture(autouse=True)
def _both_buses(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)


@pytest.fixture(scope="module")
def logind(address: str) -> Iterator[Mock]:
    with mocked(address, LOGIND, LOGIND_PATH, template="logind") as mock:
        mock.call("org.freedesktop.DBus.Mock", "AddSeat", "s", ("seat0",))
        mock.call("org.freedesktop.DBus.Mock", "AddUser", "usb", (1000, "sam", True))
        mock.call("org.freedesktop.DBus.Mock", "AddSession", "ssusb", ("c7", "seat0", 1000, "sam", True))
        yield mock


def _sleeps(mock: Mock, *, begins: bool) -> None:
    mock.emit(MANAGER, "PrepareForSleep", "b", ("b", begins))


def _inhibitors(mock: Mock) -> list[tuple[str, ...]]:
    (found,) = mock.call(MANAGER, "ListInhibitors")
    return [tuple(one[:4]) for one in found]


async def _until(condition: Callable[[], bool]) -> None:
    """Wait for something in another process, which tells nobody."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - the other process sets no event of ours
            await asyncio.sleep(0.01)


def _readings(*readings: Reading) -> Callable[[], Reading]:
    """Return the readings one after the other, the last one for ever."""
    left = list(readings)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


async def test_logind_tells_of_sleep_and_how_long_it_was(logind: Mock) -> None:
    async with running(LogindWatcher(read=_readings(AWAKE, RESTED))) as ear:
        await ear.nudged(lambda: _sleeps(logind, begins=False), Resumed(slept_s=0.0))
        _sleeps(logind, begins=True)
        _sleeps(logind, begins=False)
        await ear.until([Suspending(), Resumed(slept_s=300.0)])


async def test_the_sleep_lock_is_there_only_while_a_session_is_live(logind: Mock) -> None:
    watcher = LogindWatcher()
    async with running(watcher) as ear:
        await ear.nudged(lambda: _sleeps(logind, begins=False), Resumed(slept_s=0.0))
        assert _inhibitors(logind) == []
        watcher.hold_suspend(True)
        await _until(lambda: _inhibitors(logind) != [])
        assert _inhibitors(logind) == [("sleep", "MKA1 Desktop", "A conversation is going on", "delay")]
        watcher.hold_suspend(False)
        await _until(lambda: _inhibitors(logind) == [])


async def test_a_session_at_rest_lets_the_machine_sleep_and_the_lock_comes_back_after(logind: Mock) -> None:
    watcher = LogindWatcher()
    watcher.hold_suspend(True)
    async with running(watcher) as ear:
        await _until(lambda: len(_inhibitors(logind)) == 1)
        _sleeps(logind, begins=True)
        await ear.until([Suspending()])
        assert len(_inhibitors(logind)) == 1  # the session has a moment
        watcher.hold_suspend(False)
        await _until(lambda: _inhibitors(logind) == [])
        watcher.hold_suspend(True)  # a session that begins while it falls asleep does not hold it up
        _sleeps(logind, begins=False)
        await _until(lambda: len(_inhibitors(logind)) == 1)
    await _until(lambda: _inhibitors(logind) == [])  # nothing is left behind


async def test_a_session_that_does_not_come_to_rest_holds_sleep_up_for_a_moment_only(logind: Mock) -> None:
    watcher = LogindWatcher(let_go_s=0.2)
    watcher.hold_suspend(True)
    async with running(watcher) as ear:
        await _until(lambda: len(_inhibitors(logind)) == 1)
        begun = asyncio.get_running_loop().time()
        _sleeps(logind, begins=True)
        await ear.until([Suspending()])
        await _until(lambda: _inhibitors(logind) == [])
        assert asyncio.get_running_loop().time() - begun > 0.15


async def test_logind_tells_of_the_lock_of_our_own_session_only(logind: Mock) -> None:
    def hint(locked: bool, path: str = SESSION_PATH) -> None:
        changed = ("a{sv}", {"LockedHint": ("b", locked)})
        logind.emit(PROPERTIES, "PropertiesChanged", "sa{sv}as", ("s", SESSION), changed, ("as", []), path=path)

    def says(member: str, path: str = SESSION_PATH) -> None:
        logind.emit(SESSION, member, "", path=path)

    async with running(LogindWatcher(session_id="c7")) as ear:
        await ear.nudged(lambda: says("Lock"), ScreenLocked())
        logind.emit(SESSION, "Unlock", "", path="/org/freedesktop/login1/seat/seat0")
        hint(True, path="/org/freedesktop/login1/user/1000")
        says("Unlock")
        hint(True)
        hint(False)
        await ear.until([ScreenUnlocked(), ScreenLocked(), ScreenUnlocked()])
        assert ear.after(ScreenLocked()) == [ScreenUnlocked(), ScreenLocked(), ScreenUnlocked()]


@pytest.mark.parametrize("service", [FREE_SAVER, GNOME_SAVER])
async def test_screen_savers_tell_when_they_lock(address: str, service: str) -> None:
    path = "/" + service.replace(".", "/")
    with mocked(address, service, path) as saver:

        def active(value: bool) -> None:
            saver.emit(service, "ActiveChanged", "b", ("b", value))

        async with running(ScreenSaverWatcher()) as ear:
            await ear.nudged(lambda: active(True), ScreenLocked())
            saver.emit(service, "ActiveChanged", "s", ("s", "not what it should be"))
            active(False)
            active(True)
            await ear.until([ScreenUnlocked(), ScreenLocked()])
            assert ear.after(ScreenLocked()) == [ScreenUnlocked(), ScreenLocked()]


async def test_a_service_that_comes_later_and_comes_back_is_heard(address: str) -> None:
    path = "/org/gnome/ScreenSaver"
    async with running(ScreenSaverWatcher()) as ear:
        for _ in range(2):
            with mocked(address, GNOME_SAVER, path) as saver:
                ear.events.clear()
                await ear.nudged(lambda: saver.emit(GNOME_SAVER, "ActiveChanged", "b", ("b", True)), ScreenLocked())


async def test_network_manager_tells_of_the_internet_behind_a_portal(address: str) -> None:
    with mocked(address, NM, NM_PATH) as manager:

        def connectivity(value: int) -> None:
            changed = ("a{sv}", {"Connectivity": ("u", value), "ActivatingConnection": ("o", "/")})
            manager.emit(PROPERTIES, "PropertiesChanged", "sa{sv}as", ("s", NM), changed, ("as", []))

        unknown = NetworkChanged(up=None, route_changed=False)
        full = NetworkChanged(up=True, route_changed=False)
        async with running(NetworkManagerWatcher()) as ear:
            await ear.nudged(lambda: connectivity(2), unknown)
            connectivity(4)
            manager.emit(NM, "StateChanged", "u", ("u", 20))
            manager.emit(NM, "StateChanged", "u", ("u", 40))  # connecting: no news
            manager.emit(NM, "StateChanged", "u", ("u", 70))
            await ear.until([full, unknown, full])
            assert ear.after(unknown) == [full, unknown, full]


@pytest.mark.parametrize("odd", [None, "70", -1, 40, 71, {}])
def test_states_that_say_nothing_are_no_news(odd: object) -> None:
    assert of_state(odd) is None
    assert of_properties({"Connectivity": odd}) is None
    assert of_properties({"Connectivity": ("u", odd)}) is None or odd == -1
    assert of_properties(odd) is None


async def test_dconf_tells_of_the_proxy_and_nothing_else(address: str) -> None:
    with mocked(address, DCONF, WRITER_PATH, WRITER) as writer:

        def notify(prefix: str, *names: str) -> None:
            writer.emit(WRITER, "Notify", "sass", ("s", prefix), ("as", list(names)), ("s", "tag"))

        async with running(DconfWatcher()) as ear:
            await ear.nudged(lambda: notify("/system/proxy/mode"), ProxyChanged())
            heard = len(ear.events)
            notify("/org/gnome/desktop/interface/", "font-name")
            notify("/system/proxy/", "mode", "autoconfig-url")
            await _until(lambda: len(ear.events) > heard)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (("/system/proxy/mode", [], "t"), True),
        (("/system/", ["proxy/mode"], "t"), True),
        (("/", [], "t"), True),
        (("/system/proxyish", [], "t"), False),
        (("/org/", ["gnome/x"], "t"), False),
        ((1, 2, 3), False),
        ((), False),
    ],
)
def test_what_dconf_says_is_read(body: tuple[object, ...], expected: bool) -> None:
    assert touches_proxy(body) is expected


async def test_a_stranger_on_the_bus_cannot_send_the_machine_to_sleep(logind: Mock, address: str) -> None:
    async with running(LogindWatcher(read=lambda: AWAKE)) as ear:
        await ear.nudged(lambda: _sleeps(logind, begins=False), Resumed(slept_s=0.0))
        with closing(open_dbus_connection(address)) as stranger:
            (names,) = Proxy(message_bus, stranger).ListNames()
            for name in [name for name in names if name.startswith(":")]:
                forged = new_signal(DBusAddress(LOGIND_PATH, interface=MANAGER), "PrepareForSleep", "b", (True,))
                forged.header.fields[HeaderFields.destination] = name
                stranger.send(forged)
            Proxy(message_bus, stranger).GetId()  # the bus has handed them all on
        _sleeps(logind, begins=True)
        _sleeps(logind, begins=False)
        await ear.until([Suspending(), Resumed(slept_s=0.0)])
        assert ear.events.count(Suspending()) == 1


@pytest.mark.parametrize("address_of_bus", ["unix:path=/nowhere/bus", "autolaunch:", "tcp:host=127.0.0.1,port=1", "?"])
@pytest.mark.parametrize(
    "watcher", [LogindWatcher(), ScreenSaverWatcher(), NetworkManagerWatcher(), DconfWatcher()], ids=lambda w: w.name
)
async def test_without_a_bus_a_watcher_is_unavailable(
    watcher: WatcherPort, address_of_bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        monkeypatch.setenv(name, address_of_bus)
    with pytest.raises(WatcherUnavailable):
        await watcher.run(Ear())


async def test_a_session_without_a_named_bus_is_looked_for_at_the_usual_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with pytest.raises(WatcherUnavailable, match="no session bus"):
        await ScreenSaverWatcher().run(Ear())
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(WatcherUnavailable, match="FileNotFoundError"):
        await ScreenSaverWatcher().run(Ear())


async def test_a_bus_that_ends_ends_the_watcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = psutil.Process().num_fds()
    with ExitStack() as running_bus:
        bus = running_bus.enter_context(private_bus(tmp_path, keyring=False))
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        async with open_bus("SYSTEM") as connection:
            watching = asyncio.get_running_loop().create_task(LogindWatcher().run(Ear()))
            await connection.call(BUS, "GetId")
            running_bus.close()
            for waiting in (watching, connection.ended(), connection.call(BUS, "GetId")):
                with pytest.raises(WatcherUnavailable):
                    await waiting
    assert psutil.Process().num_fds() == files


async def test_a_call_that_is_refused_says_why_and_starts_no_service(address: str) -> None:
    async with open_bus("SESSION") as bus:
        with pytest.raises(BusRefused, match="UnknownMethod"):
            await bus.call(BUS, "NoSuchThing")
        with pytest.raises(BusRefused, match=r"ServiceUnknown|NameHasNoOwner"):
            await bus.call(DBusAddress("/", bus_name="org.example.Nobody", interface="org.example.Nobody"), "Hello")


async def test_our_session_is_found_through_the_user_when_we_were_started_outside_of_it(logind: Mock) -> None:
    user = {"Display": ("(so)", ("c7", SESSION_PATH))}
    logind.call(
        "org.freedesktop.DBus.Mock",
        "AddObject",
        "ssa{sv}a(ssss)",
        ("/org/freedesktop/login1/user/self", "org.freedesktop.login1.User", user, []),
    )
    async with running(LogindWatcher()) as ear:
        await ear.nudged(lambda: logind.emit(SESSION, "Lock", "", path=SESSION_PATH), ScreenLocked())
