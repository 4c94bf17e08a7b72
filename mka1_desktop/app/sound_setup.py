"""Opens the sound engine that the settings ask for."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from mka1_desktop.domain.events import SoundEvent
from mka1_desktop.domain.settings import Settings
from mka1_desktop.ports.system import ClockPort

if TYPE_CHECKING:
    from mka1_desktop.app.switch_sound import Engine


class OpenSound(Protocol):
    """Opens an engine; the windowed app gets one that it can be tried with."""

    async def __call__(
        self, settings: Settings, /, *, emit: Callable[[SoundEvent], None], clock: ClockPort
    ) -> Engine: ...


async def open_sound(settings: Settings, *, emit: Callable[[SoundEvent], None], clock: ClockPort) -> Engine:
    """Return an opened engine: the chosen one, else the fallback, else one without sound. Raises nothing."""
    module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.engine_choice")
    options = module.SoundOptions.of(settings)
    engine: Engine = await module.open_engine(settings.text("audio.engine"), emit=emit, clock=clock, options=options)
    return engine
