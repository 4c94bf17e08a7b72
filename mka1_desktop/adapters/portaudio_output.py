"""One loudspeaker stream to write to, which can fall silent at once. Everything here blocks."""

from __future__ import annotations

import logging

from mka1_desktop.adapters.portaudio_streams import OPENING, index_of, load
from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.errors import AppError, Code

log = logging.getLogger(__name__)
BUFFER_S = 0.1  # a busy machine is late by less; what is in it is not heard after `close`


class Output:
    """Open from the start until `close`; one thread at a time."""

    def __init__(self, device: str) -> None:
        """`device` is PortAudio's name; "" or one that is not there is the system's. Raises AppError(NO_SOUND)."""
        self._library = load()
        try:
            with OPENING:
                self._stream = self._library.RawOutputStream(
                    samplerate=RATE_HZ, channels=1, dtype="int16", latency=BUFFER_S,
                    device=index_of(self._library, "output", device),
                )  # fmt: skip
                self._stream.start()
        except (self._library.PortAudioError, ValueError) as e:  # ValueError: no such device
            raise AppError(Code.NO_SOUND, details=str(e)[:200]) from None

    def write(self, samples: Samples) -> None:
        """Hand over int16 samples, shape (n,); waits while more than 0.1 s are there. Raises AppError(DEVICE_GONE)."""
        try:
            self._stream.write(samples.tobytes())
        except self._library.PortAudioError as e:
            raise AppError(Code.DEVICE_GONE, details=str(e)[:200]) from None

    def close(self) -> None:
        """Fall silent: what was handed over and not heard yet is lost."""
        try:
            with OPENING:
                self._stream.abort()
                self._stream.close()
        except self._library.PortAudioError as e:  # the device is gone already
            log.info("a sound stream ended badly: %s", e)
