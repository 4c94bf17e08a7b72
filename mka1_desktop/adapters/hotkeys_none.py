"""No keys outside the window: there is no way to have them here."""

from __future__ import annotations

from collections.abc import Mapping

from mka1_desktop.domain.combos import Combo
from mka1_desktop.ports.hotkeys import Backend, Binding, HotkeyName, HotkeyProblem


class NoHotkeys:
    """See HotkeyPort."""

    backend: Backend = "none"
    release_events = False

    async def bind(self, wanted: Mapping[HotkeyName, Combo]) -> Mapping[HotkeyName, Binding]:
        """See HotkeyPort."""
        return {name: Binding(key=str(combo), problem=HotkeyProblem.UNAVAILABLE) for name, combo in wanted.items()}

    async def close(self) -> None:
        """See HotkeyPort."""
