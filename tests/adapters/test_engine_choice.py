"""The engine that works: the chosen one, else the next, else none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from livekit import rtc

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.adapters.engine_choice import Engine, builders, first_that_opens
from mka1_desktop.adapters.sound_none import NoSound
from mka1_desktop.adapters.sound_options import SoundOptions
from mka1_desktop.domain.audio import Devices
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import MicrophoneFailed, SoundEvent
from mka1_desktop.domain.settings import Settings


class Broken(NoSound):
    """An engine on a machine without its sound system."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.closed = False

    async def open(self, emit: Callable[[SoundEvent], None]) -> None:
        raise AppError(Code.NO_SOUND)

    async def close(self) -> None:
        self.closed = True


async def test_the_first_that_opens_is_used_and_the_others_are_closed() -> None:
    broken = Broken()
    good, never = NoSound(SystemClock()), Broken()
    asked: list[Engine] = []

    def build(engine: Engine) -> Callable[[], Engine]:
        def make() -> Engine:
            asked.append(engine)
            return engine

        return make

    engine = await first_that_opens([build(broken), build(good), build(never)], lambda _: None)
    assert engine is good
    assert asked == [broken, good]
    assert broken.closed


async def test_an_engine_list_must_end_with_one_that_works() -> None:
    with pytest.raises(ValueError, match="last engine"):
        await first_that_opens([Broken], lambda _: None)


def test_the_preferred_engine_comes_first() -> None:
    clock, options = SystemClock(), SoundOptions()
    assert [b().engine for b in builders("native", clock=clock, options=options)] == ["native", "portaudio"]
    assert [b().engine for b in builders("portaudio", clock=clock, options=options)] == ["portaudio", "native"]


async def test_without_sound_text_remains() -> None:
    events: list[SoundEvent] = []
    sound = NoSound(SystemClock())
    await sound.open(events.append)
    assert await sound.microphone_track() is None
    assert await sound.devices() == Devices()
    await sound.set_microphone(sending=False)
    assert events == []
    await sound.set_microphone(sending=True)
    assert events == [MicrophoneFailed(trouble=Trouble(Code.NO_SOUND))]
    loud = np.full(960, 8000, np.int16)
    sound.agent_frame(rtc.AudioFrame(loud.tobytes(), 48_000, 1, 960))
    assert sound.levels().agent_dbfs == pytest.approx(-12.2, abs=0.1)
    await sound.close()


def test_options_of_the_settings() -> None:
    settings = Settings(
        {"audio.volume": 70, "audio.gain_control": False, "audio.speaker": "hdmi", "audio.channel": "2"}
    )
    assert SoundOptions.of(settings) == SoundOptions(gain_control=False, speaker="hdmi", volume=70, channel=2)
    assert SoundOptions.of(Settings({})).channel == 0
