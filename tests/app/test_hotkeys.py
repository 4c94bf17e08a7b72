"""The talk key in every program follows the settings, and talks into the open thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest

from mka1_desktop.app.hotkeys import Hotkeys
from mka1_desktop.domain.errors import Code
from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyPort, HotkeyProblem
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_hotkeys import FakeHotkeys

KEY = "Ctrl+Alt+Space"


class Keys:
    """A running app, and the keys of its system."""

    def __init__(self, play: DeskPlay) -> None:
        self.play, self.desk = play, play.desk
        self.release_events = True
        self.problems: dict[str, HotkeyProblem] = {}
        self.opened: list[FakeHotkeys] = []
        self.seen = play.watch()
        self.hotkeys = Hotkeys(self.desk, open_port=self._open)
        self.desk.report.hotkey = self.hotkeys.report
        self.desk.on_setting = self.hotkeys.setting_changed

    async def _open(self, emit: Callable[[HotkeyChanged], None]) -> HotkeyPort:
        port = FakeHotkeys(emit, release_events=self.release_events)
        port.problems = self.problems
        self.opened.append(port)
        return port

    @property
    def port(self) -> FakeHotkeys:
        return self.opened[-1]

    async def set(self, key: str, value: str) -> None:
        self.desk.set_setting(key, value)
        await settle()

    async def press(self, *, down: bool, since_s: float | None = None) -> None:
        self.port.press(down=down, since_s=since_s)
        await settle()

    def bound(self) -> list[str]:
        return [str(combo) for combo in self.port.bound.values()]

    def sending(self) -> bool:
        return self.play.sound.sending


@pytest.fixture
async def keys() -> AsyncIterator[Keys]:
    async with DeskPlay() as play:
        keys = Keys(play)
        running = asyncio.get_running_loop().create_task(keys.hotkeys.run())
        await settle()
        yield keys
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert all(port.closed for port in keys.opened)


async def test_nothing_is_grabbed_or_loaded_before_it_is_switched_on(keys: Keys) -> None:
    assert keys.opened == []
    assert keys.hotkeys.report() == {
        "backend": "window", "key": KEY, "global": False, "release_events": True, "problem": None,
    }  # fmt: skip
    await keys.set("talk.key", "F9")
    assert keys.opened == []


async def test_on_means_bound_and_off_means_free(keys: Keys) -> None:
    await keys.set("talk.global", "on")
    assert keys.bound() == [KEY]
    assert keys.hotkeys.report() == {
        "backend": "x11", "key": KEY, "global": True, "release_events": True, "problem": None,
    }  # fmt: skip
    await keys.set("talk.key", "Meta+F9")
    assert keys.bound() == ["Meta+F9"]
    await keys.set("talk.global", "off")
    assert keys.bound() == []
    assert keys.hotkeys.report()["global"] is False
    assert len(keys.opened) == 1


async def test_it_talks_into_the_open_thread_while_it_is_down(keys: Keys) -> None:
    await keys.set("talk.global", "on")
    await keys.play.live()
    await keys.press(down=True)
    assert keys.sending()
    await keys.play.clock.advance(2.0)
    await keys.press(down=False, since_s=2.0)
    await keys.play.clock.advance(0.3)
    assert not keys.sending()


async def test_it_connects_where_no_session_is(keys: Keys) -> None:
    await keys.set("talk.global", "on")
    await keys.press(down=True)
    assert keys.desk.active


async def test_a_tap_is_told_by_the_clock_of_the_keyboard(keys: Keys) -> None:
    await keys.set("talk.global", "on")
    await keys.play.live()
    await keys.press(down=True)
    await keys.play.clock.advance(3.0)  # the app was busy
    await keys.press(down=False, since_s=0.1)
    assert keys.desk.talker.talk.latched


async def test_where_no_release_is_told_each_press_turns(keys: Keys) -> None:
    keys.release_events = False
    await keys.set("talk.global", "on")
    await keys.play.live()
    await keys.press(down=True)
    assert keys.sending()
    await keys.press(down=False)
    assert keys.sending()
    await keys.press(down=True)
    await keys.play.clock.advance(0.3)
    assert not keys.sending()


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (HotkeyProblem.TAKEN, Code.HOTKEY_TAKEN),
        (HotkeyProblem.UNKNOWN_KEY, Code.HOTKEY_UNKNOWN),
        (HotkeyProblem.NO_BUTTONS, Code.HOTKEY_NO_BUTTONS),
        (HotkeyProblem.NOT_GRANTED, Code.HOTKEY_NOT_GRANTED),
        (HotkeyProblem.UNAVAILABLE, Code.HOTKEY_UNAVAILABLE),
    ],
)
async def test_a_key_that_cannot_be_had_is_said(keys: Keys, problem: HotkeyProblem, code: Code) -> None:
    keys.problems[KEY] = problem
    await keys.set("talk.global", "on")
    assert [trouble.code for trouble in keys.seen.notices] == [code]
    report = keys.hotkeys.report()
    assert (report["backend"], report["global"], report["problem"]) == ("window", False, problem.value)
    await keys.set("talk.key", "F9")
    assert keys.bound() == ["F9"]
    assert keys.hotkeys.report()["problem"] is None


async def test_a_key_that_means_nothing_frees_the_one_before(keys: Keys) -> None:
    await keys.set("talk.global", "on")
    await keys.set("talk.key", "Ctrl+")
    assert keys.bound() == []
    assert keys.hotkeys.problem is HotkeyProblem.UNKNOWN_KEY


async def test_a_muted_microphone_stays_shut(keys: Keys) -> None:
    await keys.set("talk.global", "on")
    await keys.play.live()
    keys.desk.set_muted(True)
    await settle()
    await keys.press(down=True)
    assert not keys.sending()
    assert Code.MUTED in [trouble.code for trouble in keys.seen.notices]
