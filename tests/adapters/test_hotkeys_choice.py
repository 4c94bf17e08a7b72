"""Which way to have keys is chosen where, and that the others are not even loaded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from mka1_desktop.adapters.hotkeys import open_hotkeys
from mka1_desktop.adapters.hotkeys_none import NoHotkeys
from mka1_desktop.domain.combos import Combo
from mka1_desktop.ports.hotkeys import Backend, Binding, HotkeyName, HotkeyPort, HotkeyProblem

SAYS: Mapping[HotkeyName, str] = {"talk": "Hold to talk", "quick_ask": "Ask a quick question"}


@pytest.mark.parametrize(
    ("platform", "environ", "backend"),
    [
        ("win32", {}, "windows"),
        ("darwin", {"DISPLAY": ":0"}, "macos"),
        ("linux", {"DISPLAY": ":7"}, "x11"),
        ("linux", {"DISPLAY": ":7", "XDG_SESSION_TYPE": "x11", "WAYLAND_DISPLAY": ""}, "x11"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, "portal"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":1", "QT_QPA_PLATFORM": "xcb"}, "portal"),
        ("linux", {"XDG_SESSION_TYPE": "wayland"}, "portal"),
        ("linux", {"XDG_SESSION_TYPE": "tty"}, "none"),
        ("linux", {}, "none"),
        ("linux", {"DISPLAY": ":7", "QT_QPA_PLATFORM": "offscreen"}, "none"),
        ("linux", {"DISPLAY": ":7", "QT_QPA_PLATFORM": "minimal:enable_fonts"}, "none"),
        ("win32", {"QT_QPA_PLATFORM": "offscreen"}, "none"),
        ("freebsd14", {"DISPLAY": ":7"}, "none"),
    ],
)
async def test_the_way_fits_the_desktop(platform: str, environ: Mapping[str, str], backend: Backend) -> None:
    port = open_hotkeys(lambda change: None, SAYS, platform=platform, environ=environ)
    assert port.backend == backend
    await port.close()


async def test_no_way_answers_every_wish() -> None:
    port: HotkeyPort = NoHotkeys()
    assert port.backend == "none"
    assert not port.release_events
    wanted: Mapping[HotkeyName, Combo] = {"talk": Combo(modifiers=frozenset({"ctrl"}), key="F9")}
    assert await port.bind(wanted) == {"talk": Binding(key="Ctrl+F9", problem=HotkeyProblem.UNAVAILABLE)}
    await port.close()
    await port.close()


@pytest.mark.parametrize(
    ("platform", "environ", "loaded"),
    [
        ("linux", {"DISPLAY": ":7"}, "hotkeys_x11"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, "hotkeys_portal"),
        ("win32", {}, "hotkeys_hook"),
        ("linux", {}, "hotkeys_none"),
    ],
)
def test_the_other_ways_are_not_loaded(platform: str, environ: Mapping[str, str], loaded: str) -> None:
    ways = ("hotkeys_x11", "hotkeys_portal", "hotkeys_hook", "hotkeys_none")
    script = (
        "import sys\n"
        "from mka1_desktop.adapters.hotkeys import open_hotkeys\n"
        f"open_hotkeys(print, {{}}, platform={platform!r}, environ={dict(environ)!r})\n"
        f"print(*[way for way in {ways!r} if 'mka1_desktop.adapters.' + way in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == [loaded]
