"""The keys of X11 on a private screen, pressed by xdotool and the server's own test extension."""

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
from tests.support.x11_keys import (
    ALT,
    ALT_L,
    CAPS_LOCK,
    CONTROL,
    CTRL_L,
    F8,
    F9,
    LIMIT_S,
    NUM_LOCK,
    SPACE,
    TALK_KEYS,
    A,
    Keys,
    Person,
    pairs,
)  # fmt: skip


def assert_lasted(release: HotkeyChanged, least_s: float, began_s: float) -> None:
    """It was down for at least so long, and not longer than the time since before the press."""
    passed_s = asyncio.get_running_loop().time() - began_s
    assert release.since_s is not None
    assert least_s - 0.02 <= release.since_s <= passed_s + 0.02


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as screen:
        yield screen


@pytest.fixture
def person(screen: Screen) -> Iterator[Person]:
    person = Person(screen.display)
    yield person
    person.close()


@pytest.fixture
async def keys(screen: Screen) -> AsyncIterator[Keys]:
    keys = Keys(screen.display)
    yield keys
    await keys.port.close()


async def test_a_hold_is_one_pair_and_types_nothing_in_the_program_in_front(
    screen: Screen, person: Person, keys: Keys
) -> None:
    assert (keys.port.backend, keys.port.release_events) == ("x11", True)
    assert await keys.bind(talk="Ctrl+Alt+Space") == {"talk": None}
    hands = Hands(screen.environment)
    began_s = asyncio.get_running_loop().time()
    await asyncio.to_thread(hands.down)
    await keys.until(1)
    await asyncio.sleep(1.2)  # the hold itself: repeats begin after 0.66 s
    await asyncio.to_thread(hands.up)
    await keys.until(2)
    assert await keys.settled() == pairs(1)
    assert keys.told[0].since_s is None
    assert_lasted(keys.told[1], 1.2, began_s)
    assert set(person.typed()) <= {CTRL_L, ALT_L}


async def test_a_hold_that_a_stalled_loop_finds_later_is_one_pair_with_its_own_time(person: Person, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space")
    began_s = asyncio.get_running_loop().time()
    person.tap(*TALK_KEYS, held_ms=1200)  # this thread waits meanwhile
    await keys.until(2)
    assert await keys.settled() == pairs(1)
    assert_lasted(keys.told[1], 1.2, began_s)
    assert set(person.typed()) <= {CTRL_L, ALT_L}


async def test_a_tap_is_one_pair(screen: Screen, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space", quick_ask="Ctrl+Alt+A")
    await asyncio.to_thread(Hands(screen.environment).tap)
    await keys.until(2)
    assert await keys.settled() == pairs(1)


async def test_modifiers_that_come_up_first_end_nothing_and_begin_nothing(person: Person, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space")
    for count in (1, 2):
        began_s = asyncio.get_running_loop().time()
        person.down(*TALK_KEYS)
        await asyncio.to_thread(person.up, ALT_L, CTRL_L, after_ms=800)
        await asyncio.to_thread(person.up, SPACE, after_ms=300)
        await keys.until(2 * count)
        assert await keys.settled() == pairs(count)
        assert_lasted(keys.told[-1], 1.1, began_s)
    assert set(person.typed()) <= {CTRL_L, ALT_L}


@pytest.mark.parametrize("locks", [(NUM_LOCK,), (CAPS_LOCK,), (NUM_LOCK, CAPS_LOCK)])
async def test_locks_do_not_matter(person: Person, keys: Keys, locks: tuple[int, ...]) -> None:
    await keys.bind(talk="Ctrl+Alt+Space")
    for lock in locks:
        person.tap(lock)
    try:
        person.tap(*TALK_KEYS)
        await keys.until(2)
        assert await keys.settled() == pairs(1)
    finally:
        for lock in locks:
            person.tap(lock)


async def test_other_modifiers_make_another_key(person: Person, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space")
    person.tap(CTRL_L, SPACE)
    assert await keys.settled() == []
    assert SPACE in person.typed()


async def test_twenty_fast_taps_are_twenty_pairs(person: Person, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space")
    person.down(CTRL_L, ALT_L)
    for _ in range(20):
        await asyncio.to_thread(person.tap, SPACE, held_ms=15)
    person.up(ALT_L, CTRL_L)
    await keys.until(40)
    assert await keys.settled() == pairs(20)


async def test_two_keys_have_their_own_names(person: Person, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space", quick_ask="Ctrl+Alt+A")
    person.tap(CTRL_L, ALT_L, A)
    person.tap(*TALK_KEYS)
    await keys.until(4)
    assert await keys.settled() == [*pairs(1, "quick_ask"), *pairs(1)]


async def test_a_key_that_another_program_has_is_taken_and_left_whole(person: Person, keys: Keys) -> None:
    assert person.grab(SPACE, CONTROL | ALT | X.LockMask)  # one of the combinations is enough
    assert await keys.bind(talk="Ctrl+Alt+Space", quick_ask="Ctrl+Alt+A") == {
        "talk": HotkeyProblem.TAKEN,
        "quick_ask": None,
    }
    assert person.grab(SPACE, CONTROL | ALT)  # nothing of it is ours
    assert not person.grab(A, CONTROL | ALT)
    person.ungrab(SPACE, CONTROL | ALT)
    person.ungrab(SPACE, CONTROL | ALT | X.LockMask)
    assert await keys.bind(talk="Ctrl+Alt+Space", quick_ask="Ctrl+Alt+A") == {"talk": None, "quick_ask": None}


async def test_off_means_free(person: Person, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space", quick_ask="Ctrl+Alt+A")
    assert not person.grab(SPACE, CONTROL | ALT)
    await keys.bind(quick_ask="Ctrl+Alt+A")
    assert person.grab(SPACE, CONTROL | ALT)
    await keys.bind()
    assert person.grab(A, CONTROL | ALT)
    await keys.port.close()
    await keys.port.close()


async def test_another_key_can_be_bound(person: Person, keys: Keys) -> None:
    await keys.bind(talk="Ctrl+Alt+Space")
    assert await keys.bind(talk="F9") == {"talk": None}
    assert person.grab(SPACE, CONTROL | ALT)
    person.tap(F9)
    await keys.until(2)
    assert await keys.settled() == pairs(1)


async def test_two_names_for_one_key_are_one_too_many(keys: Keys) -> None:
    assert await keys.bind(talk="F9", quick_ask="F9") == {"talk": None, "quick_ask": HotkeyProblem.TAKEN}


async def test_an_unknown_key_is_said_to_be_unknown(keys: Keys) -> None:
    assert await keys.bind(talk="Ctrl+Nonsense", quick_ask="F9") == {
        "talk": HotkeyProblem.UNKNOWN_KEY,
        "quick_ask": None,
    }


@pytest.mark.parametrize("ended", ["bind", "close"])
async def test_a_key_that_is_let_go_while_down_is_told_as_up_once(person: Person, keys: Keys, ended: str) -> None:
    await keys.bind(talk="F9", quick_ask="F8")
    person.down(F9)
    await keys.until(1)
    await (keys.bind(quick_ask="F8") if ended == "bind" else keys.port.close())
    assert keys.told[1:] == [HotkeyChanged(name="talk", down=False)]
    person.up(F9)
    assert await keys.settled() == pairs(1)


async def test_a_key_that_is_down_when_it_is_bound_counts_from_its_next_press(person: Person, keys: Keys) -> None:
    person.down(F9)
    await keys.bind(talk="F9")
    await asyncio.to_thread(person.up, F9, after_ms=900)  # it has repeated meanwhile
    assert await keys.settled() == []
    person.tap(F9)
    await keys.until(2)
    assert await keys.settled() == pairs(1)


async def test_keys_follow_the_keyboard(person: Person, keys: Keys) -> None:
    assert await keys.bind(talk="F9") == {"talk": None}
    f8, f9 = person.code(F8), person.code(F9)
    person.remap((f8, F9), (f9, F8))
    try:
        async with asyncio.timeout(LIMIT_S):
            while not keys.told:
                await asyncio.to_thread(person.tap, F8)  # by its old name: the key that is F9 now
        await keys.until(2)
        before = len(await keys.settled())
        person.tap(F9)
        assert len(await keys.settled()) == before
    finally:
        person.remap((f8, F8), (f9, F9))
