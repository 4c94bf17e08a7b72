from __future__ import annotations

import pytest

from mka1_desktop.viewmodels.talk import LIVE_LOOKS, TalkLook, TalkModel, all_labels, talk_view

LABELS = {
    TalkLook.REST: "Hold to talk",
    TalkLook.WAKING: "Waking the mic",
    TalkLook.HELD: "Listening",
    TalkLook.LATCHED: "Tap to send",
    TalkLook.RECORDING: "Recording 0:12",
    TalkLook.INTERRUPT: "Hold to interrupt",
    TalkLook.MUTED: "Unmute",
    TalkLook.RETRY: "Try again",
    TalkLook.NO_DEVICE: "No microphone",
}


@pytest.mark.parametrize("look", list(TalkLook))
def test_every_look_has_its_label(look: TalkLook) -> None:
    view = talk_view(look, key_name="F9", seconds=12.4)
    assert view.label == LABELS[look]
    assert view.enabled == (look is not TalkLook.NO_DEVICE)
    assert view.key_name == "F9"


def test_offline_rest_records() -> None:
    assert talk_view(TalkLook.REST, key_name="F9", offline=True).label == "Hold to record"
    assert "Hold to record" in all_labels()


def test_only_an_open_microphone_is_live() -> None:
    assert frozenset({TalkLook.HELD, TalkLook.LATCHED}) == LIVE_LOOKS


def test_an_equal_view_is_told_once() -> None:
    model = TalkModel()
    told: list[object] = []
    model.changed.connect(told.append)
    for _ in range(3):
        model.show(talk_view(TalkLook.HELD, key_name="F9"))
    assert told == [model.view]
