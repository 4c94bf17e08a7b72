"""This process's streams at PulseAudio's server: their volume, their device, and their sound taken back."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

import pulsectl

log = logging.getLogger(__name__)
VOICE = "WEBRTC VoiceEngine"  # what the native engine's streams call their program


@dataclass(frozen=True, slots=True)
class StreamWishes:
    """What streams of this process shall have, also those that are opened later; None: never asked for."""

    volume: int | None = None
    microphone: str | None = None
    speaker: str | None = None
    hushed: bool = False  # the voice is silent for a moment, whatever its volume


def fit_streams(pulse: pulsectl.Pulse, wishes: StreamWishes) -> None:
    """Give every stream of this process the volume and the device that it shall have."""
    inputs = _ours(pulse.sink_input_list())
    outputs = _ours(pulse.source_output_list())
    if not inputs and not outputs:
        return
    server = pulse.server_info()
    _fit_volume(pulse, inputs, wishes)
    if wishes.speaker is not None:
        speakers = {d.name: d.index for d in pulse.sink_list()}
        target = speakers.get(wishes.speaker, speakers.get(server.default_sink_name))
        for stream in inputs:
            if target is not None and stream.sink != target:
                _try(pulse.sink_input_move, stream.index, target)
    if wishes.microphone is not None:
        sources = {d.name: d.index for d in pulse.source_list()}
        target = sources.get(wishes.microphone, sources.get(server.default_source_name))
        for stream in outputs:
            if target is not None and stream.source != target:
                _try(pulse.source_output_move, stream.index, target)


def fit_voice(pulse: pulsectl.Pulse, wishes: StreamWishes) -> float:
    """Give the voice its volume; return the seconds of sound that wait at the server (0.0 without a voice).

    The server does it to what waits there already, within one block of the device (0 to 5 ms, measured).
    """
    voices = _ours(pulse.sink_input_list(), VOICE)
    _fit_volume(pulse, voices, wishes)
    return max(((v.buffer_usec + v.sink_usec) / 1e6 for v in voices), default=0.0)


def _ours(streams: list[pulsectl.PulseSinkInputInfo], program: str | None = None) -> list[pulsectl.PulseSinkInputInfo]:
    ours = str(os.getpid())
    return [
        s
        for s in streams
        if s.proplist.get("application.process.id") == ours and program in (None, s.proplist.get("application.name"))
    ]


def _fit_volume(pulse: pulsectl.Pulse, inputs: list[pulsectl.PulseSinkInputInfo], wishes: StreamWishes) -> None:
    if wishes.volume is None:
        return
    percent = 0 if wishes.hushed else wishes.volume
    for stream in inputs:
        if stream.proplist.get("application.name") == VOICE:
            _try(pulse.volume_set_all_chans, stream, percent / 100)


def _try(work: Callable[..., object], *values: object) -> None:
    """A stream may have ended since it was listed."""
    try:
        work(*values)
    except pulsectl.PulseOperationFailed as e:
        log.debug("a stream could not be changed: %s", type(e).__name__)
