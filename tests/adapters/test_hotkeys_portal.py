"""System-wide keys through the desktop portal, against a portal on a private bus."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from jeepney import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.adapters.hotkeys_portal import PortalHotkeys
from mka1_desktop.adapters.portal_shortcuts import portal_owner
from mka1_desktop.domain.combos import Combo, parse_combo
from mka1_desktop.ports.hotkeys import Binding, HotkeyChanged, HotkeyName, HotkeyPort, HotkeyProblem
from tests.support.fake_portal import (
    LIMIT_S,
    PATH,
    PORTAL,
    REQUEST,
    SESSION,
    SHORTCUTS,
    Answer,
    FakePortal,
    Wanted,
    fake_portal,
    granted,
    shortcuts,
    signal_to,
)
from tests.support.private_bus import CONFIG, private_bus

TALK_DOWN = HotkeyChanged(name="talk", down=True)
TALK_UP = HotkeyChanged(name="talk", down=False)
ASK_DOWN = HotkeyChanged(name="quick_ask", down=True)
ASK_UP = HotkeyChanged(name="quick_ask", down=False)


def combo(text: str) -> Combo:
    found = parse_combo(text)
    assert found is not None
    return found


TALK: Mapping[HotkeyName, Combo] = {"talk": combo("Ctrl+Alt+Space")}
BOTH: Mapping[HotkeyName, Combo] = {**TALK, "quick_ask": combo("Ctrl+Alt+A")}


def gone(wanted: Mapping[HotkeyName, Combo], problem: HotkeyProblem) -> dict[HotkeyName, Binding]:
    return {name: Binding(key=str(key), problem=problem) for name, key in wanted.items()}


@pytest.fixture(scope="module")
def bus_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with private_bus(tmp_path_factory.mktemp("bus"), keyring=False) as bus:
        yield bus.address


@pytest.fixture
def address(bus_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus_address)
    return bus_address


@pytest.fixture
async def portal(address: str) -> AsyncIterator[FakePortal]:
    async with fake_portal(address) as portal:
        yield portal


class Keys:
    """Hears what a way to have keys emits."""

    def __init__(self) -> None:
        self.events: list[HotkeyChanged] = []
        self._heard = asyncio.Event()

    def __call__(self, event: HotkeyChanged) -> None:
        self.events.append(event)
        self._heard.set()

    async def are(self, *wanted: HotkeyChanged) -> None:
        """Wait until as many have come, and compare."""
        async with asyncio.timeout(LIMIT_S):
            while len(self.events) < len(wanted):
                self._heard.clear()
                await self._heard.wait()
        assert self.events == list(wanted)


@asynccontextmanager
async def hotkeys(keys: Keys, **options: Any) -> AsyncIterator[PortalHotkeys]:
    made = PortalHotkeys(emit=keys, **options)
    try:
        async with asyncio.timeout(LIMIT_S):
            yield made
    finally:
        await made.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that the adapter does by itself and tells nobody."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.005)


async def test_a_key_is_granted_and_tells_one_pair(portal: FakePortal) -> None:
    keys = Keys()
    async with hotkeys(keys, descriptions={"talk": "Talk"}) as port:
        used: HotkeyPort = port
        assert (used.backend, used.release_events) == ("portal", True)
        assert await used.bind(TALK) == {"talk": Binding(key="Press CTRL+ALT+space")}
        assert portal.wanted == [{"talk": {"description": "Talk", "preferred_trigger": "CTRL+ALT+space"}}]
        await portal.key("talk", down=True)
        await portal.key("talk", down=True)  # some repeat it while the key is held
        await portal.key("talk", down=False)
        await portal.key("talk", down=False)
        await portal.key("talk", down=True)
        await keys.are(TALK_DOWN, TALK_UP, TALK_DOWN)
    await keys.are(TALK_DOWN, TALK_UP, TALK_DOWN, TALK_UP)  # let go of, it is up


async def test_two_keys_are_bound_in_one_session(portal: FakePortal) -> None:
    keys = Keys()
    async with hotkeys(keys) as port:
        assert await port.bind(BOTH) == {
            "talk": Binding(key="Press CTRL+ALT+space"),
            "quick_ask": Binding(key="Press CTRL+ALT+a"),
        }
        for name, down in (("talk", True), ("quick_ask", True), ("talk", False), ("quick_ask", False)):
            await portal.key(name, down=down)
        await keys.are(TALK_DOWN, ASK_DOWN, TALK_UP, ASK_UP)
    assert [name for name, _ in portal.calls][:3] == ["Register", "CreateSession", "BindShortcuts"]


async def test_the_app_says_who_it_is_before_anything_else(portal: FakePortal) -> None:
    async with hotkeys(Keys(), app_id="com.example.App") as port:
        await port.bind(TALK)
    assert portal.calls[0] == ("Register", "com.example.App")
    assert len(portal.called("Register")) == 1


async def test_a_portal_that_knows_no_app_ids_grants_keys_too(portal: FakePortal) -> None:
    portal.registry = False
    async with hotkeys(Keys()) as port:
        assert (await port.bind(TALK))["talk"].problem is None


async def test_the_person_says_no_and_is_asked_again_only_when_wished_again(portal: FakePortal) -> None:
    portal.answer = lambda wanted: (1, {})
    async with hotkeys(Keys()) as port:
        assert await port.bind(BOTH) == gone(BOTH, HotkeyProblem.NOT_GRANTED)
        await portal.until(lambda: portal.called("Close") == [portal.session])
        assert port.bindings == gone(BOTH, HotkeyProblem.NOT_GRANTED)
        portal.answer = lambda wanted: granted({"talk": "Super+T"})
        assert (await port.bind(BOTH))["talk"] == Binding(key="Super+T")


async def test_the_person_chooses_another_key_now_and_later(portal: FakePortal) -> None:
    portal.answer = lambda wanted: granted({"talk": "Super+T\n" + "x" * 500})
    keys = Keys()
    async with hotkeys(keys) as port:
        bound = await port.bind(TALK)
        assert bound["talk"].key.startswith("Super+Tx")
        assert len(bound["talk"].key) <= 100
        changed = shortcuts({"talk": "Super+F9", "other": "Super+F1"})
        await portal.signal(SHORTCUTS, "ShortcutsChanged", "oa(sa{sv})", (portal.session, changed))
        await portal.key("talk", down=True)
        await keys.are(TALK_DOWN)
        assert port.bindings == {"talk": Binding(key="Super+F9")}
        assert await port.bind(TALK) == {"talk": Binding(key="Super+F9")}
        assert len(portal.wanted) == 1  # nobody is asked again
        assert keys.events == [TALK_DOWN]


async def test_a_key_that_is_left_out_is_not_granted(portal: FakePortal) -> None:
    portal.answer = lambda wanted: granted({"quick_ask": "Super+A"})
    async with hotkeys(Keys()) as port:
        bound = await port.bind(BOTH)
        assert bound["talk"] == Binding(key="Ctrl+Alt+Space", problem=HotkeyProblem.NOT_GRANTED)
        assert bound["quick_ask"] == Binding(key="Super+A")


async def test_a_mouse_button_is_said_to_be_impossible_and_the_other_one_is_bound(portal: FakePortal) -> None:
    async with hotkeys(Keys()) as port:
        bound = await port.bind({"talk": combo("Mouse4"), "quick_ask": combo("F13")})
        assert bound["talk"] == Binding(key="Mouse4", problem=HotkeyProblem.NO_BUTTONS)
        assert bound["quick_ask"] == Binding(key="Press F13")
        assert list(portal.wanted[0]) == ["quick_ask"]


async def test_a_key_without_a_name_there_is_unknown_and_the_other_one_is_bound(portal: FakePortal) -> None:
    async with hotkeys(Keys()) as port:
        bound = await port.bind({"talk": Combo(key="Hyperdrive"), "quick_ask": combo("Meta+Shift+F9")})
        assert bound["talk"] == Binding(key="Hyperdrive", problem=HotkeyProblem.UNKNOWN_KEY)
        assert bound["quick_ask"] == Binding(key="Press SHIFT+LOGO+F9")
        assert list(portal.wanted[0]) == ["quick_ask"]
        bound = await port.bind({"talk": Combo(key="Hyperdrive")})
        assert bound["talk"].problem is HotkeyProblem.UNKNOWN_KEY
        assert len(portal.wanted) == 1


async def test_a_portal_that_does_not_say_what_it_bound_is_asked(portal: FakePortal) -> None:
    portal.answer = lambda wanted: (0, {})
    async with hotkeys(Keys()) as port:
        assert await port.bind(TALK) == {"talk": Binding(key="Press CTRL+ALT+space")}


@pytest.mark.parametrize(
    "answer",
    [
        (0, {"shortcuts": ("s", "talk")}),
        (0, {"shortcuts": ("as", ["talk"])}),
        (0, {"shortcuts": ("a(ss)", [("talk", "Super+T")])}),
        (0, {"shortcuts": ("a{sv}", {"talk": ("s", "Super+T")})}),
        (0, {"shortcuts": ("a(sa{sv})", [])}),
    ],
)
async def test_an_answer_that_cannot_be_read_grants_nothing(portal: FakePortal, answer: Answer) -> None:
    portal.answer = lambda wanted: answer
    async with hotkeys(Keys()) as port:
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.NOT_GRANTED)


async def test_a_key_that_the_system_has_no_word_for_is_bound_all_the_same(portal: FakePortal) -> None:
    portal.answer = lambda wanted: (0, {"shortcuts": ("a(sa{sv})", [("talk", {"trigger_description": ("u", 7)})])})
    async with hotkeys(Keys()) as port:
        assert await port.bind(TALK) == {"talk": Binding(key="")}


@pytest.mark.parametrize(
    "created",
    [
        (2, {}),
        (77, {}),
        (0, {}),
        (0, {"session_handle": ("u", 1)}),
        (0, {"session_handle": ("s", "/somewhere/else")}),
        (0, {"session_handle": ("s", f"{PATH}/session/" + "x" * 300)}),
    ],
)
async def test_without_a_session_there_are_no_keys(portal: FakePortal, created: Answer) -> None:
    portal.create = lambda session: created
    async with hotkeys(Keys()) as port:
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)
    assert portal.wanted == []


async def test_a_portal_that_fails_or_has_no_shortcuts_is_no_way_to_have_keys(portal: FakePortal) -> None:
    async with hotkeys(Keys()) as port:
        portal.answer = lambda wanted: (2, {})
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)
        portal.interfaces = frozenset()
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)


async def test_without_a_portal_or_a_bus_there_are_no_keys(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hotkeys(Keys()) as port:
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        async with fake_portal(address):  # it comes later
            assert (await port.bind(TALK))["talk"].problem is None


@pytest.fixture
def _startable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bus that can start a portal, which has no shortcuts."""
    config = tmp_path / "bus.conf"
    folder = f"<servicedir>{tmp_path}</servicedir>\n  <policy"
    config.write_text(CONFIG.format(folder=tmp_path).replace("<policy", folder))
    portal = f"/usr/bin/python3 -m dbusmock --session {PORTAL} {PATH} org.example.Nothing"
    (tmp_path / "portal.service").write_text(f"[D-BUS Service]\nName={PORTAL}\nExec={portal}\n")
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as daemon:
        assert daemon.stdout is not None
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().decode().strip())
        yield
        daemon.terminate()


@pytest.mark.usefixtures("_startable")
async def test_a_portal_that_can_be_started_is_started() -> None:
    async with open_bus("SESSION") as bus:
        started = await portal_owner(bus)
        assert started.startswith(":")
        assert await portal_owner(bus) == started
    async with hotkeys(Keys()) as port:
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)


async def test_a_dialog_that_nobody_answers_is_taken_away(portal: FakePortal) -> None:
    portal.answer = lambda wanted: None
    async with hotkeys(Keys(), answer_s=0.2) as port:
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)
        await portal.until(lambda: set(portal.called("Close")) >= {*portal.requests[1:], portal.session})


async def test_a_portal_that_dies_lets_the_key_up_and_the_next_wish_starts_anew(portal: FakePortal) -> None:
    keys = Keys()
    async with hotkeys(keys, watch_s=0.02) as port:
        await port.bind(TALK)
        await portal.key("talk", down=True)
        await keys.are(TALK_DOWN)
        await portal.leave()
        await keys.are(TALK_DOWN, TALK_UP)
        assert port.bindings == gone(TALK, HotkeyProblem.UNAVAILABLE)
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)


async def test_a_portal_that_is_another_one_now_is_noticed_while_no_key_is_down(address: str) -> None:
    async with hotkeys(Keys(), idle_s=0.02) as port, fake_portal(address) as first:
        await port.bind(TALK)
        await first.leave()
        async with fake_portal(address) as second:
            await until(lambda: port.bindings == gone(TALK, HotkeyProblem.UNAVAILABLE))
            assert (await port.bind(TALK))["talk"].problem is None
            assert len(second.wanted) == 1


async def test_a_portal_that_dies_with_its_dialog_is_not_waited_for(portal: FakePortal) -> None:
    portal.answer = lambda wanted: None
    async with hotkeys(Keys(), idle_s=0.02) as port, asyncio.TaskGroup() as tasks:
        binding = tasks.create_task(port.bind(TALK))
        await portal.until(lambda: portal.wanted != [])
        await portal.leave()
        assert await binding == gone(TALK, HotkeyProblem.UNAVAILABLE)


async def test_a_bus_that_ends_lets_the_key_up_and_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = psutil.Process().num_fds()
    keys = Keys()
    with ExitStack() as running_bus:
        bus = running_bus.enter_context(private_bus(tmp_path, keyring=False))
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        async with hotkeys(keys) as port:
            async with fake_portal(bus.address) as portal:
                await port.bind(TALK)
                await portal.key("talk", down=True)
                await keys.are(TALK_DOWN)
                portal.stop()
                running_bus.close()
            await keys.are(TALK_DOWN, TALK_UP)
            await until(lambda: port.bindings == gone(TALK, HotkeyProblem.UNAVAILABLE))
            assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)
    assert psutil.Process().num_fds() == files


async def test_a_session_that_the_portal_closes_lets_the_key_up(portal: FakePortal) -> None:
    keys = Keys()
    async with hotkeys(keys) as port:
        await port.bind(TALK)
        await portal.key("talk", down=True)
        await portal.signal(SESSION, "Closed", "a{sv}", ({},), path=f"{PATH}/session/of/another")
        await portal.key("talk", down=False)
        await portal.key("talk", down=True)
        await portal.signal(SESSION, "Closed", "a{sv}", ({},), path=portal.session)
        await keys.are(TALK_DOWN, TALK_UP, TALK_DOWN, TALK_UP)
        await until(lambda: port.bindings == gone(TALK, HotkeyProblem.UNAVAILABLE))
        assert (await port.bind(TALK))["talk"].problem is None
        assert len(portal.wanted) == 2


async def test_a_stranger_presses_no_key_and_answers_no_dialog(portal: FakePortal, address: str) -> None:
    portal.answer = lambda wanted: None
    keys = Keys()
    async with hotkeys(keys) as port, asyncio.TaskGroup() as tasks:
        binding = tasks.create_task(port.bind(TALK))
        await portal.until(lambda: portal.wanted != [])
        with closing(open_dbus_connection(address)) as stranger:
            pressed: tuple[Any, ...] = (portal.session, "talk", 5, {})
            stranger.send(signal_to(portal.client, SHORTCUTS, "Activated", "osta{sv}", pressed))
            stranger.send(signal_to(portal.client, SESSION, "Closed", "a{sv}", ({},), path=portal.session))
            stranger.send(signal_to(portal.client, REQUEST, "Response", "ua{sv}", (1, {}), path=portal.requests[-1]))
            Proxy(message_bus, stranger).GetId()  # the bus has handed them all on
        await portal.respond(granted({"talk": "Super+T"}))
        assert await binding == {"talk": Binding(key="Super+T")}
        await portal.key("talk", down=True)
        await keys.are(TALK_DOWN)


async def test_another_session_and_another_shortcut_are_not_ours(portal: FakePortal) -> None:
    keys = Keys()
    async with hotkeys(keys) as port:
        await port.bind(TALK)
        await portal.key("talk", down=True, session=f"{PATH}/session/of/another")
        await portal.key("quick_ask", down=True)
        changed = shortcuts({"talk": "Super+F9"})
        another = f"{PATH}/session/of/another"
        await portal.signal(SHORTCUTS, "ShortcutsChanged", "oa(sa{sv})", (another, changed))
        await portal.key("talk", down=True)
        await keys.are(TALK_DOWN)
        assert port.bindings == {"talk": Binding(key="Press CTRL+ALT+space")}


GARBAGE: Sequence[tuple[str, str, tuple[Any, ...]]] = [
    ("Activated", "", ()),
    ("Activated", "s", ("talk",)),
    ("Activated", "us", (1, "talk")),
    ("Activated", "{session}", ("talk", "soon", {})),
    ("Activated", "{session}", (7, 7, {})),
    ("Deactivated", "", ()),
    ("ShortcutsChanged", "", ()),
    ("ShortcutsChanged", "{session}", (7,)),
    ("ShortcutsChanged", "{session}", ([("talk", "Super+T"), ("talk", {}, "and more")],)),
    ("Exploded", "s", ("talk",)),
]


def _typed(signature: str, session: str, body: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """Put the session in front, and variants behind."""
    if signature != "{session}":
        return signature, body
    kinds = {str: "s", int: "t", dict: "a{sv}"}
    rest = [("a(ss)", [part[:2] for part in value if isinstance(part[1], str)]) if isinstance(value, list) else
            (kinds[type(value)], value) for value in body]  # fmt: skip
    return "o" + "".join(kind for kind, _ in rest), (session, *(value for _, value in rest))


async def test_garbage_is_no_news(portal: FakePortal) -> None:
    keys = Keys()
    async with hotkeys(keys) as port:
        await port.bind(TALK)
        for member, kind, what in GARBAGE:
            signature, body = _typed(kind, portal.session, what)
            await portal.signal(SHORTCUTS, member, signature, body)
        await portal.signal(SESSION, "Closed", "", (), path=f"{PATH}/session/x")
        await portal.signal(REQUEST, "Response", "s", ("no",), path=f"{PATH}/request/x")
        await portal.signal(REQUEST, "Response", "s", ("no",), path="/")
        await portal.key("talk", down=True)
        await keys.are(TALK_DOWN)
        assert port.bindings == {"talk": Binding(key="Press CTRL+ALT+space")}


async def test_an_answer_that_is_no_answer_ends_the_wait(portal: FakePortal) -> None:
    portal.answer = lambda wanted: None
    async with hotkeys(Keys()) as port, asyncio.TaskGroup() as tasks:
        binding = tasks.create_task(port.bind(TALK))
        await portal.until(lambda: portal.wanted != [])
        await portal.signal(REQUEST, "Response", "s", ("done",), path=portal.requests[-1])
        assert await binding == gone(TALK, HotkeyProblem.UNAVAILABLE)


async def test_another_wish_makes_a_new_session_and_closes_the_old_one(portal: FakePortal) -> None:
    keys = Keys()
    async with hotkeys(keys) as port:
        await port.bind(TALK)
        old, client = portal.session, portal.client
        await portal.key("talk", down=True)
        await keys.are(TALK_DOWN)
        assert len(await port.bind(BOTH)) == 2
        await keys.are(TALK_DOWN, TALK_UP)
        assert portal.called("Close") == [old]
        assert portal.session != old
        assert portal.client != client
        assert len(portal.called("Register")) == 2  # once for each connection
        await portal.key("talk", down=True, session=old)
        await portal.key("quick_ask", down=True)
        await keys.are(TALK_DOWN, TALK_UP, ASK_DOWN)


async def test_off_means_free(portal: FakePortal) -> None:
    async with hotkeys(Keys()) as port:
        await port.bind(TALK)
        assert await port.bind({}) == {}
        assert portal.called("Close") == [portal.session]
        assert port.bindings == {}
        assert await port.bind({}) == {}


async def test_closing_takes_the_dialog_away_and_ends_the_wait(portal: FakePortal) -> None:
    portal.answer = lambda wanted: None
    async with hotkeys(Keys()) as port, asyncio.TaskGroup() as tasks:
        binding = tasks.create_task(port.bind(TALK))
        await portal.until(lambda: portal.wanted != [])
        await port.close()
        assert await binding == gone(TALK, HotkeyProblem.UNAVAILABLE)
        assert portal.called("Close") == [portal.requests[-1], portal.session]
        await port.close()
        assert await port.bind(TALK) == gone(TALK, HotkeyProblem.UNAVAILABLE)
        assert len(portal.wanted) == 1


async def test_of_several_wishes_the_last_one_counts(portal: FakePortal) -> None:
    answers: list[Answer | None] = [None, granted({"talk": "Super+T", "quick_ask": "Super+A"})]

    def answer(wanted: Wanted) -> Answer | None:
        return answers.pop(0)

    portal.answer = answer
    async with hotkeys(Keys()) as port, asyncio.TaskGroup() as tasks:
        first = tasks.create_task(port.bind(TALK))
        await portal.until(lambda: portal.wanted != [])
        second = tasks.create_task(port.bind({"talk": combo("F9")}))
        third = tasks.create_task(port.bind(BOTH))
        assert await third == {"talk": Binding(key="Super+T"), "quick_ask": Binding(key="Super+A")}
        assert await first == gone(TALK, HotkeyProblem.UNAVAILABLE)
        assert (await second)["talk"].problem is HotkeyProblem.UNAVAILABLE
        assert len(portal.wanted) == 2


async def test_a_wish_that_is_replaced_before_it_began_is_answered(portal: FakePortal) -> None:
    async with hotkeys(Keys()) as port:
        first, second = await asyncio.gather(port.bind(TALK), port.bind(BOTH))
        assert first == gone(TALK, HotkeyProblem.UNAVAILABLE)
        assert len(second) == 2
        assert all(binding.problem is None for binding in second.values())
        again = await asyncio.gather(port.bind(TALK), port.bind(BOTH))  # back before the session has said goodbye
        assert again[0] == first
        assert again[1] == second


async def test_a_cancelled_caller_takes_the_dialog_away(portal: FakePortal) -> None:
    portal.answer = lambda wanted: None
    async with hotkeys(Keys()) as port:
        binding = asyncio.get_running_loop().create_task(port.bind(TALK))
        await portal.until(lambda: portal.wanted != [])
        binding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await binding
        await portal.until(lambda: len(portal.called("Close")) == 2)


@pytest.mark.parametrize(
    ("down_ms", "up_ms", "since_s"),
    [
        (1_000, 1_350, 0.35),
        (0, 350, None),
        (1_000, 0, None),
        (1_000, 1_000, None),
        (4_294_967_290, 340, None),  # 32 bits have come round
        (1_000_000, 901_000_000, None),  # microseconds
    ],
)
async def test_the_time_between_two_events_is_the_input_systems(
    portal: FakePortal, down_ms: int, up_ms: int, since_s: float | None
) -> None:
    keys = Keys()
    async with hotkeys(keys) as port:
        await port.bind(TALK)
        await portal.key("talk", down=True, at_ms=down_ms)
        await portal.key("talk", down=False, at_ms=up_ms)
        await keys.are(TALK_DOWN, HotkeyChanged(name="talk", down=False, since_s=since_s))
