"""Both caption channels of the SDK -> CaptionReceived, bounded and with a segment id in any case."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livekit import rtc

from mka1_desktop.domain.captions import TEXT_LIMIT
from mka1_desktop.domain.events import CaptionReceived, Speaker

SEGMENTS_LIMIT = 50  # segments read of one event
ID_LIMIT = 200
UNFINISHED_LIMIT = 4_000  # characters of a nameless stream that another one may go on with
FINAL, SEGMENT, TRACK = "lk.transcription_final", "lk.segment_id", "lk.transcribed_track_id"


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """A stream without a segment id that said it is not final."""

    name: str
    words: str  # see `_words`


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
        self._nameless: Counter[Speaker] = Counter()
        self._unfinished: dict[Speaker, _Unfinished] = {}  # the newest stream, where it is to be sent anew

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
                self._nameless[speaker] += 1
            if segment.final:
                self._unfinished.pop(speaker, None)
            self._say("event", name, speaker, segment.text, final=segment.final, language=segment.language)

    def _nameless_id(self, speaker: Speaker) -> str:
        return f"nameless-{speaker}-{self._nameless[speaker]}"

    async def on_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        """Read one `lk.transcription` text stream to its end: chunks append.

        A user stream that says it is not final is sent anew under the same id; any other that ends is final
        (open questions 22 and 24). Where it has no segment id, its words tell that it is sent anew.
        """
        attributes = reader.info.attributes or {}
        speaker = self._whose(identity, attributes.get(TRACK))
        segment = attributes.get(SEGMENT)
        own = (segment or reader.info.stream_id)[:ID_LIMIT]
        name = own if segment or speaker == "agent" else None  # None: not known yet
        text = ""
        with contextlib.suppress(ConnectionError):  # cut in the middle: what came is all there is
            async for chunk in reader:
                if len(text) < TEXT_LIMIT:
                    text += chunk
                    name = name or self._name_by_words(own, speaker, text)
                    if name is not None:
                        self._say("stream", name, speaker, text, final=False)
        said = (reader.info.attributes or {}).get(FINAL, "").casefold()
        final = said != "false" or speaker == "agent"
        if final or name is None:
            self._say("stream", name or own, speaker, text, final=final)
        self._unfinished.pop(speaker, None)
        if not final and segment is None and 0 < len(text) <= UNFINISHED_LIMIT:
            self._unfinished[speaker] = _Unfinished(name or own, _words(text))

    def _name_by_words(self, own: str, speaker: Speaker, text: str) -> str | None:
        """Return the segment that a nameless stream goes on with; None while it only repeats what was there."""
        earlier, words = self._unfinished.get(speaker), _words(text)
        if earlier is None or not earlier.words:
            return own
        if words.startswith(earlier.words):
            return earlier.name
        return None if earlier.words.startswith(words) else own

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


def _words(text: str) -> str:
    """Return what two texts are compared by that may differ in case, spaces and punctuation."""
    return "".join(c for c in text.casefold() if c.isalnum())
