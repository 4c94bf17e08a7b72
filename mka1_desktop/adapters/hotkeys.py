"""The one way to have keys in every program that fits this desktop, chosen at start."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from mka1_desktop.ports.hotkeys import HotkeyChanged, HotkeyName, HotkeyPort

_NO_SCREEN = frozenset({"offscreen", "minimal"})  # Qt's platforms without a desktop


def open_hotkeys(
    emit: Callable[[HotkeyChanged], None],
    descriptions: Mapping[HotkeyName, str],
    *,
    platform: str = sys.platform,
    environ: Mapping[str, str] = os.environ,
) -> HotkeyPort:
    """Make it; nothing is bound and nothing is asked of the system yet. `descriptions` say what each key does.

    Only the module of the chosen way is loaded. Under Wayland it is the portal though there may be an X server too:
    that one sees no keys of other windows.
    """
    if environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in _NO_SCREEN:
        return _none()
    if platform in {"win32", "darwin"}:
        from mka1_desktop.adapters.hotkeys_hook import HookHotkeys  # noqa: PLC0415 - only where it is used

        return HookHotkeys(backend="windows" if platform == "win32" else "macos", emit=emit)
    if not platform.startswith("linux"):
        return _none()
    if environ.get("WAYLAND_DISPLAY") or environ.get("XDG_SESSION_TYPE") == "wayland":
        from mka1_desktop.adapters.hotkeys_portal import PortalHotkeys  # noqa: PLC0415 - only where it is used

        return PortalHotkeys(emit=emit, descriptions=descriptions)
    if environ.get("DISPLAY"):
        from mka1_desktop.adapters.hotkeys_x11 import X11Hotkeys  # noqa: PLC0415 - only where it is used

        return X11Hotkeys(emit=emit, display=environ["DISPLAY"])
    return _none()


def _none() -> HotkeyPort:
    from mka1_desktop.adapters.hotkeys_none import NoHotkeys  # noqa: PLC0415 - only where it is used

    return NoHotkeys()
