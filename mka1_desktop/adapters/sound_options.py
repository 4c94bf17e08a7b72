"""What the settings say about sound, for every engine."""

from __future__ import annotations

from dataclasses import dataclass

from mka1_desktop.domain.settings import CHANNELS, Settings


@dataclass(frozen=True, slots=True)
class SoundOptions:
    """Devices are ids of the mixer or engine; "" follows the system. Volume is 0 to 150 percent."""

    echo_cancellation: bool = True
    noise_suppression: bool = True
    gain_control: bool = True
    microphone: str = ""
    speaker: str = ""
    volume: int = 100
    channel: int = 0  # of the microphone, from 1 on; 0 is all together

    @staticmethod
    def of(settings: Settings) -> SoundOptions:
        return SoundOptions(
            echo_cancellation=settings.flag("audio.echo_cancellation"),
            noise_suppression=settings.flag("audio.noise_suppression"),
            gain_control=settings.flag("audio.gain_control"),
            microphone=settings.text("audio.microphone"),
            speaker=settings.text("audio.speaker"),
            volume=settings.number("audio.volume"),
            channel=CHANNELS.index(settings.text("audio.channel")),
        )
