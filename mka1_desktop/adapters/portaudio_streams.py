"""PortAudio's devices, 48 kHz mono in blocks of 10 ms. Everything here blocks and belongs in a worker thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Device, Devices, Samples
from mka1_desktop.domain.errors import AppError, Code

log = logging.getLogger(__name__)
OPENING = threading.Lock()  # PortAudio opens and closes streams on one thread at a time; sounding needs no lock
LATENCY_S = 0.03  # at 10 ms it underruns and drifts (measured, platform-facts.md)


def load() -> ModuleType:
    """Import sounddevice (84 ms; it starts PortAudio). Raises AppError(NO_SOUND) without the library or a device."""
    try:
        import sounddevice  # noqa: PLC0415 - lazy: the native engine does not need it
    except Exception as e:  # noqa: BLE001 - OSError: no library; PortAudioError, whose class this import would bring
        raise AppError(Code.NO_SOUND, details=str(e)[:200]) from None
    try:
        if not len(sounddevice.query_devices()):
            raise AppError(Code.NO_SOUND, details="PortAudio knows no device")
    except sounddevice.PortAudioError as e:
        raise AppError(Code.NO_SOUND, details=str(e)[:200]) from None
    return sounddevice  # type: ignore[no-any-return]


class Stream(Protocol):
    """The part of sounddevice's raw streams that is used here."""

    @property
    def latency(self) -> float: ...

    def start(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


class Streams:
    """Opens and closes the one microphone and the one loudspeaker; the callbacks run in PortAudio's threads."""

    def __init__(self, channel: int = 0, latency_s: float = LATENCY_S) -> None:
        """`channel` of the microphone is heard, from 1 on; 0 is all together. Raises AppError(NO_SOUND)."""
        self._channel = channel
        self._latency_s = latency_s
        self._library = load()
        self._input: Stream | None = None
        self._output: Stream | None = None

    def open_input(self, device: str, heard: Callable[[Samples], None]) -> None:
        """Hand every block of the microphone to `heard`. Raises AppError(NO_MICROPHONE)."""
        self.close_input()
        count = channels_for(self._channel, self._most_channels(device))
        which = self._channel - 1 if count > 1 else 0

        def callback(data: memoryview, frames: int, time: object, status: object) -> None:
            samples = np.frombuffer(data, np.int16)
            heard(samples if count == 1 else np.ascontiguousarray(samples.reshape(-1, count)[:, which]))

        kind = self._library.RawInputStream
        self._input = self._started(kind, "input", device, callback, Code.NO_MICROPHONE, channels=count)

    def open_output(self, device: str, wanted: Callable[[int], Samples]) -> None:
        """Play what `wanted` returns. Raises AppError(DEVICE_GONE)."""

        def callback(data: memoryview, frames: int, time: object, status: object) -> None:
            data[:] = wanted(frames).tobytes()

        self.close_output()
        self._output = self._started(self._library.RawOutputStream, "output", device, callback, Code.DEVICE_GONE)

    @property
    def output_latency_s(self) -> float:
        """How long a sample waits in the buffer of the open loudspeaker, as PortAudio says; 0.0 when none is open."""
        return 0.0 if self._output is None else self._output.latency

    def close_input(self) -> None:
        stream, self._input = self._input, None
        self._end(stream)

    def close_output(self) -> None:
        stream, self._output = self._output, None
        self._end(stream)

    def devices(self, *, microphone: str, speaker: str) -> Devices:
        """PortAudio's list as it was when the program started, by name."""
        try:
            found = list(self._library.query_devices())
            hosts = list(self._library.query_hostapis())
        except self._library.PortAudioError:
            return Devices()
        host = hosts[0] if hosts else {"default_input_device": -1, "default_output_device": -1}
        return Devices(
            microphones=_listed(found, "max_input_channels", host["default_input_device"], microphone),
            speakers=_listed(found, "max_output_channels", host["default_output_device"], speaker),
        )

    def _most_channels(self, device: str) -> int:
        """Of a microphone; 1 when there is none, which opening it will tell."""
        if self._channel == 0:
            return 1
        index = index_of(self._library, "input", device)
        try:
            return int(self._library.query_devices(index, "input")["max_input_channels"])
        except (self._library.PortAudioError, ValueError):
            return 1

    def _started(
        self, kind: Callable[..., Stream], side: str, device: str, callback: object, failure: Code, *, channels: int = 1
    ) -> Stream:
        try:
            with OPENING:
                stream = kind(
                    samplerate=RATE_HZ,
                    blocksize=BLOCK,
                    channels=channels,
                    dtype="int16",
                    latency=self._latency_s,
                    device=index_of(self._library, side, device),
                    callback=callback,
                )
                stream.start()
        except (self._library.PortAudioError, ValueError) as e:  # ValueError: no such device
            raise AppError(failure, details=str(e)[:200]) from None
        return stream

    def _end(self, stream: Stream | None) -> None:
        if stream is None:
            return
        try:
            with OPENING:
                stream.abort()
                stream.close()
        except self._library.PortAudioError as e:  # the device is gone already
            log.info("a sound stream ended badly: %s", e)


def channels_for(channel: int, most: int) -> int:
    """Return how many channels to open to get this one; 1 is all together, also for a channel that is not there.

    2, 4, 6 or 8 where the device has them: PulseAudio, whose devices claim 32 channels, has these orders in common with
    ALSA, so that channels are not mixed on the way.
    """
    if not 1 <= channel <= most or most < 2:
        return 1
    return min(channel + channel % 2, most)


def index_of(library: ModuleType, side: str, name: str) -> int | None:
    """The device of this name, else the system's: a chosen one that is gone must not end the conversation."""
    for index, device in enumerate(library.query_devices()):
        if name and device["name"] == name and device[f"max_{side}_channels"] > 0:
            return index
    return None


def _listed(found: list[Any], channels: str, default: int, chosen: str) -> tuple[Device, ...]:
    rows = {
        d["name"]: Device(d["name"], d["name"], default=i == default, chosen=d["name"] == chosen)
        for i, d in reversed(list(enumerate(found)))
        if d[channels] > 0
    }
    return tuple(reversed(rows.values()))
