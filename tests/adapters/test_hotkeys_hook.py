"""The keys of Windows and macOS, over a hook that is played: what is told, what is swallowed, when it is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from mka1_desktop.adapters.hook_macos import MacFrameworks, MacHook
from mka1_desktop.adapters.hook_windows import LLKHF_EXTENDED, WindowsHook, load_windows
from mka1_desktop.adapters.hotkeys_hook import HookHotkeys
from mka1_desktop.adapters.key_hook import HookMissing
from mka1_desktop.domain.combos import Combo, parse_combo
from mka1_desktop.ports.hotkeys import Binding, HotkeyChanged, HotkeyName, HotkeyProblem
from tests.fakes.fake_hooks import PlayedKeyboard, PlayedMac, PlayedWindows

LIMIT_S = 20.0
HELD = ("LeftCtrl", "LeftAlt")


def combo(text: str) -> Combo:
    found = parse_combo(text)
    assert found is not None
    return found


async def no_thread() -> None:
    """Return once no thread of a hook is left."""
    for thread in threading.enumerate():
        if thread.name == "hotkeys":
            await asyncio.to_thread(thread.join, LIMIT_S)
            assert not thread.is_alive()


class Desk:
    """One port, what it told, and the keyboard under it."""

    def __init__(self, keyboard: PlayedKeyboard) -> None:
        self.keyboard = keyboard
        self.told: list[HotkeyChanged] = []
        self.heard = asyncio.Event()
        self.port = HookHotkeys(
            backend="windows" if isinstance(keyboard, PlayedWindows) else "macos",
            emit=self._emit, load=keyboard.load, clock=keyboard.clock,
        )  # fmt: skip

    def _emit(self, change: HotkeyChanged) -> None:
        assert threading.current_thread() is threading.main_thread()
        self.told.append(change)
        self.heard.set()

    async def bind(self, **wanted: str) -> dict[HotkeyName, Binding]:
        combos: dict[HotkeyName, Combo] = {name: combo(text) for name, text in wanted.items()}  # type: ignore[misc]
        return dict(await self.port.bind(combos))

    async def until(self, count: int) -> list[tuple[str, bool]]:
        async with asyncio.timeout(LIMIT_S):
            while len(self.told) < count:
                self.heard.clear()
                await self.heard.wait()
        await asyncio.sleep(0)
        return [(change.name, change.down) for change in self.told]

    def hold_modifiers(self, down: bool = True) -> None:
        for name in HELD:
            assert self.keyboard.key(name, down) is False


@pytest.fixture(params=[PlayedWindows, PlayedMac], ids=["windows", "macos"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    desk = Desk(request.param())
    yield desk
    await desk.port.close()
    assert desk.keyboard.listening == 0


@pytest.fixture
async def windows() -> AsyncIterator[tuple[Desk, PlayedWindows]]:
    keyboard = PlayedWindows()
    desk = Desk(keyboard)
    yield desk, keyboard
    await desk.port.close()


@pytest.fixture
async def mac() -> AsyncIterator[tuple[Desk, PlayedMac]]:
    keyboard = PlayedMac()
    desk = Desk(keyboard)
    yield desk, keyboard
    await desk.port.close()
    assert keyboard.live == set()
    assert not keyboard.enabled


async def test_a_hold_is_told_once_and_the_program_in_front_sees_only_the_modifiers(desk: Desk) -> None:
    answers = await desk.bind(talk="Ctrl+Alt+Space", quick_ask="Ctrl+Alt+A")
    assert [answer.problem for answer in answers.values()] == [None, None]
    assert desk.port.release_events
    desk.hold_modifiers()
    for _ in range(5):
        assert desk.keyboard.key("Space", True) is True
    assert desk.keyboard.key("Space", False) is True
    assert desk.keyboard.key("B", True) is False
    assert desk.keyboard.key("B", False) is False
    desk.hold_modifiers(False)
    assert desk.keyboard.key("Space", True) is False
    assert desk.keyboard.key("Space", False) is False
    assert await desk.until(2) == [("talk", True), ("talk", False)]


async def test_nothing_listens_before_a_key_is_wanted_and_after_none_is(desk: Desk) -> None:
    assert desk.keyboard.started == 0
    assert await desk.bind() == {}
    assert desk.keyboard.started == 0
    await desk.bind(talk="F9")
    await desk.bind(talk="F10")
    assert (desk.keyboard.started, desk.keyboard.listening) == (1, 1)
    await desk.bind()
    assert desk.keyboard.listening == 0
    await desk.bind(talk="F9")
    assert (desk.keyboard.started, desk.keyboard.listening) == (2, 1)
    await desk.port.close()
    await desk.port.close()
    assert desk.keyboard.listening == 0


async def test_a_key_that_is_down_is_told_as_up_once_when_all_is_let_go(desk: Desk) -> None:
    await desk.bind(talk="F9")
    desk.keyboard.key("F9", True)
    await desk.port.close()  # the press itself may still be on its way to the loop
    assert await desk.until(2) == [("talk", True), ("talk", False)]
    assert desk.told[1].since_s is None


async def test_another_key_for_the_same_name(desk: Desk) -> None:
    await desk.bind(talk="F9", quick_ask="F10")
    desk.keyboard.key("F9", True)
    desk.keyboard.key("F10", True)
    await desk.bind(talk="F8", quick_ask="F10")
    assert await desk.until(3) == [("talk", True), ("quick_ask", True), ("talk", False)]
    assert desk.keyboard.key("F9", False) is True  # its press was swallowed
    assert desk.keyboard.key("F10", False) is True
    assert desk.keyboard.key("F9", True) is False
    assert desk.keyboard.key("F8", True) is True
    assert (await desk.until(5))[3:] == [("quick_ask", False), ("talk", True)]


async def test_a_modifier_that_comes_up_first_ends_the_hold(desk: Desk) -> None:
    await desk.bind(talk="Ctrl+Alt+Space")
    desk.hold_modifiers()
    desk.keyboard.key("Space", True)
    desk.keyboard.key("LeftAlt", False)
    assert await desk.until(2) == [("talk", True), ("talk", False)]
    assert desk.keyboard.key("Space", True) is True
    assert desk.keyboard.key("Space", False) is True


async def test_the_time_between_is_that_of_the_events(desk: Desk) -> None:
    await desk.bind(talk="F9")
    for down in (True, False, True):
        desk.keyboard.key("F9", down)
        desk.keyboard.passes(0.25)
    await desk.until(3)
    assert [change.since_s for change in desk.told] == [None, pytest.approx(0.25), pytest.approx(0.25)]


async def test_modifiers_that_came_up_unseen_do_not_make_every_space_ours(desk: Desk) -> None:
    await desk.bind(talk="Ctrl+Alt+Space")
    desk.hold_modifiers()
    desk.keyboard.lose_modifiers()
    assert desk.keyboard.key("Space", True) is False
    assert desk.keyboard.key("Space", False) is False
    assert desk.told == []


async def test_a_hook_that_dies_lets_the_key_go_and_the_next_wish_starts_another(desk: Desk) -> None:
    await desk.bind(talk="F9")
    desk.keyboard.key("F9", True)
    desk.keyboard.die()
    assert await desk.until(2) == [("talk", True), ("talk", False)]
    answers = await desk.bind(talk="F9")
    assert answers["talk"].problem is None
    assert (desk.keyboard.started, desk.keyboard.listening) == (2, 1)
    desk.keyboard.key("F9", True)
    assert (await desk.until(3))[2] == ("talk", True)


async def test_unknown_keys_and_the_same_key_twice(desk: Desk) -> None:
    answers = await desk.bind(talk="Ctrl+Ö", quick_ask="F35")
    assert {answer.problem for answer in answers.values()} == {HotkeyProblem.UNKNOWN_KEY}
    assert desk.keyboard.started == 0
    answers = await desk.bind(talk="Ctrl+Escape", quick_ask="Ctrl+Esc")
    assert [answer.problem for answer in answers.values()] == [None, HotkeyProblem.TAKEN]
    assert desk.keyboard.key("LeftCtrl", True) is False
    assert desk.keyboard.key("Esc", True) is True
    assert await desk.until(1) == [("talk", True)]


@pytest.mark.parametrize("why", [ImportError("pynput"), OSError("user32"), AttributeError("a function")])
async def test_without_the_libraries_it_is_unavailable(desk: Desk, why: Exception) -> None:
    if isinstance(desk.keyboard, PlayedMac) and isinstance(why, ImportError):
        why = OSError("no such framework")  # nothing is imported there
    desk.keyboard.gone = why
    answers = await desk.bind(talk="F9", quick_ask="Ctrl+Ö")
    assert [a.problem for a in answers.values()] == [HotkeyProblem.UNAVAILABLE, HotkeyProblem.UNKNOWN_KEY]
    assert desk.keyboard.listening == 0
    desk.keyboard.gone = None
    assert (await desk.bind(talk="F9"))["talk"].problem is None


async def test_a_wish_that_is_given_up_leaves_no_hook(desk: Desk) -> None:
    go = threading.Event()
    load = desk.keyboard.load

    def slow() -> object:
        assert go.wait(LIMIT_S)
        return load()

    desk.port = HookHotkeys(backend=desk.port.backend, emit=desk.told.append, load=slow, clock=desk.keyboard.clock)
    wish = asyncio.get_running_loop().create_task(desk.bind(talk="F9"))
    await asyncio.sleep(0)
    wish.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wish
    go.set()
    await no_thread()
    assert desk.keyboard.listening == 0
    assert (await desk.bind(talk="F9"))["talk"].problem is None
    assert desk.keyboard.key("F9", True) is True


async def test_a_mouse_button_is_told_and_the_program_under_it_does_not_see_it(desk: Desk) -> None:
    await desk.bind(talk="Mouse4", quick_ask="Ctrl+Alt+Mouse3")
    assert desk.keyboard.button(4, True) is True
    assert [desk.keyboard.button(number, down) for number in (1, 2, 3, 5) for down in (True, False)] == [False] * 8
    desk.keyboard.passes(4.0)  # longer than any key goes without a repeat
    assert desk.keyboard.button(4, False) is True
    desk.hold_modifiers()
    assert desk.keyboard.button(3, True) is True
    desk.hold_modifiers(False)
    assert desk.keyboard.button(3, False) is True
    assert await desk.until(4) == [("talk", True), ("talk", False), ("quick_ask", True), ("quick_ask", False)]
    assert desk.told[1].since_s == pytest.approx(4.0)


async def test_the_mouse_is_listened_to_only_while_a_button_is_wanted(desk: Desk) -> None:
    hooks = 2 if isinstance(desk.keyboard, PlayedWindows) else 1
    await desk.bind(talk="F9")
    assert desk.keyboard.listening == 1
    desk.keyboard.key("F9", True)
    await desk.bind(talk="F9", quick_ask="Mouse5")
    assert desk.keyboard.listening == hooks
    assert await desk.until(2) == [("talk", True), ("talk", False)], "another hook: what was down is told as up"
    assert desk.keyboard.button(5, True) is True
    await desk.bind(talk="F9")
    assert desk.keyboard.listening == 1
    await desk.port.close()
    assert desk.keyboard.listening == 0


# --- Windows ------------------------------------------------------------------------------------------------------


async def test_a_key_that_another_program_registered_is_taken(windows: tuple[Desk, PlayedWindows]) -> None:
    desk, keyboard = windows
    keyboard.taken.add((0x2 | 0x1, 0x20))
    answers = await desk.bind(talk="Ctrl+Alt+Space")
    assert answers["talk"] == Binding(key="Ctrl+Alt+Space", problem=HotkeyProblem.TAKEN)
    assert keyboard.listening == 0
    answers = await desk.bind(talk="Ctrl+Alt+Space", quick_ask="Meta+F9")
    assert answers["quick_ask"] == Binding(key="Win+F9")
    assert keyboard.key("LeftMeta", True) is False
    assert keyboard.key("F9", True) is True


async def test_a_listener_that_does_not_start_is_unavailable(windows: tuple[Desk, PlayedWindows]) -> None:
    desk, keyboard = windows
    for why in (OSError("GetKeyboardLayout"), ValueError("pynput")):
        keyboard.fails = why
        assert (await desk.bind(talk="F9"))["talk"].problem is HotkeyProblem.UNAVAILABLE
    assert keyboard.started == 0


async def test_alt_gr_types_letters_and_is_not_ctrl_alt(windows: tuple[Desk, PlayedWindows]) -> None:
    desk, keyboard = windows
    await desk.bind(talk="Ctrl+Alt+A", quick_ask="Alt+A")
    keyboard.alt_gr(True)
    assert keyboard.key("A", True) is False
    assert keyboard.key("A", False) is False
    keyboard.alt_gr(False)
    keyboard.key("RightCtrl", True)
    keyboard.key("RightAlt", True)
    assert keyboard.key("A", True) is True
    assert await desk.until(1) == [("talk", True)]


async def test_moves_of_the_mouse_pass_and_a_mouse_hook_that_dies_ends_both(
    windows: tuple[Desk, PlayedWindows],
) -> None:
    desk, keyboard = windows
    await desk.bind(talk="Mouse4")
    assert keyboard.move() is False
    keyboard.button(4, True)

    def fail() -> None:
        raise OSError("the message loop")

    keyboard.mouse_hook.own.work.put(fail)
    assert await desk.until(2) == [("talk", True), ("talk", False)]
    assert (await desk.bind(talk="Mouse4"))["talk"].problem is None
    assert keyboard.button(4, True) is True


async def test_the_clock_of_windows_begins_anew_after_49_days(windows: tuple[Desk, PlayedWindows]) -> None:
    desk, keyboard = windows
    keyboard.ticks = (1 << 32) - 100
    await desk.bind(talk="F9")
    keyboard.key("F9", True)
    keyboard.passes(0.3)
    keyboard.key("F9", False)
    await desk.until(2)
    assert desk.told[1].since_s == pytest.approx(0.3)


async def test_enter_of_the_keypad_is_a_key_of_its_own(windows: tuple[Desk, PlayedWindows]) -> None:
    desk, keyboard = windows
    await desk.bind(talk="Enter")
    assert keyboard.key("Return", True) is False
    assert keyboard.key("Return", False) is False
    assert keyboard.key("Return", True, flags=LLKHF_EXTENDED) is True


# --- macOS --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allowed", ["nothing", "no tap"])
async def test_without_the_person_s_permission_it_is_not_granted(mac: tuple[Desk, PlayedMac], allowed: str) -> None:
    desk, keyboard = mac
    keyboard.trusted, keyboard.makes_taps = allowed == "no tap", False
    answers = await desk.bind(talk="Ctrl+Alt+Space")
    assert answers["talk"] == Binding(key="Command+Option+Space", problem=HotkeyProblem.NOT_GRANTED)
    assert keyboard.listening == 0
    await no_thread()


async def test_ctrl_is_the_command_key_and_meta_is_control(mac: tuple[Desk, PlayedMac]) -> None:
    desk, keyboard = mac
    assert (await desk.bind(talk="Meta+F9"))["talk"].key == "Control+F9"
    keyboard.flags = 0x100000 | 0x8  # Command
    assert keyboard.key("F9", True) is False
    assert keyboard.key("F9", False) is False
    keyboard.flags = 0x40000 | 0x1  # Control
    assert keyboard.key("F9", True) is True


@pytest.mark.parametrize("kind", [0xFFFFFFFE, 0xFFFFFFFF])
async def test_a_tap_that_macos_switched_off_is_switched_on_again(mac: tuple[Desk, PlayedMac], kind: int) -> None:
    desk, keyboard = mac
    await desk.bind(talk="F9")
    keyboard.key("F9", True)
    keyboard.enabled = False
    assert keyboard.event(kind, 0, None) is True  # there is no event to hand on
    assert await desk.until(2) == [("talk", True), ("talk", False)]
    assert keyboard.enabled
    assert keyboard.key("F9", False) is True
    assert keyboard.key("F9", True) is True
    assert (await desk.until(3))[2] == ("talk", True)


async def test_a_permission_that_is_taken_away_ends_the_hook(mac: tuple[Desk, PlayedMac]) -> None:
    desk, keyboard = mac
    await desk.bind(talk="F9")
    keyboard.key("F9", True)
    keyboard.trusted = False
    keyboard.event(0xFFFFFFFF, 0, None)
    assert await desk.until(2) == [("talk", True), ("talk", False)]
    assert (await desk.bind(talk="F9"))["talk"].problem is HotkeyProblem.NOT_GRANTED
    assert keyboard.listening == 0


async def test_an_event_that_cannot_be_read_reaches_the_program(mac: tuple[Desk, PlayedMac]) -> None:
    desk, keyboard = mac
    await desk.bind(talk="F9")
    keyboard.breaks = True
    assert keyboard.key("F9", True) is False
    keyboard.breaks = False
    assert keyboard.key("F9", True) is True


# --- here ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [lambda: WindowsHook(load_windows), lambda: MacHook(MacFrameworks, clock=lambda: 0.0)],
    ids=["windows", "macos"],
)
def test_on_another_system_there_is_no_hook(make: Callable[[], WindowsHook | MacHook]) -> None:
    with pytest.raises(HookMissing):
        make().run(None, lambda: None)  # type: ignore[arg-type]
