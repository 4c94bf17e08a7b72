"""Every state of a session as the window shows it: figure, words, talk button, connection."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mka1_desktop.app.views import Moment, kept_of, link_of, link_words_of, status_of, talk_of
from mka1_desktop.domain import talk
from mka1_desktop.domain.audio import Kept
from mka1_desktop.domain.errors import Code, Trouble
from mka1_desktop.domain.talk import Talk
from mka1_desktop.session.state import Connecting, Failed, Idle, Link, Live, Phase, Session, Shown, Speech
from mka1_desktop.viewmodels.head import Link as Connection
from mka1_desktop.viewmodels.kept import KeptStage
from mka1_desktop.viewmodels.status import Phase as Figure
from mka1_desktop.viewmodels.talk import TalkLook

KEY = "Ctrl+Alt+Space"
HERE = Live(agent="a", phase=Phase.LISTENING)
DOWN, LATCHED = Talk(phase=talk.Phase.DOWN), Talk(phase=talk.Phase.LATCHED)
TRYING = Connecting(again="room", trouble=Trouble(Code.OFFLINE))


def moment(link: Link, **changes: object) -> Moment:
    usual = Moment(
        session=Session(link=link), talk=Talk(), key_name=KEY, mode="auto", microphone_ready=False,
        has_microphone=True, seconds=0,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("link", "shown", "look", "connection"),
    [
        (Idle(), Shown.IDLE, TalkLook.REST, Connection.OFF),
        (Connecting(), Shown.CONNECTING, TalkLook.REST, Connection.CONNECTING),
        (Live(), Shown.CONNECTING, TalkLook.REST, Connection.CONNECTING),
        (replace(HERE, phase=Phase.GREETING, sound=True), Shown.GREETING, TalkLook.INTERRUPT, Connection.ON),
        (HERE, Shown.LISTENING, TalkLook.REST, Connection.ON),
        (replace(HERE, phase=Phase.THINKING), Shown.THINKING, TalkLook.REST, Connection.ON),
        (replace(HERE, phase=Phase.SPEAKING, sound=True), Shown.SPEAKING, TalkLook.INTERRUPT, Connection.ON),
        (replace(HERE, phase=Phase.INTERRUPTED), Shown.INTERRUPTED, TalkLook.REST, Connection.ON),
        (TRYING, Shown.RECONNECTING, TalkLook.REST, Connection.RECONNECTING),
        (replace(HERE, resuming=True), Shown.RECONNECTING, TalkLook.REST, Connection.RECONNECTING),
        (Failed(trouble=Trouble(Code.OFFLINE)), Shown.ERROR, TalkLook.RETRY, Connection.FAILED),
        (Failed(trouble=Trouble(Code.KEY_REJECTED)), Shown.ERROR, TalkLook.REST, Connection.FAILED),
    ],
)
def test_every_state_has_its_look(link: Link, shown: Shown, look: TalkLook, connection: Connection) -> None:
    now = moment(link)
    assert status_of(now).phase == Figure(shown.value)
    assert status_of(now).word
    assert talk_of(now).look is look
    assert link_of(now.session) is connection


def test_the_button_says_listening_only_when_samples_arrive() -> None:
    sending = Session(link=HERE, talk_open=True, sending=True)
    waking = moment(HERE, session=sending, talk=DOWN)
    assert talk_of(waking).look is TalkLook.WAKING
    assert status_of(waking).figure is Figure.IDLE
    ready = replace(waking, microphone_ready=True)
    assert talk_of(ready).look is TalkLook.HELD
    assert status_of(ready).figure is Figure.LISTENING
    latched = replace(ready, talk=LATCHED)
    assert talk_of(latched).look is TalkLook.LATCHED
    assert status_of(latched).hint_key == KEY


def test_muted_is_a_state_only_where_nothing_else_goes_on() -> None:
    for link, phase in (
        (Idle(), Figure.MUTED),
        (HERE, Figure.MUTED),
        (replace(HERE, phase=Phase.SPEAKING), "speaking"),
    ):
        now = moment(link, session=Session(link=link, muted=True))
        assert status_of(now).phase == phase
        assert talk_of(now).look is TalkLook.MUTED
        assert talk_of(now).muted


def test_without_a_microphone_typing_is_left() -> None:
    now = moment(Idle(), has_microphone=False)
    assert talk_of(now).look is TalkLook.NO_DEVICE
    assert not talk_of(now).enabled
    assert (status_of(now).word, status_of(now).hint_key) == ("You can type", "")
    assert status_of(moment(TRYING, has_microphone=False)).phase is Figure.RECONNECTING


@pytest.mark.parametrize("phase", [Phase.SPEAKING, Phase.GREETING, Phase.THINKING])
def test_a_voice_and_a_thought_can_be_stopped(phase: Phase) -> None:
    assert talk_of(moment(replace(HERE, phase=phase))).can_stop
    assert not talk_of(moment(HERE)).can_stop


def test_waiting_says_why_after_a_while() -> None:
    assert not status_of(moment(Connecting(), seconds=2)).detail
    assert status_of(moment(Connecting(), seconds=3)).detail == "Waiting for the assistant"
    refused = Connecting(trouble=Trouble(Code.OFFLINE))
    assert status_of(moment(refused)).detail == Trouble(Code.OFFLINE).sentence
    assert status_of(moment(replace(HERE, phase=Phase.THINKING), seconds=8)).detail == "Waiting for the answer"


def test_a_lost_connection_counts_the_seconds_and_offers_a_try() -> None:
    now = moment(TRYING, seconds=6)
    now = replace(now, session=replace(now.session, had_room=True))
    view = status_of(now)
    assert view.word == "Connection lost, trying again"
    assert (view.time_text, view.action, view.detail) == ("6 s", "retry", "")
    assert link_words_of(now) == "Reconnecting 6 s"
    assert not link_words_of(moment(HERE, seconds=6))


def test_a_connection_that_never_stood_is_not_called_lost() -> None:
    now = moment(TRYING, seconds=6)
    assert status_of(now).word == "No connection yet, trying again"
    assert link_words_of(now) == "Connecting 6 s"


SAID = Kept(unsent_s=3.0, recorded_s=5.0)
FAILED = Failed(trouble=Trouble(Code.KEY_REJECTED))


@pytest.mark.parametrize(
    ("link", "speech", "stage"),
    [
        (TRYING, Speech(keeping=True, pending=True), KeptStage.RECORDING),
        (Connecting(), Speech(keeping=True, pending=True), KeptStage.RECORDING),
        (replace(HERE, silent=True), Speech(keeping=True, pending=True), KeptStage.RECORDING),
        (replace(HERE, agent=None), Speech(keeping=True, pending=True), KeptStage.RECORDING),
        (TRYING, Speech(pending=True), KeptStage.WAITING),
        (FAILED, Speech(pending=True), KeptStage.RESTING),
        (HERE, Speech(sending=True), KeptStage.SENDING),
        (HERE, Speech(sending=True, keeping=True), KeptStage.SENDING),
        (HERE, Speech(keeping=True), KeptStage.NONE),
        (HERE, Speech(open=True), KeptStage.NONE),
    ],
)
def test_kept_speech_is_told_in_every_state(link: Link, speech: Speech, stage: KeptStage) -> None:
    now = moment(link, session=Session(link=link, speech=speech, had_room=True), kept=SAID)
    assert kept_of(now).stage is stage
    assert kept_of(replace(now, kept=Kept())).stage is KeptStage.NONE, "nothing was recorded"


def test_all_of_it_counts_when_all_of_it_is_sent_again() -> None:
    for again, words in ((False, "(3 s)"), (True, "(5 s)")):
        session = Session(link=TRYING, speech=Speech(pending=True, again=again))
        assert kept_of(moment(TRYING, session=session, kept=SAID)).words.endswith(words)


def test_the_button_says_recording_when_samples_are_kept_and_no_room_listens() -> None:
    session = Session(link=TRYING, talk_open=True, speech=Speech(keeping=True, pending=True))
    waking = moment(TRYING, session=session, talk=DOWN)
    assert talk_of(waking).look is TalkLook.WAKING
    recording = talk_of(replace(waking, kept=SAID))
    assert (recording.look, recording.label) == (TalkLook.RECORDING, "Recording 0:03")
    assert talk_of(moment(TRYING)).label == "Hold to record"
    assert talk_of(moment(HERE)).label == "Hold to talk"


def test_while_the_first_connection_is_made_the_person_is_heard_already() -> None:
    session = Session(link=Connecting(), talk_open=True, speech=Speech(keeping=True, pending=True))
    view = status_of(moment(Connecting(), session=session, talk=DOWN, kept=SAID))
    assert view.hint == "I am listening, still connecting."


@pytest.mark.parametrize("changes", [{"has_microphone": False}, {"session": Session(link=TRYING, muted=True)}])
def test_who_cannot_talk_can_type_meanwhile(changes: dict[str, object]) -> None:
    view = status_of(moment(TRYING, **changes))
    assert (view.hint, view.action) == ("You can type. It is sent when the line is back.", "retry")


def test_an_assistant_that_left_is_waited_for() -> None:
    gone = replace(HERE, agent=None)
    assert status_of(moment(gone, seconds=3)).detail == "Waiting for the assistant"
    assert status_of(moment(replace(gone, silent=True), seconds=3)).detail == ""
