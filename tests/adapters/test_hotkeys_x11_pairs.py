from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.hotkeys_x11_keys import BUTTON, Grip
from mka1_desktop.adapters.hotkeys_x11_pairs import KeyPairs
from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyName

CTRL_ALT, NUM = 4 | 8, 1 << 4
TALK, ASK = Grip(65, CTRL_ALT, frozenset({2, NUM})), Grip(38, CTRL_ALT, frozenset({2, NUM}))


def up(name: HotkeyName = "talk", since_s: float | None = None) -> HotkeyChanged:
    return HotkeyChanged(name=name, down=False, since_s=since_s)


def down(name: HotkeyName = "talk", since_s: float | None = None) -> HotkeyChanged:
    return HotkeyChanged(name=name, down=True, since_s=since_s)


SIDE = BUTTON + 8


def keymap(*keycodes: int) -> list[int]:
    bits = [0] * 32
    for keycode in keycodes:
        if keycode < BUTTON:
            bits[keycode // 8] |= 1 << keycode % 8
    return bits


def pairs() -> KeyPairs:
    made = KeyPairs()
    assert made.set_grips({"talk": TALK, "quick_ask": ASK}) == []
    return made


def press(pairs: KeyPairs, keycode: int, at_ms: int, state: int = CTRL_ALT) -> list[HotkeyChanged]:
    return list(pairs.press(keycode, state, at_ms))


def test_a_release_counts_once_the_key_is_seen_up() -> None:
    key = pairs()
    assert press(key, 65, 1000) == [down()]
    key.release(65, 2200)
    assert key.unsure
    assert list(key.looked(keymap())) == [up(since_s=1.2)]
    assert not key.holding
    assert press(key, 65, 2700) == [down(since_s=0.5)]


def test_repeats_are_one_hold() -> None:
    key = pairs()
    press(key, 65, 1000)
    for at_ms in range(1600, 2000, 40):
        key.release(65, at_ms)
        assert press(key, 65, at_ms, 0) == []  # the modifiers have come up, too
        assert not key.unsure
    key.release(65, 2000)
    assert list(key.looked(keymap())) == [up(since_s=1.0)]


def test_a_release_whose_key_is_still_down_is_none() -> None:
    key = pairs()
    press(key, 65, 1000)
    key.release(65, 1500)
    assert list(key.looked(keymap(65))) == []
    assert key.holding
    assert not key.unsure
    assert list(key.looked(keymap())) == [up()]  # its end came without an event


def test_a_stalled_window_finds_every_tap() -> None:
    key = pairs()
    told = press(key, 65, 1000)
    key.release(65, 1100)
    told += press(key, 65, 1200)
    key.release(65, 1300)
    told += key.looked(keymap())
    assert told == [down(), up(since_s=0.1), down(since_s=0.1), up(since_s=0.1)]


def test_locks_mean_nothing_and_other_modifiers_do() -> None:
    for state in (CTRL_ALT | NUM, CTRL_ALT | 2, CTRL_ALT | 2 | NUM, CTRL_ALT | 1 << 8 | 1 << 13):
        assert press(pairs(), 65, 1000, state) == [down()]
    for state in (0, 4, CTRL_ALT | 1):
        assert press(pairs(), 65, 1000, state) == []


def button() -> KeyPairs:
    made = KeyPairs()
    made.set_grips({"talk": Grip(SIDE, 0, frozenset({2, NUM})), "quick_ask": ASK})
    return made


def test_a_button_comes_up_when_it_is_told() -> None:
    key = button()
    for at_ms, since_s in ((1000, None), (3000, 0.8)):
        assert press(key, SIDE, at_ms, NUM) == [down(since_s=since_s)]
        assert list(key.looked(keymap())) == [], "no look at the keyboard ends it"
        assert key.release(SIDE, at_ms + 1200) == [up(since_s=1.2)]
    assert key.release(SIDE, 9000) == []
    assert not key.holding


def test_a_button_whose_release_was_lost_ends_with_its_next_press() -> None:
    key = button()
    press(key, SIDE, 1000, 0)
    assert press(key, SIDE, 9000, 0) == [up(), down()]
    assert key.set_grips({"quick_ask": ASK}) == [up()]
    assert key.release(SIDE, 9500) == []


def test_two_keys_are_two_holds() -> None:
    key = pairs()
    told = press(key, 65, 1000) + press(key, 38, 1100)
    key.release(65, 1300)
    told += key.looked(keymap(38))
    key.release(38, 1400)
    told += key.looked(keymap())
    assert told == [down(), down("quick_ask"), up(since_s=0.3), up("quick_ask", since_s=0.3)]


def test_a_release_is_told_before_the_press_that_came_after_it() -> None:
    key = pairs()
    told = press(key, 38, 1000)
    key.release(38, 1100)
    told += press(key, 65, 1200)
    assert told == [down("quick_ask"), up("quick_ask", since_s=0.1), down()]


def test_a_held_key_that_is_no_longer_ours_is_told_as_up_once() -> None:
    key = pairs()
    press(key, 65, 1000)
    assert key.set_grips({"quick_ask": ASK}) == [up()]
    key.release(65, 1200)
    assert list(key.looked(keymap())) == []


def test_a_held_key_under_another_name_starts_with_its_next_press() -> None:
    key = pairs()
    press(key, 65, 1000)
    assert key.set_grips({"talk": ASK, "quick_ask": TALK}) == [up()]
    key.release(65, 1600)
    assert press(key, 65, 1600) == []
    key.release(65, 1700)
    assert list(key.looked(keymap())) == []
    assert press(key, 65, 1900) == [down("quick_ask")]


def test_a_held_key_that_stays_ours_stays_held() -> None:
    key = pairs()
    press(key, 65, 1000)
    assert key.set_grips({"talk": TALK}) == []
    key.release(65, 1500)
    assert list(key.looked(keymap())) == [up(since_s=0.5)]


def test_a_key_that_was_down_before_it_was_ours_counts_from_its_next_press() -> None:
    key = KeyPairs()
    key.set_grips({"talk": TALK}, down=frozenset({65}))
    assert press(key, 65, 1000) == []
    key.release(65, 1100)
    assert list(key.looked(keymap())) == []
    assert press(key, 65, 1300) == [down()]


def test_forgotten_keys_are_told_as_up_once() -> None:
    key = pairs()
    press(key, 65, 1000)
    assert key.clear() == [up()]
    assert key.clear() == []
    assert not key.holding


def test_times_that_began_anew_or_are_too_far_apart_say_nothing() -> None:
    key = pairs()
    press(key, 65, 2**32 - 5)
    key.release(65, 100)
    assert list(key.looked(keymap())) == [up()]
    assert press(key, 65, 600_101) == [down()]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["press", "release", "look"]), st.sampled_from([65, 38, 40, SIDE]), st.integers(0, 60)
        ),
        max_size=40,
    )
)
def test_whatever_comes_is_told_in_pairs(steps: list[tuple[str, int, int]]) -> None:
    key, at_ms = KeyPairs(), 1000
    key.set_grips({"talk": TALK, "quick_ask": Grip(SIDE, CTRL_ALT)})
    told: list[HotkeyChanged] = []
    for what, keycode, later_ms in steps:
        at_ms += later_ms
        changes: Iterable[HotkeyChanged] = ()
        if what == "press":
            changes = key.press(keycode, CTRL_ALT, at_ms)
        elif what == "release":
            changes = key.release(keycode, at_ms)
        else:
            changes = key.looked(keymap(keycode))
        told += changes
    told += key.clear()
    for name in ("talk", "quick_ask"):
        mine = [change.down for change in told if change.name == name]
        assert mine == [True, False] * (len(mine) // 2)
