"""Devices for the sound check: PortAudio's streams beside any engine, on the devices that the person chose."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from mka1_desktop.adapters.check_streams import CheckCapture, CheckPlayback
from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.adapters.mixer import Mixer, pick_mixer
from mka1_desktop.adapters.portaudio_streams import Streams
from mka1_desktop.domain.audio import Device, Samples
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.ports.audio import EngineName

log = logging.getLogger(__name__)
WORK_LIMIT_S = 5.0
LATENCY_S = 0.1  # nobody talks meanwhile: rather late than with gaps on a busy machine, which spoil what is measured


class CheckedStreams(Protocol):
    """What is needed of `Streams`."""

    @property
    def output_latency_s(self) -> float: ...

    def open_input(self, device: str, heard: Callable[[Samples], None]) -> None: ...

    def open_output(self, device: str, wanted: Callable[[int], Samples]) -> None: ...

    def close_input(self) -> None: ...

    def close_output(self) -> None: ...


class DeviceCheck:
    """See SoundCheckPort. Nothing is loaded before the first device is opened."""

    def __init__(
        self,
        channel: int = 0,
        *,
        make_mixer: Callable[[], Mixer] = pick_mixer,
        load: Callable[[int, float], CheckedStreams] = Streams,
    ) -> None:
        """`channel` of the microphone is heard, from 1 on; 0 is all together."""
        self._channel = channel
        self._make_mixer = make_mixer
        self._load = load
        self._mixer: Mixer | None = None
        self._streams: CheckedStreams | None = None
        self._worker: DaemonWorker | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def microphone(self, device: Device | None, *, keeps: bool) -> AsyncIterator[CheckCapture]:
        """See SoundCheckPort."""
        streams, mixer = await self._ready()
        capture = CheckCapture(keeps=keeps)
        try:
            await self._in_worker(partial(streams.open_input, _name(device, mixer), capture.hear))
            if mixer.moves_streams:  # not a sample of another microphone before it is moved
                await mixer.choose(microphone=device.id if device else "")
            capture.begin()
            yield capture
        finally:
            capture.end()
            await self._shut(streams.close_input)

    @asynccontextmanager
    async def speaker(self, device: Device | None) -> AsyncIterator[CheckPlayback]:
        """See SoundCheckPort."""
        streams, mixer = await self._ready()
        playback = CheckPlayback()
        try:
            await self._in_worker(partial(streams.open_output, _name(device, mixer), playback.wanted))
            if mixer.moves_streams:
                await mixer.choose(speaker=device.id if device else "")
            await playback.settled()
            playback.latency_s = streams.output_latency_s
            yield playback
        finally:
            playback.end()
            await self._shut(streams.close_output)

    def gain(self, percent: int, engine: EngineName) -> float:
        """See SoundCheckPort. A sound server's percent are cubic (PulseAudio, pa_sw_volume_to_linear)."""
        by_server = engine == "native" and self._mixer is not None and self._mixer.moves_streams
        return (percent / 100) ** 3 if by_server else percent / 100

    async def close(self) -> None:
        """See SoundCheckPort."""
        async with self._turn:
            streams, self._streams = self._streams, None
            worker, self._worker = self._worker, None
            mixer, self._mixer = self._mixer, None
            if worker is not None:
                if streams is not None:
                    worker.submit(streams.close_input)
                    worker.submit(streams.close_output)
                worker.stop()
            if mixer is not None:
                await mixer.close()

    async def _ready(self) -> tuple[CheckedStreams, Mixer]:
        """Raises AppError(NO_SOUND)."""
        async with self._turn:
            if self._worker is None:
                self._worker = DaemonWorker("sound check")
            if self._streams is None:
                await self._in_worker(self._load_streams)
            if self._mixer is None:
                self._mixer = self._make_mixer()
                await self._mixer.open(lambda: None)
            if self._streams is None:
                raise AppError(Code.NO_SOUND)
            return self._streams, self._mixer

    def _load_streams(self) -> None:
        self._streams = self._load(self._channel, LATENCY_S)

    async def _in_worker(self, work: Callable[[], None]) -> None:
        """Raises AppError: that of the work, NO_SOUND when the sound system does not answer."""
        if self._worker is None:
            raise AppError(Code.NO_SOUND)
        try:
            async with asyncio.timeout(WORK_LIMIT_S):
                await asyncio.wrap_future(self._worker.submit(work))
        except TimeoutError:
            raise AppError(Code.NO_SOUND, details="the sound system does not answer") from None

    async def _shut(self, work: Callable[[], None]) -> None:
        """Close also what opens too late: the worker does one thing after the other. Never raises, never cut short."""
        if self._worker is None:
            return
        closing = asyncio.wrap_future(self._worker.submit(work))
        done, _ = await asyncio.wait([closing], timeout=WORK_LIMIT_S)
        if not done:
            log.warning("a device of the sound check does not close")


def _name(device: Device | None, mixer: Mixer) -> str:
    """What PortAudio calls the device; where the mixer moves streams, it opens the system's."""
    return "" if device is None or mixer.moves_streams else device.name
