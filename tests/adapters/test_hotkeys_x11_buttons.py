"""Mouse buttons and pedals of X11 on a private screen, pressed by xdotool."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

if sys.platform != "linux":
    pytest.skip("X11 is Linux's", allow_module_level=True)

from Xlib import X

from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyProblem
from tests.support.hands import Hands
from tests.support.screen import Screen
from tests.support.x11_keys import CONTROL, Keys, Person, pairs

BACK, FORWARD, MIDDLE, LEFT = 8, 9, 2, 1  # as X11 numbers them
F13_CODE = "191"  # a keycode; xdotool takes it for one


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as screen:
        yield screen


@pytest.fixture
def hands(screen: Screen) -> Hands:
    return Hands(screen.environment)


@pytest.fixture
def person(screen: Screen, hands: Hands) -> Iterator[Person]:
    person = Person(screen.display)
    hands.move((50, 50))  # over the program in front
    yield person
    person.close()


@pytest.fixture
async def keys(screen: Screen) -> AsyncIterator[Keys]:
    keys = Keys(screen.display)
    yield keys
    await keys.port.close()


async def test_a_side_button_is_one_pair_and_the_program_under_it_gets_nothing(
    person: Person, hands: Hands, keys: Keys
) -> None:
    assert await keys.bind(talk="Mouse4") == {"talk": None}
    began_s = asyncio.get_running_loop().time()
    await asyncio.to_thread(hands.press_button, BACK)
    await keys.until(1)
    await asyncio.sleep(0.4)  # the hold itself, longer than two looks at the keyboard
    assert len(keys.told) == 1
    await asyncio.to_thread(hands.release_button, BACK)
    await keys.until(2)
    assert await keys.settled() == pairs(1)
    since_s = keys.told[1].since_s
    assert since_s is not None
    assert 0.38 <= since_s <= asyncio.get_running_loop().time() - began_s + 0.02
    assert person.clicked() == []


async def test_other_buttons_and_other_modifiers_are_the_programs(person: Person, hands: Hands, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Mouse4")
    for button in (BACK, FORWARD, LEFT):
        await asyncio.to_thread(hands.press_button, button)
        await asyncio.to_thread(hands.release_button, button)
    assert await keys.settled() == []
    assert person.clicked() == [BACK, FORWARD, LEFT]
    with hands.holding(("ctrl",)):
        await asyncio.to_thread(hands.press_button, BACK)
        await asyncio.to_thread(hands.release_button, BACK)
    await keys.until(2)
    assert await keys.settled() == pairs(1)
    assert person.clicked() == []


async def test_a_middle_click_with_a_modifier(person: Person, hands: Hands, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Mouse3")
    with hands.holding(("ctrl",)):
        await asyncio.to_thread(hands.press_button, MIDDLE)
    await asyncio.to_thread(hands.release_button, MIDDLE)  # after the modifier
    await keys.until(2)
    assert await keys.settled() == pairs(1)


async def test_locks_do_not_matter_to_buttons(person: Person, hands: Hands, keys: Keys) -> None:
    await keys.bind(talk="Mouse5")
    hands.key("Num_Lock")
    try:
        await asyncio.to_thread(hands.press_button, FORWARD)
        await asyncio.to_thread(hands.release_button, FORWARD)
        await keys.until(2)
        assert await keys.settled() == pairs(1)
    finally:
        hands.key("Num_Lock")


async def test_a_button_that_another_program_has_is_taken_and_off_means_free(person: Person, keys: Keys) -> None:
    assert person.grab_button(BACK, CONTROL | X.LockMask)
    assert await keys.bind(talk="Ctrl+Mouse4") == {"talk": HotkeyProblem.TAKEN}
    person.ungrab_button(BACK, CONTROL | X.LockMask)
    assert await keys.bind(talk="Ctrl+Mouse4") == {"talk": None}
    assert not person.grab_button(BACK, CONTROL)
    await keys.bind()
    assert person.grab_button(BACK, CONTROL)
    person.ungrab_button(BACK, CONTROL)


async def test_a_button_that_is_let_go_while_down_is_told_as_up_once(person: Person, hands: Hands, keys: Keys) -> None:
    await keys.bind(talk="Mouse4")
    await asyncio.to_thread(hands.press_button, BACK)
    await keys.until(1)
    await keys.bind(talk="F9")
    assert keys.told[1:] == [HotkeyChanged(name="talk", down=False)]
    await asyncio.to_thread(hands.release_button, BACK)
    assert await keys.settled() == pairs(1)


async def test_a_pedal_talks(person: Person, hands: Hands, keys: Keys) -> None:
    assert await keys.bind(talk="F13") == {"talk": None}
    await asyncio.to_thread(hands.key, F13_CODE)
    await keys.until(2)
    assert await keys.settled() == pairs(1)
