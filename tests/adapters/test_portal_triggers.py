"""Combinations in the notation of the desktop portal; X11's own list of names is the judge of the names."""

from __future__ import annotations

import pytest
from Xlib import XK

from mka1_desktop.adapters.portal_triggers import trigger_of
from mka1_desktop.domain.combos import Combo, parse_combo


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("Ctrl+Alt+Space", "CTRL+ALT+space"),
        ("Alt+Ctrl+Meta+Shift+A", "CTRL+ALT+SHIFT+LOGO+a"),
        ("F9", "F9"),
        ("f35", "F35"),
        ("Pause", "Pause"),
        ("Ctrl++", "CTRL+plus"),
        ("Super+Return", "LOGO+Return"),
        ("PgUp", "Page_Up"),
        ("pgdown", "Page_Down"),
        ("Ctrl+1", "CTRL+1"),
        ("Ctrl+,", "CTRL+comma"),
        ("Alt+`", "ALT+grave"),
        ("Ctrl+Ä", "CTRL+U00E4"),
        ("Ctrl+İ", "CTRL+U0130"),
        ("Volume Mute", "XF86AudioMute"),
    ],
)
def test_a_combination_as_the_portal_reads_it(text: str, trigger: str) -> None:
    combo = parse_combo(text)
    assert combo is not None
    assert trigger_of(combo) == trigger


@pytest.mark.parametrize("key", ["", "F0", "F36", "Hyperdrive", "Mouse4", "Media Rewind Twice", "\x07"])
def test_a_key_without_a_name_has_no_trigger(key: str) -> None:
    assert trigger_of(Combo(key=key)) is None


@pytest.mark.parametrize("key", [*map(chr, range(0x21, 0x7F)), "Space", "Enter", "Backtab", "Media Play", "SysReq"])
def test_every_name_is_one_that_x11_knows(key: str) -> None:
    XK.load_keysym_group("xf86")
    XK.load_keysym_group("xkb")
    name = trigger_of(Combo(key=key))
    assert name is not None
    assert XK.string_to_keysym(name.replace("XF86Audio", "XF86_Audio")) != 0, name
