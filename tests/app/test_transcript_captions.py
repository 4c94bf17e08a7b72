"""Caption lines of the transcript: exactly one final line a segment, whatever comes after it."""

from __future__ import annotations

import io
import json

import pytest

from mka1_desktop.app.transcript import Transcript
from mka1_desktop.domain import captions
from mka1_desktop.domain.events import CaptionReceived


class Written:
    """What a transcript writes of the captions of one session."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.out = io.StringIO()
        self.transcript = Transcript(self.out, now=lambda: self.now_s)
        self._captions = captions.Transcript()

    def hear(self, text: str, *, segment: str = "s1", final: bool = False, ticket: int = 1) -> Written:
        self.now_s += 1.0
        self._captions, records = captions.apply(
            self._captions,
            CaptionReceived(
                ticket=ticket, segment_id=segment, speaker="agent", text=text, final=final, channel="event",
                at_s=self.now_s,
            ),
        )  # fmt: skip
        self.transcript.on_records(records)
        return self

    def settle(self) -> Written:
        self._captions, records = captions.settle(self._captions, speaker="agent", at_s=self.now_s)
        self.transcript.on_records(records)
        return self

    def finals(self) -> list[tuple[str, str]]:
        self.transcript.close()
        lines = [json.loads(line) for line in self.out.getvalue().splitlines()]
        return [(line["segment_id"], line["text"]) for line in lines if line["final"]]


@pytest.fixture
def written() -> Written:
    return Written()


def test_a_segment_that_is_closed_here_and_then_by_the_service(written: Written) -> None:
    written.hear("It is ten").settle().hear("It is ten.", final=True)
    assert written.finals() == [("s1", "It is ten")]


def test_one_that_is_corrected_after_it_was_closed_here(written: Written) -> None:
    written.hear("It is tan").settle().hear("It is ten", final=True)
    assert written.finals() == [("s1", "It is tan")]


def test_what_goes_on_after_that_has_a_name_of_its_own(written: Written) -> None:
    written.hear("It is ten").settle().hear("It is ten past nine", final=True)
    (first, more) = written.finals()
    assert first == ("s1", "It is ten")
    assert more[0] != "s1"
    assert more[1].strip() == "past nine"


def test_the_same_name_in_another_session_is_another_segment(written: Written) -> None:
    written.hear("It is ten", final=True).hear("It is eleven", final=True, ticket=2)
    assert written.finals() == [("s1", "It is ten"), ("s1", "It is eleven")]


def test_one_that_is_open_at_the_end(written: Written) -> None:
    assert written.hear("It is").finals() == [("s1", "It is")]
