"""Short soft tones for what happened, for people who do not look. Never over the voice, never in the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import cache, partial

import numpy as np

from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Samples
from mka1_desktop.domain.cues import DESIGNED_PERCENT, Cue
from mka1_desktop.domain.errors import AppError

log = logging.getLogger(__name__)
PEAK = 0.07  # -23 dBFS: heard beside a voice, and no fright in headphones
EDGE_S = 0.012  # each note fades in and out, without a click
PLAY_LIMIT_S = 3.0
REST = np.zeros(RATE_HZ * 3 // 10, np.int16)  # behind a tone: it pushes the tone out of every buffer


# Notes as (Hz, seconds); 0 Hz is a pause. Up means open, down means over, low means no.
NOTES: Mapping[Cue, tuple[tuple[float, float], ...]] = {
    Cue.GREETING: ((523.25, 0.09), (783.99, 0.14)),
    Cue.LISTENING: ((587.33, 0.05), (880.0, 0.07)),
    Cue.STOPPED: ((587.33, 0.05), (392.0, 0.08)),
    Cue.MUTED: ((246.94, 0.07), (0.0, 0.05), (246.94, 0.07)),
    Cue.RECONNECTING: ((440.0, 0.16),),
    Cue.ERROR: ((196.0, 0.22),),
}


@cache
def tone(cue: Cue) -> Samples:
    """The samples of a cue, 48 kHz mono; 0.12 to 0.23 s."""
    parts = [_note(hz, seconds) for hz, seconds in NOTES[cue]]
    samples: Samples = np.concatenate(parts)
    samples.setflags(write=False)
    return samples


def _note(hz: float, seconds: float) -> Samples:
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    edge = np.clip(np.minimum(t, t[-1] - t) / EDGE_S, 0.0, 1.0)
    wave = np.sin(2 * np.pi * hz * t) + 0.2 * np.sin(4 * np.pi * hz * t)
    note: Samples = np.rint(wave / 1.2 * PEAK * 32767 * np.sin(edge * np.pi / 2) ** 2).astype(np.int16)
    return note


def play_blocking(samples: Samples, unwanted: Callable[[], bool]) -> None:
    """Play through PortAudio and return when it is over, or within 10 ms of `unwanted`. Raises AppError."""
    from mka1_desktop.adapters.portaudio_output import Output  # noqa: PLC0415 - only once a cue is wanted

    output = Output("")
    try:
        for at in range(0, samples.size + REST.size, BLOCK):
            if unwanted():
                return
            output.write(samples[at : at + BLOCK] if at < samples.size else REST[:BLOCK])
    finally:
        output.close()


class Cues:
    """Plays one cue at a time in a thread of its own; what cannot be played is left out."""

    def __init__(
        self,
        *,
        voice_sounds: Callable[[], bool],
        volume: Callable[[], int] = lambda: DESIGNED_PERCENT,
        play: Callable[[Samples, Callable[[], bool]], None] = play_blocking,
    ) -> None:
        """`voice_sounds` says whether the assistant is heard just now, on any thread; `volume` is 0 (off) to 100 %.

        `play` blocks until the samples are out, or until the callable that it gets says that they are not wanted.
        """
        self._voice_sounds = voice_sounds
        self._volume = volume
        self._play = play
        self._worker = DaemonWorker("cues")
        self._busy = self._broken = False

    async def play(self, cue: Cue) -> bool:
        """Return whether it began: not over the voice, not over another cue, and not without a speaker.

        It ends when the voice begins.
        """
        percent = self._volume()
        if self._busy or self._broken or percent == 0 or self._voice_sounds():
            return False
        self._busy = True
        playing = self._worker.submit(partial(self._play, louder(tone(cue), percent), self._voice_sounds))
        playing.add_done_callback(lambda _: self._set_free())
        try:
            async with asyncio.timeout(PLAY_LIMIT_S):
                await asyncio.wrap_future(playing)
        except AppError as e:
            log.info("no cue sounds here: %s", e.code)
            self._broken = True
            return False
        except TimeoutError:
            self._broken = True  # the thread hangs in the sound system: never again in this run
            return False
        return True

    def close(self) -> None:
        self._broken = True
        self._worker.stop()

    def _set_free(self) -> None:
        self._busy = False


def louder(samples: Samples, percent: int) -> Samples:
    """The tone at this volume."""
    changed: Samples = np.rint(samples * (percent / DESIGNED_PERCENT)).astype(np.int16)
    return changed
