"""What every painted widget needs, handed to its constructor."""

from __future__ import annotations

from dataclasses import dataclass

from mka1_desktop.ui.icons import Icons
from mka1_desktop.ui.motion import Motion
from mka1_desktop.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and type, icons, and whether things may move."""

    theme: Theme
    icons: Icons
    motion: Motion
