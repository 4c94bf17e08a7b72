"""Both caption channels of the SDK -> CaptionReceived, bounded and with a segment id in any case."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from livekit import rtc

from mka1_desktop.domain.captions import TEXT_LIMIT
from mka1_desktop.domain.events import CaptionReceived, Speaker

SEGMENTS_LIMIT = 50  # segments read of one event
ID_LIMIT = 200
FINAL, SEGMENT, TRACK = "lk.transcription_final", "lk.segment_id", "lk.transcribed_track_id"


class CaptionReader:
    """Reads captions of one room. `whose` tells the speaker from an identity and a track sid."""

    def __init__(
        self,
        *,
        ticket: int,
        emit: Callable[[CaptionReceived], None],
        whose: Callable[[str | None, str | None], Speaker],
        now: Callable[[], float],
    ) -> None:
        self._ticket = ticket
        self._emit = emit
        self._whose = whose
        self._now = now
        self._nameless = 0

    def on_event(
        self,
        segments: Sequence[rtc.TranscriptionSegment],
        participant: rtc.Participant | None,
        publication: rtc.TrackPublication | None,
    ) -> None:
        """Handle the SDK's `transcription_received`: whole texts that replace each other."""
        speaker = self._whose(participant.identity if participant else None, publication.sid if publication else None)
        for segment in segments[:SEGMENTS_LIMIT]:
            name = segment.id[:ID_LIMIT] or self._nameless_id(speaker)
            if segment.final and not segment.id:
                self._nameless += 1
            self._say("event", name, speaker, segment.text, final=segment.final, language=segment.language)

    def _nameless_id(self, speaker: Speaker) -> str:
        return f"nameless-{speaker}-{self._nameless}"

    async def on_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        """Read one `lk.transcription` text stream to its end: chunks append.

        A user stream that says it is not final is sent anew under the same id; any other that ends is final
        (open questions 22 and 24).
        """
        attributes = reader.info.attributes or {}
        speaker = self._whose(identity, attributes.get(TRACK))
        name = (attributes.get(SEGMENT) or reader.info.stream_id)[:ID_LIMIT]
        text = ""
        with contextlib.suppress(ConnectionError):  # cut in the middle: what came is all there is
            async for chunk in reader:
                if len(text) < TEXT_LIMIT:
                    text += chunk
                    self._say("stream", name, speaker, text, final=False)
        said = (reader.info.attributes or {}).get(FINAL, "").casefold()
        if said != "false" or speaker == "agent":
            self._say("stream", name, speaker, text, final=True)

    def _say(
        self, channel: str, name: str, speaker: Speaker, text: str, *, final: bool, language: str | None = None
    ) -> None:
        self._emit(
            CaptionReceived(
                ticket=self._ticket,
                segment_id=name,
                speaker=speaker,
                text=text[:TEXT_LIMIT],
                final=final,
                channel="event" if channel == "event" else "stream",
                at_s=self._now(),
                language=(language or "")[:16] or None,
            )
        )
