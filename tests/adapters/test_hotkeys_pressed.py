"""Which keys are down, and what of them is ours: every order of events, also such as no keyboard makes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QKeySequence

from mka1_desktop.adapters import keys_macos, keys_windows
from mka1_desktop.adapters.hotkeys_pressed import LONGEST_REPEAT_S, Answer, PressedKeys
from mka1_desktop.adapters.key_names import MODIFIER_KEYS, called, known_key
from mka1_desktop.adapters.keys_macos import modifiers_down
from mka1_desktop.domain.combos import Combo, parse_combo
from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyName


def combo(text: str) -> Combo:
    found = parse_combo(text)
    assert found is not None
    return found


HOLD = ("LeftCtrl", "LeftAlt")
TALK, ASK = combo("Ctrl+Alt+Space"), combo("Ctrl+Alt+A")
NOTHING = Answer()


def keys(**wanted: str) -> PressedKeys:
    pressed = PressedKeys()
    assert pressed.want({name: combo(text) for name, text in wanted.items()}) == ()  # type: ignore[misc]
    return pressed


def down(name: HotkeyName = "talk", since_s: float | None = None) -> HotkeyChanged:
    return HotkeyChanged(name=name, down=True, since_s=since_s)


def up(name: HotkeyName = "talk", since_s: float | None = None) -> HotkeyChanged:
    return HotkeyChanged(name=name, down=False, since_s=since_s)


def with_modifiers(pressed: PressedKeys) -> PressedKeys:
    for key in HOLD:
        assert pressed.event(key, True, 0.0) == NOTHING
    return pressed


def test_a_hold_is_one_pair_with_the_time_between() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space"))
    assert pressed.event("Space", True, 1.0) == Answer((down(),), swallow=True)
    for i in range(5):
        assert pressed.event("Space", True, 1.5 + i / 10) == Answer((), swallow=True)
    assert pressed.event("Space", False, 2.25) == Answer((up(since_s=1.25),), swallow=True)
    assert pressed.event("Space", True, 2.5) == Answer((down(since_s=0.25),), swallow=True)


def test_other_modifiers_or_none_are_not_ours() -> None:
    pressed = keys(talk="Ctrl+Alt+Space")
    for held in [(), ("LeftCtrl",), ("LeftCtrl", "LeftAlt", "RightShift"), ("LeftCtrl", "LeftAlt", "LeftMeta")]:
        pressed.set_modifiers(held)
        assert pressed.event("Space", True, 1.0) == NOTHING
        assert pressed.event("Space", False, 1.1) == NOTHING


def test_either_side_of_a_modifier_will_do_and_the_last_one_ends_the_hold() -> None:
    pressed = keys(talk="Ctrl+Space")
    pressed.event("RightCtrl", True, 0.0)
    pressed.event("LeftCtrl", True, 0.0)
    assert pressed.event("Space", True, 1.0).told == (down(),)
    assert pressed.event("LeftCtrl", False, 2.0) == NOTHING
    assert pressed.event("RightCtrl", False, 3.0) == Answer((up(since_s=2.0),))


def test_a_modifier_that_comes_up_first_ends_the_hold_and_the_rest_is_still_swallowed() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space"))
    pressed.event("Space", True, 1.0)
    assert pressed.event("LeftAlt", False, 1.25) == Answer((up(since_s=0.25),))
    assert pressed.event("Space", True, 1.3) == Answer((), swallow=True)  # else blanks are typed
    assert pressed.event("LeftAlt", True, 1.4) == NOTHING
    assert pressed.event("Space", True, 1.5) == Answer((), swallow=True)  # no second press
    assert pressed.event("Space", False, 1.6) == Answer((), swallow=True)


def test_a_modifier_more_during_the_hold_changes_nothing() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space"))
    pressed.event("Space", True, 1.0)
    assert pressed.event("LeftShift", True, 1.1) == NOTHING
    assert pressed.event("LeftShift", False, 1.2) == NOTHING
    assert pressed.event("Space", False, 1.5).told == (up(since_s=0.5),)


def test_a_key_that_was_down_before_its_modifiers_is_the_program_s() -> None:
    pressed = keys(talk="Ctrl+Alt+Space")
    assert pressed.event("Space", True, 1.0) == NOTHING
    with_modifiers(pressed)
    assert pressed.event("Space", True, 1.1) == NOTHING
    assert pressed.event("Space", False, 1.2) == NOTHING


def test_modifiers_that_came_up_unseen_do_not_make_every_space_ours() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space"))  # and then a secure desktop had the keyboard
    assert pressed.event("Space", True, 5.0, lambda: ()) == NOTHING
    assert pressed.modifiers == frozenset()
    assert pressed.event("Space", False, 5.1, lambda: ()) == NOTHING


def test_a_hold_whose_release_nobody_saw_ends_with_the_next_press() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space"))
    pressed.event("Space", True, 1.0)
    later_s = 1.0 + LONGEST_REPEAT_S + 1
    answer = pressed.event("Space", True, later_s, lambda: ("LeftCtrl", "LeftAlt"))
    assert answer == Answer((up(), down()), swallow=True)
    lost = pressed.event("Space", True, later_s + LONGEST_REPEAT_S + 1, lambda: ())
    assert lost == Answer((up(),))


def test_two_keys_at_a_time_are_two_pairs() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space", quick_ask="Ctrl+Alt+A"))
    assert pressed.event("Space", True, 1.0).told == (down(),)
    assert pressed.event("A", True, 1.25).told == (down("quick_ask"),)
    assert pressed.event("LeftCtrl", False, 1.5).told == (up(since_s=0.5), up("quick_ask", since_s=0.25))


def test_another_wish_tells_a_key_that_is_down_as_up_and_keeps_swallowing_it() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space"))
    pressed.event("Space", True, 1.0)
    assert pressed.want({"talk": TALK, "quick_ask": ASK}) == ()  # the same key goes on
    assert pressed.want({"quick_ask": ASK}) == (up(),)
    assert pressed.event("Space", True, 1.1) == Answer((), swallow=True)
    assert pressed.event("Space", False, 1.2) == Answer((), swallow=True)
    assert pressed.event("Space", True, 1.3) == NOTHING


def test_a_key_that_is_down_already_is_not_pressed_by_being_wished_for() -> None:
    pressed = with_modifiers(PressedKeys())
    pressed.event("Space", True, 1.0)  # in the dialog that asks for the new key
    pressed.want({"talk": TALK})
    assert pressed.event("Space", True, 1.1) == NOTHING
    assert pressed.event("Space", False, 1.2) == NOTHING
    assert pressed.event("Space", True, 1.3).told == (down(),)


def test_what_is_forgotten_is_told_once() -> None:
    pressed = with_modifiers(keys(talk="Ctrl+Alt+Space"))
    pressed.event("Space", True, 1.0)
    assert pressed.let_go() == (up(),)
    assert pressed.forget() == ()
    assert pressed.event("Space", False, 2.0) == NOTHING
    with_modifiers(pressed)
    assert pressed.event("Space", True, 3.0) == Answer((down(),), swallow=True)  # nothing to be measured by


# --- any order ----------------------------------------------------------------------------------------------------

Act = Literal["key", "lost", "want", "let_go", "modifiers"]
NAMES = ("Space", "Space", "Space", "A", "A", "B", *MODIFIER_KEYS)  # those that matter more often
HELD = (frozenset(HOLD), frozenset(HOLD), frozenset({"RightShift"}), frozenset({*HOLD, "AltGr"}), frozenset[str]())
WISHES: tuple[dict[HotkeyName, Combo], ...] = (
    {}, {"talk": TALK}, {"talk": TALK, "quick_ask": ASK}, {"talk": combo("Space"), "quick_ask": combo("Shift+Space")},
    {"talk": ASK, "quick_ask": TALK},
)  # fmt: skip


@dataclass(frozen=True)
class Did:
    act: Act
    key: str
    down: bool
    wait_s: float
    wish: int
    held: frozenset[str]


acts = st.builds(
    Did,
    act=st.sampled_from(["key", "key", "key", "key", "lost", "want", "let_go", "modifiers"]),
    key=st.sampled_from(NAMES),
    down=st.booleans(),
    wait_s=st.sampled_from([-0.5, 0.0, 0.03, 0.5, LONGEST_REPEAT_S + 0.5]),
    wish=st.integers(0, len(WISHES) - 1),
    held=st.sampled_from(HELD),
)


@given(st.sampled_from(WISHES), st.lists(acts, min_size=20, max_size=60))
def test_in_any_order_pairs_alternate_and_what_is_swallowed_is_swallowed_whole(
    wish: dict[HotkeyName, Combo], script: list[Did]
) -> None:
    pressed, at_s = PressedKeys(), 100.0
    pressed.want(wish)
    told: list[HotkeyChanged] = []
    seen: dict[str, tuple[bool, float]] = {}  # the keys that are down: whether their press was swallowed, and when seen
    for did in script:
        at_s += did.wait_s
        if did.act == "want":
            told += pressed.want(WISHES[did.wish])
        elif did.act == "let_go":
            told += pressed.let_go()
        elif did.act == "modifiers":
            told += pressed.set_modifiers(did.held, at_s)
        else:
            answer = pressed.event(did.key, did.down, at_s, partial(frozenset, did.held) if did.act == "lost" else None)
            told += answer.told
            before = seen.get(did.key)
            if did.key in MODIFIER_KEYS:
                assert not answer.swallow
            elif not did.down:
                assert answer.swallow == (before is not None and before[0])
                seen.pop(did.key, None)
            else:
                if before is not None and at_s - before[1] <= LONGEST_REPEAT_S:
                    assert answer == Answer((), swallow=before[0])
                seen[did.key] = (answer.swallow, at_s)
    told += pressed.forget()
    for name in ("talk", "quick_ask"):
        mine = [change for change in told if change.name == name]
        assert [change.down for change in mine] == [i % 2 == 0 for i in range(len(mine))]
        assert len(mine) % 2 == 0
        assert all(change.since_s is None or change.since_s >= 0 for change in mine)


@given(st.lists(acts, max_size=40))
def test_without_a_wish_no_key_is_touched(script: list[Did]) -> None:
    pressed = PressedKeys()
    for did in script:
        assert pressed.event(did.key, did.down, 1.0, partial(frozenset, did.held)) == NOTHING


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [keys_windows.KEYS, keys_macos.KEYS], ids=["windows", "macos"])
def test_the_tables_use_the_names_of_qt(table: dict[int, str]) -> None:
    for name in table.values():
        portable = QKeySequence.fromString(name, QKeySequence.SequenceFormat.PortableText)
        assert portable.count() == 1, name
        assert portable.toString(QKeySequence.SequenceFormat.PortableText) == name


def test_the_tables_have_what_a_talk_key_may_be() -> None:
    wanted = {*"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`-=[]\\;',./", *(f"F{i}" for i in range(1, 21)), "Space",
              "Return", "Tab", "Esc", "Backspace", "Del", "Home", "End", "PgUp", "PgDown", "Left", "Right", "Up",
              "Down"}  # fmt: skip
    assert wanted <= set(keys_macos.KEYS.values())
    more = {f"F{i}" for i in range(21, 25)} | {"Ins", "Pause", "Print", "ScrollLock", "Toggle Media Play/Pause"}
    assert wanted | more <= set(keys_windows.KEYS.values())
    assert len(set(keys_macos.KEYS.values())) == len(keys_macos.KEYS)  # one place each


@pytest.mark.parametrize(
    ("name", "code"),
    [("A", 0x00), ("V", 0x09), ("B", 0x0B), ("1", 0x12), ("5", 0x17), ("=", 0x18), ("0", 0x1D), ("P", 0x23),
     ("L", 0x25), ("'", 0x27), ("\\", 0x2A), ("M", 0x2E), (".", 0x2F), ("`", 0x32), ("F1", 0x7A), ("F12", 0x6F),
     ("F13", 0x69), ("F20", 0x5A)],
)  # fmt: skip
def test_places_of_a_mac_keyboard(name: str, code: int) -> None:
    assert keys_macos.KEYS[code] == name


@pytest.mark.parametrize(
    ("said", "key"),
    [("Space", "Space"), ("space", "Space"), ("Escape", "Esc"), ("Pgup", "PgUp"), ("Scrolllock", "ScrollLock"),
     ("+", "="), ("?", "/"), ('"', "'"), ("~", "`"), ("Ö", None), ("F25", None), ("Nonsense", None)],
)  # fmt: skip
def test_a_key_is_found_by_each_of_its_spellings(said: str, key: str | None) -> None:
    assert known_key(said, keys_windows.KEYS.values()) == key


def test_on_a_mac_ctrl_is_the_command_key_as_qt_has_it() -> None:
    assert modifiers_down(0x100000 | 0x8) == {"LeftCtrl"}
    assert modifiers_down(0x100000 | 0x8 | 0x10) == {"LeftCtrl", "RightCtrl"}
    assert modifiers_down(0x40000 | 0x2000) == {"RightMeta"}
    assert modifiers_down(0x80000) == {"LeftAlt"}  # which side is not said
    assert modifiers_down(0x20000 | 0x4) == {"RightShift"}
    assert modifiers_down(0x10000 | 0x200000 | 0x800000 | 0x100) == frozenset()  # caps lock, keypad, fn
    assert called(TALK, keys_macos.MODIFIER_NAMES) == "Command+Option+Space"
