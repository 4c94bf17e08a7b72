"""Words about speech that is kept: what happens to it, and how much of it there is."""

from __future__ import annotations

import pytest

from mka1_desktop.viewmodels.kept import KeptStage, KeptView, kept_view


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (KeptStage.RECORDING, "Recording. It will be sent when the connection is back (4 s)"),
        (KeptStage.WAITING, "Will send what you said (4 s)"),
        (KeptStage.RESTING, "What you said is kept. It will be sent when you connect again (4 s)"),
        (KeptStage.SENDING, "Sending what you said (4 s)"),
    ],
)
def test_every_stage_says_what_becomes_of_it(stage: KeptStage, words: str) -> None:
    view = kept_view(stage, 3.2)
    assert view.words == words
    assert len(view.short) <= len(view.words)
    assert "4 s" in view.short


def test_before_the_first_room_nothing_was_lost() -> None:
    assert kept_view(KeptStage.RECORDING, 1.0, first=True).words.endswith("when the assistant is here (1 s)")


def test_a_full_minute_says_that_the_rest_is_gone() -> None:
    assert kept_view(KeptStage.RECORDING, 60.0).words == "Recording. Only the last minute is kept."


@pytest.mark.parametrize("stage", KeptStage)
def test_nothing_kept_shows_nothing(stage: KeptStage) -> None:
    assert kept_view(stage, 0.0) == KeptView()
