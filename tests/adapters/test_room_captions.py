"""Captions without a segment id: which of them are one segment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from mka1_desktop.adapters.room_captions import FINAL, SEGMENT, UNFINISHED_LIMIT, CaptionReader
from mka1_desktop.domain.captions import Transcript, apply
from mka1_desktop.domain.events import CaptionReceived

OPEN = {FINAL: "false"}
DONE = {FINAL: "true"}


class Stream:
    """What the SDK hands over for one text stream."""

    def __init__(self, stream_id: str, chunks: Sequence[str], attributes: Mapping[str, str]) -> None:
        self.info = SimpleNamespace(stream_id=stream_id, attributes=dict(attributes))
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[str]:
        for chunk in self._chunks:
            yield chunk


class Ears:
    """A reader of one room, and the transcript that its captions make."""

    def __init__(self) -> None:
        self.transcript = Transcript()
        self.said: list[CaptionReceived] = []
        self._streams = 0
        self._reader = CaptionReader(ticket=1, emit=self._take, whose=self._whose, now=lambda: 1.0)

    def _whose(self, identity: str | None, _track: str | None) -> Any:
        return identity

    def _take(self, caption: CaptionReceived) -> None:
        self.said.append(caption)
        self.transcript, _ = apply(self.transcript, caption)

    async def stream(self, *chunks: str, who: str = "user", attributes: Mapping[str, str] = OPEN) -> None:
        self._streams += 1
        stream = Stream(f"stream-{self._streams}", chunks, attributes)
        await self._reader.on_stream(cast("rtc.TextStreamReader", stream), who)

    def event(self, text: str, *, who: str = "user", final: bool = False) -> None:
        segment = SimpleNamespace(id="", text=text, final=final, language="")
        self._reader.on_event(cast("Any", [segment]), cast("Any", SimpleNamespace(identity=who)), None)

    @property
    def shown(self) -> list[tuple[str, bool]]:
        return [(record.text, record.final) for record in self.transcript.records]


async def test_words_that_are_sent_anew_are_one_segment_until_the_final() -> None:
    ears = Ears()
    await ears.stream("Is")
    await ears.stream("is  it")
    await ears.stream("Is it", " open,")
    await ears.stream("Is it open?", attributes=DONE)
    assert ears.shown == [("Is it open?", True)]
    await ears.stream("Is it open? Really")
    assert ears.shown == [("Is it open?", True), ("Is it open? Really", False)]


async def test_nothing_is_taken_back_while_the_old_words_come_again() -> None:
    ears = Ears()
    await ears.stream("Tell me about")
    before = len(ears.said)
    await ears.stream("Tell", " me", " about the tide")
    assert [caption.text for caption in ears.said[before:]] == ["Tell me about the tide"]


async def test_other_words_are_another_segment() -> None:
    ears = Ears()
    await ears.stream("Is it")
    await ears.stream("Was it open?")
    await ears.stream("Was")  # less than before: nobody can tell whose it is
    assert [text for text, _ in ears.shown] == ["Is it", "Was it open?", "Was"]


async def test_a_segment_id_decides_where_there_is_one() -> None:
    ears = Ears()
    await ears.stream("One")
    await ears.stream("One two", attributes={**OPEN, SEGMENT: "s"})
    await ears.stream("One two three")
    assert [text for text, _ in ears.shown] == ["One", "One two", "One two three"]


async def test_streams_of_the_assistant_stand_alone() -> None:
    ears = Ears()
    for text in ("Yes", "Yes it is"):
        await ears.stream(text, who="agent")
    assert ears.shown == [("Yes", True), ("Yes it is", True)]


async def test_a_final_on_the_other_channel_ends_it_too() -> None:
    ears = Ears()
    await ears.stream("Yes")
    ears.event("Yes.", final=True)
    await ears.stream("Yes I do")
    assert ears.shown == [("Yes.", True), ("Yes I do", False)]


async def test_a_very_long_stream_is_not_compared_with() -> None:
    ears = Ears()
    long = "a" * (UNFINISHED_LIMIT + 1)
    await ears.stream(long)
    await ears.stream(long + " b")
    assert len({caption.segment_id for caption in ears.said}) == 2


@pytest.mark.parametrize("other", ["user", "agent"])
def test_a_final_of_one_speaker_leaves_the_segment_of_the_other_as_it_is(other: str) -> None:
    speaker = "agent" if other == "user" else "user"
    ears = Ears()
    ears.event("Is it", who=speaker)
    ears.event("Yes.", who=other, final=True)
    ears.event("Is it open?", who=speaker, final=True)
    assert sorted(ears.shown) == [("Is it open?", True), ("Yes.", True)]
