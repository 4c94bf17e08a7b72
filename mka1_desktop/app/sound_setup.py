"""Opens the sound engine that the settings ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from mka1_desktop.domain.events import SoundEvent
from mka1_desktop.domain.settings import Settings

if TYPE_CHECKING:
    from mka1_desktop.app.switch_sound import Engine


async def open_sound(settings: Settings, *, emit: Callable[[SoundEvent], None]) -> Engine:
    """Return an opened engine: the chosen one, else the fallback, else one without sound. Raises nothing."""
    module = await asyncio.to_thread(__import__, "mka1_desktop.adapters.engine_choice", fromlist=["open_engine"])
    engine: Engine = await module.open_engine(settings, emit)
    return engine
