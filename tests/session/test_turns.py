from __future__ import annotations

import pytest

from mka1_desktop.domain.errors import ADVICE, Code, Trouble
from mka1_desktop.domain.events import (
    AgentState,
    HangUpRequested,
    MuteChanged,
    RoomLost,
    ServiceErrorReceived,
    StopRequested,
    TextHandedOver,
    Timer,
)
from mka1_desktop.session.effects import StartTimer
from mka1_desktop.session.state import Phase, Shown
from tests.support.session_play import Play

STOP = StopRequested()
TEXT = TextHandedOver(key="k1")


def seconds(play: Play) -> dict[Timer, float]:
    """The timers that the last event started."""
    return {e.timer: e.seconds for e in play.those(StartTimer)}


# --- greeting ------------------------------------------------------------------------------------------------------


def test_without_a_word_the_greeting_is_over_after_a_second_of_quiet() -> None:
    play = Play().greeting()
    assert play.shown() is Shown.GREETING
    assert seconds(play) == {Timer.GREETING_QUIET: 1.0}
    assert play.fire(Timer.GREETING_QUIET).shown() is Shown.LISTENING


def test_a_greeting_lasts_until_its_words_are_final_and_it_is_quiet() -> None:
    play = Play().greeting().words("Hello", segment="g").sound()
    assert Timer.GREETING_QUIET not in play.running
    assert play.words("Hello there.", segment="g", final=True).shown() is Shown.GREETING  # the voice goes on
    assert seconds(play.sound(False)) == {Timer.SPEECH_OVER: 1.0}
    assert play.shown() is Shown.GREETING
    assert play.fire(Timer.SPEECH_OVER).shown() is Shown.LISTENING


def test_a_greeting_without_captions_ends_with_its_sound() -> None:
    play = Play().greeting().sound().sound(False)
    assert play.fire(Timer.SPEECH_OVER).shown() is Shown.LISTENING


def test_a_greeting_without_sound_and_final_flag_ends_by_itself() -> None:
    play = Play().greeting().words("Hello", segment="g")
    assert seconds(play) == {Timer.SPEECH_OVER: 2.5}
    assert play.fire(Timer.SPEECH_OVER).shown() is Shown.LISTENING


def test_an_agent_that_says_it_listens_ends_its_greeting_at_once() -> None:
    play = Play().greeting().state(AgentState.SPEAKING).sound().words("Hello.", segment="g", final=True)
    assert play.sound(False).shown() is Shown.GREETING
    assert play.state(AgentState.LISTENING).shown() is Shown.LISTENING


def test_an_agent_that_thinks_before_it_greets_still_greets() -> None:
    play = Play().greeting().state(AgentState.THINKING)
    assert play.shown() is Shown.GREETING
    assert play.state(AgentState.SPEAKING).shown() is Shown.GREETING
    assert not play.link.asked


def test_talking_over_the_greeting_silences_it_at_once() -> None:
    play = Play().greeting().sound().key(down=True)
    assert play.silent
    assert play.shown() is Shown.LISTENING


def test_typing_ends_the_greeting() -> None:
    assert Play().greeting().do(TEXT).shown() is Shown.THINKING


# --- thinking ------------------------------------------------------------------------------------------------------


def test_thinking_begins_with_a_text_that_was_handed_over() -> None:
    assert Play().listening().do(TEXT).shown() is Shown.THINKING


def test_thinking_begins_with_the_final_caption_of_the_person_not_before() -> None:
    play = Play().listening().user("What")
    assert play.shown() is Shown.LISTENING
    assert play.user("What time is it?", final=True).shown() is Shown.THINKING


def test_thinking_begins_with_the_state_of_the_agent() -> None:
    play = Play().listening().state(AgentState.LISTENING)
    assert play.state(AgentState.THINKING).shown() is Shown.THINKING


def test_thinking_begins_with_the_release_of_the_key() -> None:
    play = Play().listening().key(down=True)
    assert play.shown() is Shown.LISTENING
    assert play.key(down=False).shown() is Shown.THINKING


def test_thinking_begins_with_a_response_id() -> None:
    play = Play().speaking().words("It is ten.", final=True).sound(False).fire(Timer.SPEECH_OVER)
    assert play.shown() is Shown.LISTENING
    assert play.response("resp_2").shown() is Shown.THINKING


def test_an_agent_does_not_think_while_the_key_is_held_without_words() -> None:
    play = Play().listening().key(down=True).state(AgentState.THINKING)
    assert play.shown() is Shown.LISTENING
    play = Play().listening().key(down=True).user("What").state(AgentState.THINKING)
    assert play.shown() is Shown.THINKING


def test_thinking_for_fifteen_seconds_is_told() -> None:
    play = Play().thinking()
    assert seconds(play) == {Timer.THINKING_LONG: 15.0}
    assert play.fire(Timer.THINKING_LONG).notices == [Code.THINKING_LONG]
    assert play.shown() is Shown.THINKING


def test_a_key_that_brought_no_words_is_forgotten_after_five_seconds_without_a_word() -> None:
    play = Play().listening().key(down=True).key(down=False)
    assert seconds(play) == {Timer.THINKING_LONG: 5.0}
    assert play.fire(Timer.THINKING_LONG).notices == []
    assert play.shown() is Shown.LISTENING


def test_signs_that_bring_no_words_do_not_lengthen_that_wait() -> None:
    play = Play().listening().key(down=True).key(down=False)
    assert seconds(play.state(AgentState.THINKING)) == {}
    assert play.fire(Timer.THINKING_LONG).shown() is Shown.LISTENING


def test_words_that_come_after_all_begin_the_long_wait() -> None:
    play = Play().listening().key(down=True).key(down=False)
    assert seconds(play.user("What")) == {Timer.THINKING_LONG: 15.0}
    assert play.fire(Timer.THINKING_LONG).notices == [Code.THINKING_LONG]


def test_a_second_release_and_one_while_muted_mean_nothing() -> None:
    play = Play().listening().key(down=True).key(down=False).fire(Timer.THINKING_LONG)
    assert play.key(down=False).shown() is Shown.LISTENING
    play = Play().listening().do(MuteChanged(muted=True)).key(down=True).key(down=False)
    assert play.shown() is Shown.MUTED


def test_an_agent_that_listens_again_without_an_answer_leaves_the_wait_alone() -> None:
    play = Play().thinking().state(AgentState.LISTENING)
    assert play.shown() is Shown.THINKING
    assert play.running == {Timer.THINKING_LONG}


@pytest.mark.parametrize("signs", ["thinking first", "response first"])
def test_an_agent_that_thought_and_listens_has_decided_not_to_answer(signs: str) -> None:
    play = Play().thinking()
    if signs == "thinking first":
        play.state(AgentState.THINKING).response("resp_1")
    else:
        play.response("resp_1").state(AgentState.THINKING)
    assert play.state(AgentState.LISTENING).shown() is Shown.LISTENING


def test_an_agent_that_thought_before_the_words_of_the_question_came_may_decide_not_to_answer() -> None:
    play = Play().listening().state(AgentState.THINKING).user("What?", final=True).response("resp_1")
    assert play.state(AgentState.LISTENING).shown() is Shown.LISTENING


@pytest.mark.parametrize("before", [AgentState.SPEAKING, AgentState.THINKING, None])
def test_a_late_sign_of_the_turn_before_does_not_interrupt_the_wait(before: AgentState | None) -> None:
    play = Play().speaking()
    if before is not None:
        play.state(AgentState.THINKING).state(AgentState.SPEAKING)
    play.sound(False).user("And now?", final=True).response("resp_2")
    assert play.state(AgentState.LISTENING).shown() is Shown.THINKING
    assert seconds(play) == {Timer.SPEECH_OVER: 2.0}
    assert seconds(play.state(AgentState.IDLE)) == {}  # a repeated sign does not lengthen it
    play.state(AgentState.THINKING)
    assert play.shown() is Shown.THINKING
    assert play.running == {Timer.THINKING_LONG}
    assert play.fire(Timer.THINKING_LONG).notices == [Code.THINKING_LONG]


def test_an_agent_that_goes_on_listening_has_meant_it() -> None:
    play = Play().thinking().response("resp_1").state(AgentState.LISTENING)
    assert Timer.THINKING_LONG in play.running
    assert play.fire(Timer.SPEECH_OVER).shown() is Shown.LISTENING
    assert Timer.THINKING_LONG not in play.running


@pytest.mark.parametrize("sign", ["words", "state"])
def test_an_answer_that_begins_after_a_late_sign_is_not_ended_by_it(sign: str) -> None:
    play = Play().thinking().response("resp_1").state(AgentState.LISTENING)
    if sign == "words":
        play.state(AgentState.SPEAKING).words("It is")
    else:
        play.state(AgentState.SPEAKING)
    assert play.shown() is Shown.SPEAKING
    assert Timer.SPEECH_OVER not in play.running


# --- an open microphone that closes --------------------------------------------------------------------------------


def test_closing_a_microphone_after_the_answer_waits_for_nothing_long() -> None:
    play = Play().listening().key(down=True).user("What time is it?", final=True)
    play.words("It is ten.", final=True).sound().sound(False).fire(Timer.SPEECH_OVER)
    assert seconds(play.key(down=False)) == {Timer.THINKING_LONG: 5.0}
    assert play.fire(Timer.THINKING_LONG).notices == []
    assert play.shown() is Shown.LISTENING


def test_closing_it_with_new_words_after_the_answer_waits_for_theirs() -> None:
    play = Play().listening().key(down=True).user("What time is it?", final=True)
    play.words("It is ten.", final=True).sound().sound(False).fire(Timer.SPEECH_OVER).user("And")
    assert seconds(play.key(down=False)) == {Timer.THINKING_LONG: 15.0}


def test_closing_it_with_words_that_were_said_over_the_voice_waits_for_their_answer() -> None:
    play = Play().listening().key(down=True).user("What time is it?", final=True)
    play.words("It is ten.", final=True).sound().user("Wait").sound(False).fire(Timer.SPEECH_OVER)
    assert seconds(play.key(down=False)) == {Timer.THINKING_LONG: 15.0}


@pytest.mark.parametrize("end", ["no answer", "failed", "stopped"])
def test_closing_it_after_a_question_that_gets_no_answer_waits_for_nothing_long(end: str) -> None:
    play = Play().listening().key(down=True).user("What time is it?", final=True)
    match end:
        case "no answer":
            play.state(AgentState.THINKING).response("resp_1").state(AgentState.LISTENING)
        case "failed":
            play.do(ServiceErrorReceived(ticket=1, trouble=Trouble(Code.SPEECH)))
        case _:
            play.do(STOP).fire(Timer.INTERRUPTED_SHOWN)
    assert play.shown() is Shown.LISTENING
    assert seconds(play.key(down=False)) == {Timer.THINKING_LONG: 5.0}


def test_an_open_microphone_shows_that_the_agent_thinks_between_two_sentences() -> None:
    play = Play().listening().key(down=True).user("What time is it?", final=True).state(AgentState.SPEAKING)
    assert play.state(AgentState.THINKING).shown() is Shown.THINKING


def test_a_turn_that_fails_is_the_persons_turn_again_unless_a_voice_goes_on() -> None:
    failed = ServiceErrorReceived(ticket=1, trouble=Trouble(Code.SPEECH))
    assert Play().thinking().do(failed).shown() is Shown.LISTENING
    assert Play().speaking().do(failed).shown() is Shown.SPEAKING


# --- speaking ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["words", "sound", "state"])
def test_speaking_begins_with_any_sign(sign: str) -> None:
    play = Play().thinking()
    match sign:
        case "words":
            play.words("It")
        case "sound":
            play.sound()
        case _:
            play.state(AgentState.SPEAKING)
    assert play.shown() is Shown.SPEAKING
    assert Timer.THINKING_LONG not in play.running


def test_words_without_sound_for_two_seconds_are_told() -> None:
    play = Play().thinking().words("It is")
    assert seconds(play)[Timer.SPEAKING_SILENT] == 2.0
    assert play.fire(Timer.SPEAKING_SILENT).notices == [Code.SILENT_VOICE]


def test_sound_in_time_needs_no_notice() -> None:
    assert Timer.SPEAKING_SILENT not in Play().thinking().words("It is").sound().running


def test_the_three_watchdogs_have_words_of_their_own() -> None:
    words = {ADVICE[c].sentence for c in (Code.AGENT_ABSENT, Code.THINKING_LONG, Code.SILENT_VOICE)}
    assert len(words) == 3


def test_an_answer_is_over_without_agent_state_after_a_second_of_quiet_and_final_words() -> None:
    play = Play().speaking().words("It is ten.", final=True)
    assert play.shown() is Shown.SPEAKING
    assert seconds(play.sound(False)) == {Timer.SPEECH_OVER: 1.0}
    assert play.fire(Timer.SPEECH_OVER).shown() is Shown.LISTENING


def test_a_pause_between_sentences_is_no_end() -> None:
    play = Play().speaking().words("It is ten.", final=True).sound(False)
    assert Timer.SPEECH_OVER not in play.sound().running
    assert play.shown() is Shown.SPEAKING


def test_open_words_hold_the_end_up_a_little_longer() -> None:
    play = Play().speaking()
    assert seconds(play.sound(False)) == {Timer.SPEECH_OVER: 2.5}
    assert play.fire(Timer.SPEECH_OVER).shown() is Shown.LISTENING
    assert not play.link.caption_open


def test_an_answer_is_over_at_once_when_the_agent_listens_and_its_words_are_final() -> None:
    play = Play().thinking().state(AgentState.SPEAKING).words("It is ten").sound()
    play.words("It is ten.", final=True).state(AgentState.LISTENING)
    assert play.shown() is Shown.SPEAKING  # sound is still heard
    assert play.sound(False).shown() is Shown.LISTENING


def test_an_agent_that_says_it_speaks_gets_longer_pauses() -> None:
    play = Play().thinking().state(AgentState.SPEAKING).words("It is ten.", final=True).sound()
    assert seconds(play.sound(False)) == {Timer.SPEECH_OVER: 2.5}


def test_an_answer_in_words_only_without_a_final_flag_ends_by_itself() -> None:
    play = Play().thinking().words("It is").words("It is ten")
    assert seconds(play) == {Timer.SPEECH_OVER: 2.5}
    assert play.fire(Timer.SPEECH_OVER).shown() is Shown.LISTENING


def test_late_words_of_the_answer_before_move_nothing() -> None:
    play = Play().speaking().do(TEXT)
    assert play.shown() is Shown.THINKING
    assert play.words("It is ten o'clock.", final=True).shown() is Shown.THINKING
    assert play.words("Seven.", segment="a2").shown() is Shown.SPEAKING


def test_the_last_word_of_an_answer_that_is_over_moves_nothing() -> None:
    play = Play().speaking().sound(False).fire(Timer.SPEECH_OVER)
    assert play.words("It is ten.", final=True).shown() is Shown.LISTENING


# --- stop ----------------------------------------------------------------------------------------------------------


def test_stop_silences_and_shows_it_for_four_seconds() -> None:
    play = Play().speaking().do(STOP)
    assert play.silent
    assert play.shown() is Shown.INTERRUPTED
    assert seconds(play) == {Timer.INTERRUPTED_SHOWN: 4.0}
    assert play.microphone == []
    assert play.fire(Timer.INTERRUPTED_SHOWN).shown() is Shown.LISTENING
    assert play.silent


@pytest.mark.parametrize("place", ["listening", "connect"])
def test_stop_without_a_voice_does_nothing(place: str) -> None:
    play: Play = getattr(Play(), place)()
    assert play.do(STOP).effects == ()


def test_stop_before_the_agent_is_there_does_not_silence_its_greeting() -> None:
    play = Play().connect().join().do(STOP)
    assert play.effects == ()
    assert play.agent().shown() is Shown.GREETING


def test_stop_twice_is_stop_once() -> None:
    assert Play().speaking().do(STOP).do(STOP).effects == ()


def test_the_rest_of_a_stopped_answer_stays_silent() -> None:
    play = Play().thinking().response("resp_1").state(AgentState.SPEAKING).words("It is").sound().do(STOP)
    play.words("It is ten").sound(False).sound().words("o'clock.", segment="a2").response("resp_1")
    play.state(AgentState.THINKING).state(AgentState.SPEAKING)  # a tool of the same answer
    assert play.silent
    assert play.shown() is Shown.INTERRUPTED


def test_the_agents_own_end_lifts_the_silence() -> None:
    play = Play().thinking().state(AgentState.SPEAKING).sound().do(STOP)
    assert not play.state(AgentState.LISTENING).silent
    assert play.shown() is Shown.INTERRUPTED


def test_a_new_answers_id_lifts_the_silence() -> None:
    play = Play().speaking().do(STOP).response("resp_2")
    assert not play.silent
    assert play.shown() is Shown.THINKING


def test_an_answer_that_was_stopped_before_it_began_stays_silent() -> None:
    play = Play().thinking().do(STOP).response("resp_1").state(AgentState.SPEAKING).sound().words("It is")
    assert play.silent
    assert not play.state(AgentState.LISTENING).silent


@pytest.mark.parametrize("sign", ["words", "response", "state", "sound"])
def test_after_a_new_question_the_first_sign_of_its_answer_lifts_the_silence(sign: str) -> None:
    play = Play().speaking().do(STOP).do(TEXT)
    match sign:
        case "words":
            play.words("Seven.", segment="a2")
        case "response":
            play.response("resp_2")
        case "state":
            play.state(AgentState.SPEAKING)
        case _:
            play.sound(False).sound()
    assert not play.silent


@pytest.mark.parametrize("end", [HangUpRequested(), RoomLost(ticket=1, reason="x")])
def test_the_end_of_the_session_lifts_the_silence(end: HangUpRequested | RoomLost) -> None:
    play = Play().speaking().do(STOP)
    assert not play.do(end).silent


# --- barge-in ------------------------------------------------------------------------------------------------------


def test_the_key_over_a_voice_silences_it_at_once_and_listens() -> None:
    play = Play().speaking().key(down=True)
    assert play.silent
    assert play.shown() is Shown.LISTENING
    assert play.microphone == [True]


def test_the_key_over_an_answer_that_is_not_heard_yet_silences_nothing() -> None:
    assert not Play().thinking().key(down=True).silent


def test_the_answer_after_a_barge_in_with_the_key_is_heard() -> None:
    play = Play().thinking().state(AgentState.SPEAKING).sound().key(down=True)
    play.state(AgentState.LISTENING).sound(False)
    assert play.silent  # while the key is held nothing comes back
    play.user("Stop").key(down=False).user("Stop it.", final=True)
    assert play.shown() is Shown.THINKING
    assert not play.state(AgentState.THINKING).state(AgentState.SPEAKING).silent
    assert play.shown() is Shown.SPEAKING


def test_speech_over_a_voice_leaves_the_cut_to_the_server() -> None:
    play = Play().speaking().user("Wait")
    assert play.shown() is Shown.SPEAKING
    assert not play.silent
    assert play.user("Wait, what?", final=True).shown() is Shown.THINKING
    assert not play.silent


def test_speech_in_a_pause_of_the_voice_is_the_persons_turn() -> None:
    assert Play().speaking().sound(False).user("Wait").shown() is Shown.LISTENING
    assert Play().speaking().do(STOP).sound(False).user("And").shown() is Shown.LISTENING


def test_an_open_microphone_gets_its_answer_after_a_stop_even_without_captions_of_the_person() -> None:
    play = Play().listening().key(down=True).state(AgentState.LISTENING).state(AgentState.THINKING)
    play.state(AgentState.SPEAKING).sound().do(STOP)
    assert play.silent
    play.state(AgentState.LISTENING).sound(False).state(AgentState.THINKING)
    assert not play.state(AgentState.SPEAKING).silent
    assert play.link.phase is Phase.SPEAKING


def test_with_the_agent_gone_the_key_decides_nothing() -> None:
    play = Play().connect().join().key(down=True).key(down=False)
    assert play.shown() is Shown.CONNECTING
    assert play.microphone == []
