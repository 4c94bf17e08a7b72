"""Kept speech of the engine whose samples are its own: it goes into the line that the microphone goes into."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from livekit import rtc

from mka1_desktop.adapters.capture_line import CaptureLine
from mka1_desktop.adapters.kept_beside import kept_of
from mka1_desktop.adapters.kept_run import KeptRun
from mka1_desktop.adapters.kept_track import until_heard
from mka1_desktop.adapters.mic_tracks import MicrophoneTracks
from mka1_desktop.adapters.speech_store import SpeechStore
from mka1_desktop.domain.audio import Kept


class KeptInLine:
    """See SoundPort and TrackHost for `send`."""

    def __init__(self, *, store: SpeechStore, tracks: MicrophoneTracks, line: Callable[[], CaptureLine | None]) -> None:
        self._store = store
        self._tracks = tracks
        self._line = line
        self._sending = False
        self._turn = asyncio.Lock()

    @property
    def kept(self) -> Kept:
        return kept_of(self._store, sending=self._sending)

    async def send(self, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        """The track is open for it whatever the key does, and from now on no live speech gets in front of it."""
        async with self._turn:
            await self._send(microphone, again=again)

    async def _send(self, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None:
        if again:
            self._store.rewind()
        line = self._line()
        if line is None or self._store.unsent == 0:
            return
        run = KeptRun(ready=False)
        self._sending = True
        line.send_kept(run)
        self._tracks.force(True)
        try:
            if microphone is not None:
                await until_heard(microphone)
            run.ready = True
            await run.until_done()
        finally:
            line.end_kept(run, cut=not run.done)
            self._sending = False
            self._tracks.force(None)
