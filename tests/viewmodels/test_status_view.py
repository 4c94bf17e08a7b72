"""The words of the ten states, as the product page has them."""

from __future__ import annotations

import pytest

from mka1_desktop.viewmodels.status import Phase, StatusModel, StatusView, status_view

KEY = "Ctrl+Alt+Space"
HOLD = f"Hold \u2066{KEY}\u2069 to talk"
WORDS = {
    Phase.IDLE: HOLD,
    Phase.CONNECTING: "Connecting…",
    Phase.GREETING: "Greeting",
    Phase.LISTENING: "Listening",
    Phase.THINKING: "Thinking…",
    Phase.SPEAKING: "Speaking",
    Phase.INTERRUPTED: "Stopped",
    Phase.MUTED: "Mic muted",
    Phase.RECONNECTING: "Connection lost, trying again",
    Phase.ERROR: "Cannot answer",
}


def view(phase: Phase, *, open_: bool = True, seconds: int | None = 6) -> StatusView:
    return status_view(phase, key_name=KEY, microphone_open=open_, seconds=seconds)


@pytest.mark.parametrize("phase", list(Phase))
def test_every_state_has_a_word_of_its_own(phase: Phase) -> None:
    assert view(phase).word == WORDS[phase]
    assert len(set(WORDS.values())) == len(Phase)


def test_listening_with_the_key_up_is_neutral() -> None:
    closed = view(Phase.LISTENING, open_=False)
    assert (closed.figure, closed.word, closed.time_text) == (Phase.IDLE, HOLD, "")
    assert closed.phase is Phase.LISTENING
    assert view(Phase.LISTENING).figure is Phase.LISTENING


@pytest.mark.parametrize("phase", [p for p in Phase if p is not Phase.LISTENING])
def test_the_figure_is_the_state_otherwise(phase: Phase) -> None:
    assert view(phase, open_=False).figure is phase


def test_seconds_are_counted_where_they_help() -> None:
    counted = {phase: view(phase).time_text for phase in Phase if view(phase).time_text}
    assert counted == {Phase.LISTENING: "0:06", Phase.SPEAKING: "0:06", Phase.RECONNECTING: "6 s"}


def test_a_latched_line_says_so_and_how_to_end_it() -> None:
    latched = status_view(Phase.LISTENING, key_name=KEY, microphone_open=True, latched=True)
    assert (latched.word, latched.hint_key) == ("Listening, line open", KEY)


def test_reconnecting_offers_to_try_now() -> None:
    assert (view(Phase.RECONNECTING).action, view(Phase.RECONNECTING).action_label) == ("retry", "Try now")


def test_speaking_names_the_key_that_stops_it() -> None:
    assert (view(Phase.SPEAKING).hint, view(Phase.SPEAKING).hint_key) == ("{key} stops the voice", "Esc")


def test_connecting_says_that_it_listens_already() -> None:
    assert view(Phase.CONNECTING).hint == "I am listening, still connecting."
    assert view(Phase.CONNECTING, open_=False).hint == ""


def test_reasons_replace_the_usual_words() -> None:
    slow = status_view(Phase.CONNECTING, key_name=KEY, detail="The room is slow.", hint="Wait.")
    assert (slow.detail, slow.hint) == ("The room is slow.", "Wait.")


def test_model_tells_once() -> None:
    model = StatusModel()
    told: list[object] = []
    model.changed.connect(told.append)
    model.show(view(Phase.SPEAKING))
    model.show(view(Phase.SPEAKING))
    assert told == [view(Phase.SPEAKING)]
