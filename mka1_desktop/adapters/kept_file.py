"""Kept speech of the engine without a sound card."""

from __future__ import annotations

import asyncio

import numpy as np
from livekit import rtc

from mka1_desktop.adapters.kept_beside import kept_of
from mka1_desktop.adapters.kept_track import until_heard
from mka1_desktop.adapters.mic_tracks import MicrophoneTracks
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import BLOCK, Kept, Samples

LEAD = TAIL = 20  # blocks of silence around kept speech, as with the other engines
SILENCE: Samples = np.zeros(BLOCK, np.int16)


class KeptInFile:
    """See SoundPort. The input waits while kept speech goes out, so that nothing of it is lost or out of order."""

    def __init__(self, tracks: MicrophoneTracks) -> None:
        self.store = SpeechStore()
        self.keeping = False
        self._tracks = tracks
        self._done: asyncio.Future[None] | None = None
        self._lead = self._tail = 0
        self._ready = False  # somebody gets what is sent
        self._turn = asyncio.Lock()

    @property
    def sending(self) -> bool:
        return self._done is not None

    @property
    def kept(self) -> Kept:
        return kept_of(self.store, sending=self.sending)

    @property
    def records(self) -> bool:
        """The input plays on although no room hears it; when the memory is full it waits instead."""
        return self.keeping and not self.sending and not self._tracks.open and not self.store.full

    def remember(self, block: Samples) -> None:
        """This block of the input was played."""
        if self.keeping:
            self.store.add(block, sent=self._tracks.open)

    async def send(self, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        """See RoomSession.send_kept."""
        async with self._turn:
            await self._send(microphone, again=again)

    async def _send(self, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        if again:
            self.store.rewind()
        if self.store.unsent == 0:
            return
        self._lead, self._tail, self._ready = LEAD, TAIL, False
        self._done = asyncio.get_running_loop().create_future()
        self._tracks.force(True)
        try:
            if microphone is not None:
                await until_heard(microphone)
            self._ready = True
            await self._done
        finally:
            self._done = None
            self._tracks.force(None)

    def next_block(self) -> Samples:
        """What goes out now, while `sending`."""
        if self._lead:
            self._lead -= 1 if self._ready else 0
            return SILENCE
        if (block := self.store.take()) is not None:
            return block if block.size == BLOCK else np.concatenate([block, SILENCE[block.size :]])
        self._tail -= 1
        if self._tail <= 0 and self._done is not None and not self._done.done():
            self._done.set_result(None)
        return SILENCE

    def close(self) -> None:
        """Wipe, and let nobody wait."""
        self.keeping = False
        self.store.clear()
        if self._done is not None:
            self._done.cancel()
