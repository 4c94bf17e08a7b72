"""The keys of X11 on a display that is not there, dies, or says nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

if sys.platform != "linux":
    pytest.skip("X11 is Linux's", allow_module_level=True)

from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyProblem
from tests.support.screen import Screen
from tests.support.x11_keys import F9, LIMIT_S, Keys, Person, Way, pairs


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with Screen() as screen:
        yield screen


@pytest.fixture
def person(screen: Screen) -> Iterator[Person]:
    person = Person(screen.display)
    yield person
    person.close()


# python-xlib leaves a socket that cannot connect to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_no_display_is_no_way_to_have_keys() -> None:
    for name in (":59999", "nonsense", ""):
        keys = Keys(name)
        assert await keys.bind(talk="F9") == {"talk": HotkeyProblem.UNAVAILABLE}
        await keys.port.close()


@pytest.fixture
async def way(screen: Screen) -> AsyncIterator[Way]:
    way = Way(screen)
    async with way.serving():
        yield way


async def test_a_display_that_dies_lets_go_and_is_opened_again(way: Way, person: Person) -> None:
    keys = Keys(way.display)
    assert await keys.bind(talk="F9") == {"talk": None}
    person.down(F9)
    await keys.until(1)
    way.cut()
    await keys.until(2)
    person.up(F9)
    assert keys.told[1] == HotkeyChanged(name="talk", down=False)
    assert await keys.bind(talk="F9") == {"talk": None}
    person.tap(F9)
    await keys.until(4)
    assert await keys.settled() == pairs(2)
    await keys.port.close()


async def test_a_display_that_stays_silent_does_not_hang(way: Way, person: Person) -> None:
    keys = Keys(way.display, limit_s=0.3)
    way.block()
    assert await keys.bind(talk="F9") == {"talk": HotkeyProblem.UNAVAILABLE}
    way.clear()
    async with asyncio.timeout(LIMIT_S):  # it is still being opened, and can be used when it is there
        while await keys.bind(talk="F9") != {"talk": None}:
            pass
    person.down(F9)
    await keys.until(1)
    way.block()
    assert await keys.bind(talk="F8") == {"talk": HotkeyProblem.UNAVAILABLE}
    assert keys.told[1:] == [HotkeyChanged(name="talk", down=False)]
    person.up(F9)
    await keys.port.close()
    assert await keys.bind(talk="F8") == {"talk": HotkeyProblem.UNAVAILABLE}
    await keys.port.close()
    way.clear()


async def test_a_bind_that_is_given_up_leaves_a_port_that_works(way: Way, person: Person) -> None:
    keys = Keys(way.display)
    await keys.bind(talk="F9")
    person.down(F9)
    await keys.until(1)
    way.block()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(keys.bind(talk="F8"), 0.1)
    assert keys.told[1:] == [HotkeyChanged(name="talk", down=False)]
    person.up(F9)
    way.clear()
    assert await keys.bind(talk="F9") == {"talk": None}
    await keys.port.close()
