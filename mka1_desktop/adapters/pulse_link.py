"""Connections to PulseAudio's server, and PipeWire's Pulse server: one for a question, or one that hears events."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pulsectl
from pulsectl._pulsectl import LibPulse

log = logging.getLogger(__name__)
NAME = "MKA1 Desktop"
RETRY_S = 2.0  # a sound server that was restarted is found again within this time
# What a call raises when the server is gone: by the moment at which it went (24.12). Only the first is a PulseError.
LOST: tuple[type[Exception], ...] = (pulsectl.PulseError, pulsectl.PulseDisconnected, LibPulse.CallError)


@contextmanager
def connected() -> Iterator[pulsectl.Pulse]:
    """Connect for the time of a block, which takes 2 ms; blocks. Raises one of LOST."""
    pulse = _connect()
    try:
        yield pulse
    finally:
        pulse.close()


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


def on_loop(loop: asyncio.AbstractEventLoop, work: Callable[[], None]) -> None:
    """From another thread: let the loop call `work`, unless it is closed already."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(work)


class PulseEvents:
    """Waits for events in a thread of its own; a server that goes away is looked for until it is back.

    All callbacks come in that thread.
    """

    def __init__(
        self,
        *,
        facilities: tuple[str, ...],
        is_news: Callable[[pulsectl.PulseEventInfo], bool],
        heard: Callable[[pulsectl.Pulse, frozenset[str]], None],
        tried: Callable[[], None] = lambda: None,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        """`facilities` are pulsectl's names of what is watched.

        Args:
            facilities: see above.
            is_news: whether `heard` shall be called for an event.
            heard: gets a connection to ask on and the facilities that had news; none when the connection is new.
            tried: it listens now, or there is no server.
            lost: the server went away.
        """
        self._facilities = facilities
        self._is_news = is_news
        self._heard = heard
        self._tried = tried
        self._lost = lost
        self._closing = threading.Event()
        self._pulse: pulsectl.Pulse = None
        self._seen: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="mixer events", daemon=True)

    def start(self) -> None:
        """Begin; once."""
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
            except LOST:
                self._tried()
                self._closing.wait(RETRY_S)
                continue
            self._pulse = pulse  # closed by `stop`, which may be using it just now
            try:
                self._listen(pulse)
            except LOST:
                log.info("the sound server went away")
            if not self._closing.is_set():
                self._pulse = None
                pulse.close()
                self._lost()

    def _listen(self, pulse: pulsectl.Pulse) -> None:
        pulse.event_mask_set(*self._facilities)
        pulse.event_callback_set(self._note)
        self._heard(pulse, frozenset())
        self._tried()
        while not self._closing.is_set():
            if not self._seen:
                pulse.event_listen()
            seen, self._seen = self._seen, set()
            if seen:
                self._heard(pulse, frozenset(seen))

    def _note(self, event: pulsectl.PulseEventInfo) -> None:
        facility = next((name for name in self._facilities if event.facility == name), None)
        if facility is not None and self._is_news(event):
            self._seen.add(facility)
            raise pulsectl.PulseLoopStop
