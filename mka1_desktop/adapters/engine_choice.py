"""The sound engine that works here: the chosen one, else the next, else none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, Protocol

from mka1_desktop.adapters.mixer import pick_mixer
from mka1_desktop.adapters.sound_native import NativeSound
from mka1_desktop.adapters.sound_none import NoSound
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.adapters.sound_portaudio import PortAudioSound
from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import SoundEvent
from mka1_desktop.ports.audio import SoundPort
from mka1_desktop.ports.system import ClockPort

log = logging.getLogger(__name__)
ORDER: Mapping[str, tuple[str, ...]] = {"native": ("native", "portaudio"), "portaudio": ("portaudio", "native")}


class Engine(SoundPort, TrackHost, Protocol):
    """What every engine is: the session's port and the rooms' host."""


async def open_engine(
    preferred: Literal["native", "portaudio"],
    *,
    emit: Callable[[SoundEvent], None],
    clock: ClockPort,
    options: SoundOptions,
) -> Engine:
    """Return an open engine; its `engine` tells which. Never an error: without any sound, typing and reading remain."""
    return await first_that_opens([*builders(preferred, clock=clock, options=options), lambda: NoSound(clock)], emit)


def builders(
    preferred: Literal["native", "portaudio"], *, clock: ClockPort, options: SoundOptions
) -> list[Callable[[], Engine]]:
    """The engines with sound, the preferred one first; each has a mixer of its own."""
    make: Mapping[str, Callable[[], Engine]] = {
        "native": lambda: NativeSound(mixer=pick_mixer(), clock=clock, options=options),
        "portaudio": lambda: PortAudioSound(mixer=pick_mixer(), clock=clock, options=options),
    }
    return [make[name] for name in ORDER[preferred]]


async def first_that_opens(engines: Iterable[Callable[[], Engine]], emit: Callable[[SoundEvent], None]) -> Engine:
    """Try one after the other; the last one must not fail."""
    for build in engines:
        engine = build()
        try:
            await engine.open(emit)
        except AppError as e:
            log.info("sound engine %s is not available: %s", engine.engine, e.code)
            await engine.close()
        else:
            return engine
    raise ValueError("the last engine must open everywhere")
