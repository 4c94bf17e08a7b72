"""A voice that hums a second greeting at a pitch of its own, so that a recording shows whether it was heard."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from mka1_desktop.demo.agent import GREETING_AGAIN
from mka1_desktop.demo.speak import Speech
from tests.support.demo_service import FastVoice
from tests.support.room_guest import RATE

AGAIN_HZ, BESIDE_HZ = 1_300.0, 700.0  # nothing else hums at either
WINDOW_S = 0.1
LOUD_DB = 20.0


class TwoPitches(FastVoice):
    """As FastVoice, all but the greeting of a room that goes on."""

    def say(self, text: str) -> Speech:
        speech = super().say(text)
        if text != GREETING_AGAIN:
            return speech
        hum = 8_000 * np.sin(np.arange(speech.samples.size) * (2 * np.pi * AGAIN_HZ / RATE))
        return Speech(samples=hum.astype(np.int16), words=speech.words)


def second_greeting_s(recording: Path) -> float:
    """Return how many seconds of a second greeting are in a recording."""
    with wave.open(str(recording)) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64)
    size = int(rate * WINDOW_S)
    windows = samples[: samples.size // size * size].reshape(-1, size)
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(size), axis=1)) + 1.0
    bins = [int(hz * WINDOW_S) for hz in (AGAIN_HZ, BESIDE_HZ)]
    above_db = 20 * np.log10(spectrum[:, bins[0]] / spectrum[:, bins[1]])
    loud = (above_db > LOUD_DB) & (spectrum[:, bins[0]] > spectrum.max(initial=1.0) / 30)
    return float(loud.sum()) * WINDOW_S
