"""Caption segments of both channels, reconciled: one record a segment, one final a record.

A record that was closed here, for want of a final flag, is told again when the service's own words read otherwise.

The same words come as legacy transcription events and as `lk.transcription` text streams, with the same segment id or
with another one, in any order (open questions 22 to 24). A record therefore knows one id for each channel; a segment
of the other channel whose words agree is its twin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from mka1_desktop.domain.events import CaptionReceived, Channel, Speaker

TWIN_WINDOW_S = 4.0  # how long after its last change a record still finds its twin
TEXT_LIMIT = 200_000  # characters kept of one segment
MEMORY = 400  # records kept for matching


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One segment as people see it. `key` is ours; text only grows or is corrected until `final`."""

    key: str
    ticket: int
    speaker: Speaker
    text: str
    final: bool
    channel: Channel  # that carried the newest change
    first_at_s: float
    changed_at_s: float
    ids: tuple[tuple[Channel, str], ...]
    updates: int = 1
    base: str = ""  # what an earlier record holds of the same segment
    assumed: bool = False  # closed here, not by the service: more of it may still come
    language: str | None = None

    def id_of(self, channel: Channel) -> str | None:
        return next((i for c, i in self.ids if c == channel), None)


@dataclass(frozen=True, slots=True)
class Transcript:
    """All records of a session, oldest first."""

    records: tuple[Record, ...] = ()
    count: int = 0

    def open_records(self, speaker: Speaker) -> tuple[Record, ...]:
        return tuple(r for r in self.records if r.speaker == speaker and not r.final)


Change: TypeAlias = tuple[Transcript, tuple[Record, ...]]


def apply(transcript: Transcript, caption: CaptionReceived) -> Change:
    """Add one caption; return the new transcript and the records that changed (none when it says nothing new)."""
    text = caption.text[:TEXT_LIMIT]
    found = _find(transcript, caption)
    if found is None:
        if not text.strip():
            return transcript, ()
        return _begin(transcript, caption, text)
    if found.final:
        if found.assumed:
            return _late(transcript, found, caption, text)
        return _remember_id(transcript, found, caption), ()
    merged = _merged(found, caption, _after(text, found.base))
    if merged.text == found.text and merged.final == found.final:
        return _remember_id(transcript, found, caption), ()
    return _with(transcript, merged), (merged,)


def settle(transcript: Transcript, *, speaker: Speaker, at_s: float) -> Change:
    """Close what this speaker left open: the service sent no final flag (open question 24)."""
    closed = tuple(replace(r, final=True, assumed=True, changed_at_s=at_s) for r in transcript.open_records(speaker))
    for record in closed:
        transcript = _with(transcript, record)
    return transcript, closed


def _late(transcript: Transcript, found: Record, caption: CaptionReceived, text: str) -> Change:
    """Let in what comes for a segment that was closed here: more of it is a new record, another wording corrects it."""
    more = _after(text, f"{found.base} {found.text}")
    in_word = _begins_in_word(text, more)
    if more.strip() and not in_word:
        return _begin(transcript, caption, more, goes_on=found)
    corrected = _after(text, found.base)
    reworded = _words(corrected) not in ("", _words(found.text))
    its_final = caption.final and found.id_of(caption.channel) == caption.segment_id
    if reworded and (in_word or its_final):
        merged = _merged(replace(found, assumed=False), caption, corrected)
        return _with(transcript, merged), (merged,)
    return _remember_id(transcript, found, caption), ()


def _begin(transcript: Transcript, caption: CaptionReceived, text: str, *, goes_on: Record | None = None) -> Change:
    """Start a record; a newer segment closes an older open one of the same speaker and channel.

    `goes_on` was closed too early: the new record holds what came after it.
    """
    older = tuple(
        replace(r, final=True, assumed=True, changed_at_s=caption.at_s)
        for r in transcript.open_records(caption.speaker)
        if r.id_of(caption.channel) is not None and r.ticket == caption.ticket
    )
    for record in older:
        transcript = _with(transcript, record)
    fresh = Record(
        key=f"{caption.ticket}.{transcript.count + 1}",
        ticket=caption.ticket,
        speaker=caption.speaker,
        text=text,
        final=caption.final,
        channel=caption.channel,
        first_at_s=caption.at_s,
        changed_at_s=caption.at_s,
        ids=((caption.channel, caption.segment_id),) if goes_on is None else _ids(goes_on, caption),
        base="" if goes_on is None else f"{goes_on.base} {goes_on.text}".strip(),
        language=caption.language,
    )
    records = (*transcript.records, fresh)[-MEMORY:]
    return Transcript(records, transcript.count + 1), (*older, fresh)


def _find(transcript: Transcript, caption: CaptionReceived) -> Record | None:
    """Return the record that a caption belongs to. A segment without an id can only be one that is still open."""
    mine = [r for r in transcript.records if r.ticket == caption.ticket and r.speaker == caption.speaker]
    named = [r for r in mine if caption.segment_id or not r.final]
    for record in reversed(named):  # the same channel and id, or the same id on the other channel
        if record.id_of(caption.channel) == caption.segment_id:
            return record
    for record in reversed(named):
        if record.id_of(caption.channel) is None and any(i == caption.segment_id for _, i in record.ids):
            return record
    for record in mine:  # oldest first: twins arrive in the order of speaking
        if record.id_of(caption.channel) is None and _agrees(record, caption):
            return record
    return None


def _agrees(record: Record, caption: CaptionReceived) -> bool:
    """Whether a caption of the other channel says the same words: one begins with the other."""
    if record.final and caption.at_s - record.changed_at_s > TWIN_WINDOW_S:
        return False
    one, other = _signs(record.base + record.text), _signs(caption.text)
    return bool(other) and (one.startswith(other) or other.startswith(one))


def _words(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _signs(text: str) -> str:
    """Return the words to compare by; of a text without any, such as an emoji, its signs."""
    return _words(text) or "".join(text.split())


def _after(text: str, said: str) -> str:
    """Return what `text` says beyond `said`; nothing when it is behind or says something else."""
    left = len(_words(said))
    if left == 0:  # nothing said yet, or signs only
        return text.strip().removeprefix(said.strip()) if said.strip() else text
    if not _words(text).startswith(_words(said)):
        return ""
    for place, character in enumerate(text):
        if left <= 0 and character.isalnum():
            return text[place:]
        left -= len(_words(character))
    return ""


def _begins_in_word(text: str, rest: str) -> bool:
    """Whether `rest`, the end of `text`, begins in the middle of a word."""
    place = len(text) - len(rest)
    return place > 0 and text[place - 1].isalnum() and rest[:1].isalnum()


def _merged(record: Record, caption: CaptionReceived, text: str) -> Record:
    """Let the newer text in, except that an unfinished twin channel that lags behind takes nothing back."""
    lagging = (len(record.ids) > 1 or record.id_of(caption.channel) is None) and _words(record.text).startswith(
        _words(text)
    )
    keep = (lagging and not caption.final) or not text.strip()
    return replace(
        record,
        text=record.text if keep else text,
        final=caption.final,
        channel=caption.channel,
        changed_at_s=caption.at_s,
        ids=_ids(record, caption),
        updates=record.updates + 1,
        language=caption.language or record.language,
    )


def _ids(record: Record, caption: CaptionReceived) -> tuple[tuple[Channel, str], ...]:
    if record.id_of(caption.channel) is not None:
        return record.ids
    return (*record.ids, (caption.channel, caption.segment_id))


def _remember_id(transcript: Transcript, record: Record, caption: CaptionReceived) -> Transcript:
    ids = _ids(record, caption)
    return transcript if ids == record.ids else _with(transcript, replace(record, ids=ids))


def _with(transcript: Transcript, record: Record) -> Transcript:
    records = tuple(record if r.key == record.key else r for r in transcript.records)
    return Transcript(records, transcript.count)
