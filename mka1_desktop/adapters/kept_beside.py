"""Kept speech of the native engine: recorded beside WebRTC, sent on a track of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from livekit import rtc

from mka1_desktop.adapters.kept_track import send_on_own_track
from mka1_desktop.adapters.speech_recorder import SpeechRecorder
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import RATE_HZ, Kept

FLOW_LIMIT_S = 4.0  # WebRTC's own time limit for opening a microphone is 3 s


def kept_of(store: SpeechStore, *, sending: bool) -> Kept:
    """What the window shows of a store."""
    return Kept(unsent_s=store.unsent / RATE_HZ, recorded_s=store.recorded / RATE_HZ, sending=sending)


class KeptBeside:
    """See SoundPort and TrackHost for `send`. `force` mutes WebRTC's track (False) or gives it back (None)."""

    def __init__(self, *, store: SpeechStore, recorder: SpeechRecorder, force: Callable[[bool | None], None]) -> None:
        self._store = store
        self._recorder = recorder
        self._force = force
        self._flows = asyncio.Event()
        self._sending = False
        self._turn = asyncio.Lock()

    @property
    def kept(self) -> Kept:
        return kept_of(self._store, sending=self._sending)

    @property
    def recording(self) -> bool:
        return self._recorder.recording

    def microphone_flows(self) -> None:
        """Samples arrive at WebRTC's own track, or nobody wants any."""
        self._flows.set()

    async def send(self, room: rtc.Room, *, again: bool) -> None:
        """One room after the other."""
        async with self._turn:
            await self._send(room, again=again)

    async def _send(self, room: rtc.Room, *, again: bool) -> None:
        if again:
            self._store.rewind()
        line = self._recorder.line
        if line is None or self._store.unsent == 0:
            return
        self._sending = True
        self._force(False)
        try:
            await send_on_own_track(room, line, self._give_back_microphone, lambda: self._recorder.recording)
        finally:
            self._sending = False
            self._force(None)

    async def _give_back_microphone(self) -> None:
        """When it does not open in time, the person is told by its watch, and the key's release ends the sending."""
        self._flows.clear()
        self._force(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLOW_LIMIT_S):
                await self._flows.wait()
