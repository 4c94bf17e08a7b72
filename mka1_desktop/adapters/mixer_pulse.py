"""PulseAudio's mixer, and PipeWire's through its Pulse server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pulsectl

from mka1_desktop.adapters.mixer_pulse_streams import StreamWishes, fit_streams, fit_voice
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.pulse_link import LOST, PulseEvents, connected, on_loop
from mka1_desktop.domain.audio import Device, Devices

log = logging.getLogger(__name__)
T = TypeVar("T")
ANSWER_LIMIT_S = 5.0
SWITCHED_S = 0.1  # until the engine, told at the same time, hands over no more of what shall not be heard
HUSH_LIMIT_S = 1.0
OUR_EVENTS = ("sink", "source", "server", "sink_input", "source_output")
DEVICE_EVENTS = frozenset({"sink", "source", "server"})


class PulseMixer:
    """See Mixer. One thread waits for the server's events and fits new streams; another one does what is asked."""

    moves_streams = True
    sets_volume = True

    def __init__(self) -> None:
        self._wishes = StreamWishes()
        self._worker: ThreadPoolExecutor | None = None
        self._watcher: PulseEvents | None = None
        self._tasks = OwnedTasks()
        self._hushing: asyncio.Task[None] | None = None

    async def open(self, changed: Callable[[], None]) -> None:
        """See Mixer."""
        loop = asyncio.get_running_loop()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="mixer")
        listening = asyncio.Event()

        def heard(pulse: pulsectl.Pulse, seen: frozenset[str]) -> None:
            fit_streams(pulse, self._wishes)
            back = not seen and listening.is_set()  # a server that was not there, or gone
            if back or seen & DEVICE_EVENTS:
                on_loop(loop, changed)

        self._watcher = PulseEvents(
            facilities=OUR_EVENTS, is_news=_is_news, heard=heard,
            tried=lambda: on_loop(loop, listening.set), lost=lambda: on_loop(loop, changed),
        )  # fmt: skip
        self._watcher.start()
        with contextlib.suppress(TimeoutError):  # a frozen server: it may still answer later
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await listening.wait()

    async def close(self) -> None:
        """See Mixer."""
        if self._hushing is not None:  # the server remembers the volume of a stream: it shall not be 0
            await asyncio.wait([self._hushing], timeout=HUSH_LIMIT_S + ANSWER_LIMIT_S)
        await self._tasks.cancel()
        watcher, self._watcher = self._watcher, None
        worker, self._worker = self._worker, None
        if watcher is not None:
            await asyncio.to_thread(watcher.stop)
        if worker is not None:
            worker.shutdown(wait=False, cancel_futures=True)

    async def devices(self) -> Devices | None:
        """See Mixer."""
        return await self._ask(lambda pulse: _devices(pulse, self._wishes))

    async def set_volume(self, percent: int) -> None:
        """See Mixer."""
        self._wishes = replace(self._wishes, volume=max(0, min(150, percent)))
        await self._ask(lambda pulse: fit_streams(pulse, self._wishes))

    def hush(self) -> None:
        """See Mixer. By the volume and not by muting: the server remembers both, and the volume is set at each start.

        It comes back when all that was handed over is through; later sound queues up behind that, so none of it is
        lost. A person's own muting in the system's mixer stays.
        """
        if self._wishes.volume is None or self._worker is None:
            return
        if self._hushing is not None:
            self._hushing.cancel()
        self._wishes = replace(self._wishes, hushed=True)
        quiet = self._start(self._worker, self._fit_voice)  # at once: the loop may be busy when a task would begin
        self._hushing = self._tasks.spawn(self._end_hush(quiet), "hush")

    async def _end_hush(self, quiet: asyncio.Future[float | None]) -> None:
        await asyncio.wait([quiet], timeout=ANSWER_LIMIT_S)
        waiting_s = quiet.result() if quiet.done() else None
        await asyncio.sleep(min(HUSH_LIMIT_S, (waiting_s or 0.0) + SWITCHED_S))
        self._wishes = replace(self._wishes, hushed=False)
        await self._ask(self._fit_voice)

    def _fit_voice(self, pulse: pulsectl.Pulse) -> float:
        return fit_voice(pulse, self._wishes)

    async def choose(self, *, microphone: str | None = None, speaker: str | None = None) -> None:
        """See Mixer."""
        if microphone is not None:
            self._wishes = replace(self._wishes, microphone=microphone)
        if speaker is not None:
            self._wishes = replace(self._wishes, speaker=speaker)
        await self._ask(lambda pulse: fit_streams(pulse, self._wishes))

    async def _ask(self, question: Callable[[pulsectl.Pulse], T]) -> T | None:
        if self._worker is None:
            return None
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await self._start(self._worker, question)
        except TimeoutError:
            log.warning("the sound server is frozen")
            return None

    def _start(self, worker: ThreadPoolExecutor, question: Callable[[pulsectl.Pulse], T]) -> asyncio.Future[T | None]:
        """Ask on a connection of its own (2 ms): it survives nothing and so needs no repair."""

        def work() -> T | None:
            try:
                with connected() as pulse:
                    return question(pulse)
            except LOST as e:
                log.info("the sound server did not answer: %s", type(e).__name__)
                return None

        return asyncio.get_running_loop().run_in_executor(worker, work)


def _is_news(event: pulsectl.PulseEventInfo) -> bool:
    """A volume that changed is no news; a stream or device that came or went is, and so is a new default."""
    return bool(event.t != "change" or event.facility == "server")


def _devices(pulse: pulsectl.Pulse, wishes: StreamWishes) -> Devices:
    server = pulse.server_info()
    microphones = [s for s in pulse.source_list() if not s.monitor_of_sink_name]
    return Devices(
        microphones=_listed(microphones, server.default_source_name, wishes.microphone),
        speakers=_listed(pulse.sink_list(), server.default_sink_name, wishes.speaker),
    )


def _listed(found: list[pulsectl.PulseSinkInfo], default: str, chosen: str | None) -> tuple[Device, ...]:
    return tuple(
        Device(id=d.name, name=d.description or d.name, default=d.name == default, chosen=d.name == chosen)
        for d in found
    )
