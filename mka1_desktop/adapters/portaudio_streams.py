"""PortAudio's devices, 48 kHz mono in blocks of 10 ms. Everything here blocks and belongs in a worker thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from mka1_desktop.domain.audio import BLOCK, RATE_HZ, Device, Devices, Samples
from mka1_desktop.domain.errors import AppError, Code

log = logging.getLogger(__name__)
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

    def start(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


class Streams:
    """Opens and closes the one microphone and the one loudspeaker; the callbacks run in PortAudio's threads."""

    def __init__(self) -> None:
        """Raises AppError(NO_SOUND)."""
        self._library = load()
        self._input: Stream | None = None
        self._output: Stream | None = None

    def open_input(self, device: str, heard: Callable[[Samples], None]) -> None:
        """Hand every block of the microphone to `heard`. Raises AppError(NO_MICROPHONE)."""

        def callback(data: memoryview, frames: int, time: object, status: object) -> None:
            heard(np.frombuffer(data, np.int16))

        self.close_input()
        self._input = self._started(self._library.RawInputStream, "input", device, callback, Code.NO_MICROPHONE)

    def open_output(self, device: str, wanted: Callable[[int], Samples]) -> None:
        """Play what `wanted` returns. Raises AppError(DEVICE_GONE)."""

        def callback(data: memoryview, frames: int, time: object, status: object) -> None:
            data[:] = wanted(frames).tobytes()

        self.close_output()
        self._output = self._started(self._library.RawOutputStream, "output", device, callback, Code.DEVICE_GONE)

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

    def _started(self, kind: Callable[..., Stream], side: str, device: str, callback: object, failure: Code) -> Stream:
        try:
            stream = kind(
                samplerate=RATE_HZ,
                blocksize=BLOCK,
                channels=1,
                dtype="int16",
                latency=LATENCY_S,
                device=self._index(side, device),
                callback=callback,
            )
            stream.start()
        except (self._library.PortAudioError, ValueError) as e:  # ValueError: no such device
            raise AppError(failure, details=str(e)[:200]) from None
        return stream

    def _index(self, side: str, name: str) -> int | None:
        """The device of this name, else the system's: a chosen one that is gone must not end the conversation."""
        for index, device in enumerate(self._library.query_devices()):
            if name and device["name"] == name and device[f"max_{side}_channels"] > 0:
                return index
        return None

    def _end(self, stream: Stream | None) -> None:
        if stream is None:
            return
        try:
            stream.abort()
            stream.close()
        except self._library.PortAudioError as e:  # the device is gone already
            log.info("a sound stream ended badly: %s", e)


def _listed(found: list[Any], channels: str, default: int, chosen: str) -> tuple[Device, ...]:
    rows = {
        d["name"]: Device(d["name"], d["name"], default=i == default, chosen=d["name"] == chosen)
        for i, d in reversed(list(enumerate(found)))
        if d[channels] > 0
    }
    return tuple(reversed(rows.values()))


def play_once(samples: Samples) -> None:
    """Play int16 samples on the system's speaker, and return when they are out. Raises AppError(NO_SOUND)."""
    library = load()
    try:
        with library.RawOutputStream(samplerate=RATE_HZ, channels=1, dtype="int16", latency=LATENCY_S) as stream:
            stream.write(samples.tobytes())
    except library.PortAudioError as e:
        raise AppError(Code.NO_SOUND, details=str(e)[:200]) from None
