from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.hotkeys_x11_keys import BUTTON, Grip, Keyboard, keysyms
from mka1_desktop.domain.combos import Combo, parse_combo

ALT, NUM, SUPER, SCROLL = 1 << 3, 1 << 4, 1 << 6, 1 << 7
LOCKS = frozenset({2, NUM})
# Keycode 10 on: space, A, 1 and !, = and +, Alt, NumLock, Super, a key of two groups (Russian, English), F9, Pause.
SYMBOLS = (
    (0x20,), (0x61, 0x41), (0x31, 0x21), (0x3D, 0x2B), (0xFFE9, 0xFFE7), (0xFF7F,), (0xFFEB,),
    (0x6C6, 0x6E6, 0x62, 0x42), (0xFFC6,), (0xFF13, 0xFF6B),
)  # fmt: skip
MODIFIERS = ((50,), (66,), (37,), (14, 0), (15,), (), (16,), ())
KEYBOARD = Keyboard(10, SYMBOLS, MODIFIERS)


def grip(text: str, keyboard: Keyboard = KEYBOARD) -> Grip | None:
    combo = parse_combo(text)
    assert combo is not None
    return keyboard.grip(combo)


@pytest.mark.parametrize(
    ("text", "keycode", "modifiers"),
    [
        ("Ctrl+Alt+Space", 10, 4 | ALT),
        ("Ctrl+Alt+A", 11, 4 | ALT),
        ("Ctrl+1", 12, 4),
        ("Ctrl+Shift+!", 12, 4 | 1),
        ("Ctrl++", 13, 4 | 1),  # this keyboard has it with Shift only
        ("Meta+F9", 18, SUPER),
        ("Pause", 19, 0),
        ("Alt+Ф", 17, ALT),
        ("Alt+B", 17, ALT),  # in the second group
        ("Mouse4", BUTTON + 8, 0),
        ("Ctrl+Alt+Mouse5", BUTTON + 9, 4 | ALT),
        ("Ctrl+Mouse2", BUTTON + 3, 4),  # the right one
        ("Ctrl+Shift+Mouse3", BUTTON + 2, 4 | 1),
    ],
)
def test_a_combination_is_a_keycode_and_modifiers(text: str, keycode: int, modifiers: int) -> None:
    assert grip(text) == Grip(keycode, modifiers, LOCKS)


@pytest.mark.parametrize("text", ["Ctrl+Nonsense", "Ctrl+Z", "Ctrl+F36", "F0", "F٣", "Ctrl+€", "Media Play"])
def test_a_key_that_the_keyboard_lacks_is_none(text: str) -> None:
    assert grip(text) is None


def test_a_modifier_that_the_keyboard_lacks_is_none() -> None:
    assert grip("Meta+Space", Keyboard(10, SYMBOLS, MODIFIERS[:6])) is None
    assert grip("Ctrl+Space", Keyboard(10, SYMBOLS, MODIFIERS[:6])) is not None


def test_meta_is_no_other_name_of_alt() -> None:
    both = Keyboard(10, ((0x20,), (0xFFE9, 0xFFE7)), ((), (), (), (11,), (), (), (), ()))
    assert grip("Alt+Space", both) == Grip(10, ALT, frozenset({2}))
    assert grip("Meta+Space", both) is None


def test_a_pedal_is_found_where_linux_has_it() -> None:
    """Keycode 190 on: something else, F13 under another name, F14 as something that it is not, F15 without any name."""
    usual = Keyboard(190, ((0xFF66,), (0x1008FF81, 0, 0x1008FF81), (0x61,), (0,)), MODIFIERS)
    assert [grip(f"F{i}", usual) for i in range(12, 25)] == [
        None, Grip(191, 0, frozenset({2})), None, Grip(193, 0, frozenset({2})), *[None] * 9
    ]  # fmt: skip
    assert grip("F13", Keyboard(190, ((0xFFCA,), (0x1008FF81,)), MODIFIERS)) == Grip(190, 0, frozenset({2})), "its name"


def test_locks_may_be_on_or_off() -> None:
    locked = Keyboard(10, (*SYMBOLS, (0xFF14,)), (*MODIFIERS[:7], (20,)))
    found = grip("Ctrl+Space", locked)
    assert found is not None
    assert set(found.masks()) == {
        4 | caps | num | scroll for caps in (0, 2) for num in (0, NUM) for scroll in (0, SCROLL)
    }


def test_an_empty_keyboard_has_no_key() -> None:
    assert grip("Ctrl+Space", Keyboard()) is None


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Space", (0x20,)), ("F1", (0xFFBE,)), ("F35", (0xFFE0,)), ("Ä", (0xE4,)), ("PgUp", (0xFF55,)),
        ("Volume Up", (0x1008FF13,)), ("Ж", (0x1000436, 0x6D6)), ("Ł", (0x1000142, 0x1B3)), ("Ω", (0x10003C9, 0x7F9)),
        ("א", (0x10005D0, 0xCE0)), ("Є", (0x1000454, 0x6A4)), ("\n", ()), ("", ()),
    ],
)  # fmt: skip
def test_keys_have_the_keysyms_of_x11(key: str, expected: tuple[int, ...]) -> None:
    assert keysyms(key) == expected


@given(st.text(max_size=3))
def test_any_name_is_a_key_or_none(key: str) -> None:
    assert all(0 < keysym < 1 << 29 for keysym in keysyms(key))
    KEYBOARD.grip(Combo(key=key))
