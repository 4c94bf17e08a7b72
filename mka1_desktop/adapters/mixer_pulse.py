"""PulseAudio's mixer, and PipeWire's through its Pulse server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import pulsectl

from mka1_desktop.adapters.mixer_pulse_streams import StreamWishes, fit_streams, fit_voice
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.domain.audio import Device, Devices

log = logging.getLogger(__name__)
T = TypeVar("T")
ANSWER_LIMIT_S = 5.0
RETRY_S = 2.0  # a sound server that was restarted is found again within this time
NAME = "MKA1 Desktop"
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
        self._watcher: _Watcher | None = None
        self._tasks = OwnedTasks()
        self._hushing: asyncio.Task[None] | None = None

    async def open(self, changed: Callable[[], None]) -> None:
        """See Mixer."""
        loop = asyncio.get_running_loop()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="mixer")
        listening = asyncio.Event()
        self._watcher = _Watcher(
            wishes=lambda: self._wishes,
            changed=lambda: _on_loop(loop, changed),
            tried=lambda: _on_loop(loop, listening.set),
        )
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
                with _connected() as pulse:
                    return question(pulse)
            except pulsectl.PulseError as e:
                log.info("the sound server did not answer: %s", type(e).__name__)
                return None

        return asyncio.get_running_loop().run_in_executor(worker, work)


class _Watcher:
    """Waits for events in a thread of its own."""

    def __init__(
        self, *, wishes: Callable[[], StreamWishes], changed: Callable[[], None], tried: Callable[[], None]
    ) -> None:
        """`tried`: it listens now, or there is no server; the other two see Mixer."""
        self._wishes = wishes
        self._changed = changed
        self._tried = tried
        self._closing = threading.Event()
        self._pulse: pulsectl.Pulse = None
        self._seen: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="mixer events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Blocks until the thread is gone, or 2 s when the server is frozen (the thread is a daemon)."""
        self._closing.set()
        for _ in range(40):
            pulse = self._pulse
            if pulse is not None:
                pulse.event_listen_stop()  # may come just before it listens: hence again and again
            self._thread.join(0.05)
            if not self._thread.is_alive():
                break
        else:
            return
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                pulse = _connect()
            except pulsectl.PulseError:
                self._tried()
                self._closing.wait(RETRY_S)
                continue
            self._pulse = pulse  # closed by `stop`, which may be using it just now
            try:
                self._listen(pulse)
            except pulsectl.PulseError:
                log.info("the sound server went away")
            if not self._closing.is_set():
                self._pulse = None
                pulse.close()
                self._changed()

    def _listen(self, pulse: pulsectl.Pulse) -> None:
        pulse.event_mask_set(*OUR_EVENTS)
        pulse.event_callback_set(self._note)
        fit_streams(pulse, self._wishes())
        self._tried()
        while not self._closing.is_set():
            if not self._seen:
                pulse.event_listen()
            seen, self._seen = self._seen, set()
            if seen:
                fit_streams(pulse, self._wishes())
            if seen & DEVICE_EVENTS:
                self._changed()

    def _note(self, event: pulsectl.PulseEventInfo) -> None:
        """A volume that changed is no news; a stream or device that came or went is, and so is a new default."""
        facility = next((name for name in OUR_EVENTS if event.facility == name), None)
        if facility is None or (event.t == "change" and facility != "server"):
            return
        self._seen.add(facility)
        raise pulsectl.PulseLoopStop


def _on_loop(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(work)


def _connect() -> pulsectl.Pulse:
    """Raises pulsectl.PulseError. Never starts a server.

    Without pulsectl's time limit, which waits until it has passed even when the connection is there (24.12).
    """
    pulse = pulsectl.Pulse(NAME, connect=False)
    try:
        pulse.connect(autospawn=False)
    except pulsectl.PulseError:
        pulse.close()
        raise
    return pulse


@contextmanager
def _connected() -> Iterator[pulsectl.Pulse]:
    pulse = _connect()
    try:
        yield pulse
    finally:
        pulse.close()


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
