"""What "ask again" sends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mka1_desktop.app.repeating import SPEECH, repeat_of
from mka1_desktop.domain.audio import Kept
from mka1_desktop.domain.conversation import ItemState
from mka1_desktop.session.entry import Entry

TYPED = Entry(
    key="1", role="user", source="text", text="Hello", final=True, state="failed", at=5.0, at_s=1.0, final_text="Hello"
)
SPOKEN = replace(TYPED, key="2", source="voice", state="final")
ANSWER = replace(SPOKEN, key="3", role="assistant")
NOTICE = replace(TYPED, key="4", role="notice", state="final")
NOTHING, RECORDED = Kept(), Kept(recorded_s=2.0)


@pytest.mark.parametrize("state", ["failed", "unsure"])
@pytest.mark.parametrize("kept", [NOTHING, RECORDED])
def test_a_typed_question_is_its_text(state: ItemState, kept: Kept) -> None:
    failed = replace(TYPED, state=state)
    assert repeat_of([SPOKEN, ANSWER, failed, NOTICE], kept) == failed


def test_a_spoken_question_is_its_recording_while_that_is_there() -> None:
    assert repeat_of([TYPED, NOTICE, SPOKEN, NOTICE], RECORDED) == SPEECH
    assert repeat_of([TYPED, NOTICE, SPOKEN, NOTICE], NOTHING) is None


def test_words_that_were_never_understood_may_be_recorded() -> None:
    assert repeat_of([NOTICE], RECORDED) == SPEECH
    assert repeat_of([replace(TYPED, state="final"), ANSWER, NOTICE], RECORDED) == SPEECH
    assert repeat_of([], NOTHING) is None


@pytest.mark.parametrize("state", ["waiting", "sent"])
def test_what_is_on_its_way_is_not_repeated(state: ItemState) -> None:
    assert repeat_of([SPOKEN, NOTICE, replace(TYPED, state=state)], RECORDED) is None
