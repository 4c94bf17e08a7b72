"""What the native engine asks of the mixer when the voice shall be silent."""

from __future__ import annotations

from mka1_desktop.adapters.mixer_none import NoMixer
from mka1_desktop.adapters.sound_native import NativeSound
from mka1_desktop.adapters.sound_options import SoundOptions
from tests.fakes.fake_clock import FakeClock


class Hushed(NoMixer):
    def __init__(self) -> None:
        self.times = 0

    def hush(self) -> None:
        self.times += 1


async def test_stopping_takes_back_what_was_handed_to_the_sound_server() -> None:
    """WebRTC keeps 20 ms there at first, and 300 ms after some gaps: that would be heard after a stop."""
    mixer = Hushed()
    sound = NativeSound(mixer=mixer, clock=FakeClock(), options=SoundOptions())
    await sound.silence_agent(True)
    assert mixer.times == 1
    await sound.silence_agent(False)
    assert mixer.times == 1, "what follows is heard"
    await sound.close()
