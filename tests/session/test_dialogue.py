from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.conversation import Item, ItemState
from mka1_desktop.domain.events import CaptionReceived, Channel, ResponseStarted, Speaker
from mka1_desktop.session.dialogue import Dialogue, Entry
from mka1_desktop.session.heard import DEFAULT_CHARS_PER_S, SLACK, Pace, heard_chars

STORY = "Once upon a time there was a king who had three sons and a garden full of golden apples."


@dataclass
class Talk:
    """A dialogue and its time."""

    dialogue: Dialogue = field(default_factory=lambda: Dialogue(prefix="p"))
    at_s: float = 0.0
    asked: bool = True
    ticket: int = 1
    records: list[Record] = field(default_factory=list)

    def wait(self, seconds: float) -> Talk:
        self.at_s += seconds
        return self

    def say(
        self, speaker: Speaker, text: str, segment: str, *, final: bool = True, channel: Channel = "event"
    ) -> tuple[Entry, ...]:
        event = CaptionReceived(
            ticket=self.ticket, segment_id=segment, speaker=speaker, text=text, final=final, channel=channel,
            at_s=self.at_s,
        )  # fmt: skip
        records, entries = self.dialogue.caption(event, asked=self.asked, at=1e9 + self.at_s)
        self.records.extend(records)
        return entries

    def user(self, text: str, segment: str = "u1", *, final: bool = True) -> Talk:
        self.say("user", text, segment, final=final)
        return self

    def agent(self, text: str, segment: str = "a1", *, final: bool = True) -> Talk:
        self.say("agent", text, segment, final=final)
        return self

    def response(self, response_id: str) -> Talk:
        self.dialogue.response(ResponseStarted(ticket=self.ticket, response_id=response_id, conversation_id=None))
        return self

    def sound(self, seconds: float) -> Talk:
        self.dialogue.sound_started(self.at_s)
        self.at_s += seconds
        self.dialogue.sound_stopped(self.at_s)
        return self

    @property
    def turns(self) -> list[tuple[str, str]]:
        return [(e.role, e.text) for e in self.dialogue.entries]

    @property
    def last(self) -> Entry:
        return self.dialogue.entries[-1]


def ids(entries: Sequence[Entry]) -> list[str | None]:
    return [e.response_id for e in entries if e.role == "assistant"]


# --- order of turns ------------------------------------------------------------------------------------------------


def test_turns_come_in_the_order_of_speaking() -> None:
    talk = Talk().user("What time is it?").response("r1").agent("Ten.").user("And now?", "u2").response("r2")
    talk.agent("Eleven.", "a2")
    assert talk.turns == [
        ("user", "What time is it?"), ("assistant", "Ten."), ("user", "And now?"), ("assistant", "Eleven."),
    ]  # fmt: skip
    assert ids(talk.dialogue.entries) == ["r1", "r2"]
    assert len({e.key for e in talk.dialogue.entries}) == 4


def test_segments_of_one_answer_are_one_turn() -> None:
    talk = (
        Talk().user("Tell me.").response("r1").agent("One.", "a1").agent("Two.", "a2").agent("Three", "a3", final=False)
    )
    assert talk.turns[-1] == ("assistant", "One. Two. Three")
    assert not talk.last.final
    assert talk.last.final_text == "One. Two."
    assert talk.last.item().text == "One. Two."


def test_segments_of_one_question_are_one_turn() -> None:
    talk = Talk().user("What", "u1").user("time is it?", "u2")
    assert talk.turns == [("user", "What time is it?")]


def test_interim_words_show_and_stay_out_of_history() -> None:
    talk = Talk().user("What ti", final=False)
    assert talk.turns == [("user", "What ti")]
    assert talk.last.item().text == ""
    assert talk.user("What time?").last.item().text == "What time?"


def test_both_channels_make_one_turn() -> None:
    talk = Talk().agent("Ten.")
    assert talk.say("agent", "Ten.", "stream-1", channel="stream") == ()
    assert talk.turns == [("assistant", "Ten.")]


def test_the_words_of_the_person_that_come_late_go_before_the_answer() -> None:
    talk = Talk().response("r1").agent("It is", final=False).wait(1.0).user("What time is it?")
    talk.agent("It is ten.")
    assert talk.turns == [("user", "What time is it?"), ("assistant", "It is ten.")]


def test_words_that_come_long_after_the_answer_began_are_a_new_question() -> None:
    talk = Talk().response("r1").agent("It is ten.").wait(7.0).user("And now?")
    assert talk.turns[-1] == ("user", "And now?")


def test_an_answer_that_has_its_question_gets_no_second_one() -> None:
    talk = Talk().user("What time is it?").agent("It is ten.").wait(1.0).user("Thanks.", "u2")
    assert [role for role, _ in talk.turns] == ["user", "assistant", "user"]


def test_typed_text_is_a_turn_of_its_own() -> None:
    talk = Talk().user("Hello")
    entry = talk.dialogue.add_text("Why?", at=5.0, at_s=0.0)
    assert (entry.state, entry.source, entry.final) == ("waiting", "text", True)
    talk.user("Really?", "u2")
    assert talk.turns == [("user", "Hello"), ("user", "Why?"), ("user", "Really?")]
    assert [e.state for e in talk.dialogue.set_state(entry.key, "sent")] == ["sent"]
    assert talk.dialogue.set_state(entry.key, "sent") == ()


def test_a_notice_is_kept_in_its_place() -> None:
    talk = Talk().user("What?")
    talk.dialogue.notice("It took too long.", at=5.0, at_s=0.0)
    assert talk.user("What?", "u2").turns == [("user", "What?"), ("notice", "It took too long."), ("user", "What?")]


# --- greeting ------------------------------------------------------------------------------------------------------


def test_a_greeting_needs_no_person_and_is_not_late_for_their_words() -> None:
    talk = Talk(asked=False).agent("Hello, I am here.").wait(1.0)
    assert talk.last.greeting
    talk.asked = True
    talk.user("What time is it?")
    assert talk.turns == [("assistant", "Hello, I am here."), ("user", "What time is it?")]


def test_the_first_answer_is_no_part_of_the_greeting_even_without_ids_and_captions_of_the_person() -> None:
    talk = Talk(asked=False).agent("Hello.")
    talk.asked = True
    talk.agent("It is ten.", "a2")
    assert [(e.text, e.greeting) for e in talk.dialogue.entries] == [("Hello.", True), ("It is ten.", False)]


def test_a_greeting_in_two_sentences_is_one_turn() -> None:
    assert Talk(asked=False).agent("Hello.").agent("How are you?", "a2").turns == [("assistant", "Hello. How are you?")]


def test_a_new_room_goes_on_with_a_turn_of_its_own() -> None:
    talk = Talk().user("What time").agent("It is ten.")
    talk.ticket = 2
    talk.agent("I am back.")
    assert talk.turns[1:] == [("assistant", "It is ten."), ("assistant", "I am back.")]
    talk.wait(7.0).user("Good")
    talk.ticket = 3
    assert talk.user("And now?").turns[-2:] == [("user", "Good"), ("user", "And now?")]


# --- response ids --------------------------------------------------------------------------------------------------


def test_an_id_that_comes_early_belongs_to_the_words_that_follow() -> None:
    talk = Talk().user("What?").response("r1")
    assert talk.agent("Ten.").last.response_ids == ("r1",)


def test_an_id_that_comes_late_belongs_to_the_words_before_it() -> None:
    talk = Talk().user("What?").agent("It is", final=False).wait(0.5).response("r1").agent("It is ten.")
    assert talk.last.response_id == "r1"
    assert len(talk.turns) == 2
    assert Talk().user("What?").agent("Ten.").response("r1").last.response_id == "r1"


def test_an_id_that_is_repeated_is_the_same_answer() -> None:
    talk = Talk().user("What?").response("r1").response("r1").agent("Ten.").response("r1").agent("Yes.", "a2")
    assert talk.turns[1:] == [("assistant", "Ten. Yes.")]
    assert talk.last.response_ids == ("r1",)


def test_an_id_of_an_older_answer_is_not_taken_for_the_next() -> None:
    talk = Talk().user("What?").response("r1").agent("Ten.").user("And now?", "u2").response("r1")
    assert talk.agent("Eleven.", "a2").last.response_ids == ()


def test_several_ids_before_the_words_are_all_kept_and_the_newest_counts() -> None:
    talk = Talk().user("What?").response("r1").response("r2").agent("Ten.")
    assert (talk.last.response_id, talk.last.response_ids) == ("r2", ("r1", "r2"))


def test_without_the_persons_words_ids_tell_the_answers_apart() -> None:
    talk = Talk().response("r1").agent("Ten.").sound(1.0).wait(3.0).response("r2").agent("Eleven.", "a2")
    assert [(e.text, e.response_id) for e in talk.dialogue.entries] == [("Ten.", "r1"), ("Eleven.", "r2")]


def test_a_packet_without_a_response_id_changes_nothing() -> None:
    event = ResponseStarted(ticket=1, response_id=None, conversation_id="c1")
    assert Talk().agent("Ten.").dialogue.response(event) == ()


# --- interruption by the service -----------------------------------------------------------------------------------


def test_a_final_that_the_service_cut_keeps_the_rest_as_unheard() -> None:
    talk = Talk().user("A story.").agent(STORY, final=False).agent("Once upon a time")
    assert talk.last.text == STORY
    assert talk.last.heard_text == "Once upon a time"
    assert (talk.last.state, talk.last.final) == ("interrupted", True)
    item = talk.last.item()
    assert (item.text, item.heard_text, item.state) == (STORY, "Once upon a time", "interrupted")


def test_a_cut_in_the_second_segment_counts_the_first_as_heard() -> None:
    talk = Talk().user("A story.").agent("Gladly.", "a1").agent(STORY, "a2", final=False).agent("Once upon", "a2")
    assert talk.last.heard_text == "Gladly. Once upon"


@pytest.mark.parametrize("interim", ["It is ten. ", " It is ten.", "It is ten.\n"])
def test_white_space_is_no_cut(interim: str) -> None:
    talk = Talk().user("What?").agent(interim, final=False).agent("It is ten.")
    assert talk.last.state == "final"
    assert talk.last.heard_text is None


def test_a_correction_is_no_cut() -> None:
    talk = Talk().user("What?").agent("It is tan", final=False).agent("It is ten.")
    assert (talk.last.state, talk.last.text) == ("final", "It is ten.")


def test_words_of_the_person_are_never_cut() -> None:
    assert Talk().user("What time", final=False).user("What").last.state == "final"


# --- interruption here ---------------------------------------------------------------------------------------------


def test_a_local_stop_estimates_what_was_heard_and_marks_the_rest() -> None:
    talk = Talk().user("A story.").agent(STORY)
    talk.dialogue.sound_started(0.0)
    (stopped,) = talk.dialogue.interrupt(2.0)
    reached = round(2.0 * DEFAULT_CHARS_PER_S * SLACK)
    assert stopped.state == "interrupted"
    assert stopped.heard_text is not None
    assert STORY.startswith(stopped.heard_text)
    assert reached - 8 < len(stopped.heard_text) <= reached
    assert STORY[len(stopped.heard_text)] == " "  # cut at the end of a word


def test_words_that_come_after_a_local_stop_are_unheard() -> None:
    talk = Talk().user("A story.").agent(STORY[:20], final=False)
    talk.dialogue.sound_started(0.0)
    (stopped,) = talk.dialogue.interrupt(5.0)
    assert stopped.heard_chars == 20
    talk.agent(STORY)
    assert talk.last.text == STORY
    assert talk.last.heard_text == STORY[:20].rstrip()
    assert talk.last.state == "interrupted"


def test_a_second_stop_of_the_same_answer_changes_nothing() -> None:
    talk = Talk().user("A story.").agent(STORY, final=False)
    assert talk.dialogue.interrupt(1.0)
    assert talk.dialogue.interrupt(9.0) == ()


def test_after_a_stop_what_is_left_of_the_voice_counts_for_nothing() -> None:
    talk = Talk().user("A story.").agent(STORY, final=False)
    talk.dialogue.sound_started(0.0)
    talk.dialogue.interrupt(3.0)
    assert talk.last.sound_s == 3.0
    talk.dialogue.sound_stopped(3.5)
    talk.wait(4.0).sound(5.0)  # the silenced voice paused, and goes on
    assert talk.last.sound_s == 3.0
    talk.user("And now?", "u2").agent("Ten.", "a2").sound(1.0)
    assert talk.last.sound_s == 1.0


def test_what_the_service_cut_has_the_seconds_of_voice_until_then() -> None:
    talk = Talk().user("A story.").agent(STORY, final=False)
    talk.dialogue.sound_started(0.0)
    talk.wait(3.0).agent("Once upon a time")
    assert (talk.last.state, talk.last.sound_s) == ("interrupted", 3.0)
    talk.dialogue.sound_stopped(9.0)
    assert talk.last.sound_s == 3.0


def test_the_open_words_of_a_stopped_answer_are_kept_at_once_and_corrected_by_their_final() -> None:
    talk = Talk().user("A story.").agent("Gladly.").agent("Once upon a ti", "a2", final=False)
    talk.dialogue.sound_started(0.0)
    (stopped,) = talk.dialogue.interrupt(5.0)
    assert stopped.item().text == "Gladly. Once upon a ti"
    assert talk.agent("Once upon a time", "a2", final=False).last.item().text == "Gladly. Once upon a ti"
    assert talk.agent("Once upon a", "a2").last.item().text == "Gladly. Once upon a time"
    assert talk.last.heard_text == "Gladly. Once upon a"
    assert len(talk.turns) == 2


def test_a_stop_with_nothing_said_marks_nothing() -> None:
    assert Talk().user("A story.").dialogue.interrupt(1.0) == ()


def test_a_stop_while_the_next_answer_is_awaited_leaves_the_last_one_alone() -> None:
    talk = Talk().user("What?").response("r1").agent("Ten.").sound(0.5).user("And now?", "u2")
    assert talk.dialogue.interrupt(9.0) == ()
    talk = Talk().response("r1").agent("Ten.").sound(0.5).wait(3.0).response("r2")
    assert talk.dialogue.interrupt(9.0) == ()


def test_talking_over_a_voice_that_goes_on_to_its_end_marks_nothing_missing() -> None:
    talk = Talk().user("A story.").agent(STORY, final=False)
    talk.dialogue.sound_started(0.0)
    talk.dialogue.barge_in()
    talk.wait(8.0).agent(STORY)
    assert talk.last.heard_text in (None, STORY)


def test_a_voice_that_ends_early_after_the_person_spoke_was_interrupted() -> None:
    talk = Talk().user("A story.").agent(STORY)
    talk.dialogue.sound_started(0.0)
    talk.dialogue.barge_in()
    (cut,) = talk.dialogue.sound_stopped(2.0)[-1:]
    assert cut.state == "interrupted"
    assert 0 < len(cut.heard_text or "") < len(STORY)


def test_talking_after_the_answer_interrupts_nothing() -> None:
    talk = Talk().user("What?").agent("Ten.").sound(0.5)
    talk.dialogue.barge_in()
    assert talk.sound(0.1).last.state == "final"


# --- pace ----------------------------------------------------------------------------------------------------------


def test_the_pace_of_a_voice_is_learned_from_answers_that_were_heard() -> None:
    fast, plain = Talk().user("A story.").agent(STORY), Talk().user("A story.").agent(STORY)
    for n in range(20):
        fast.agent(STORY, f"b{n}")
        fast.user("More.", f"u{n + 5}").agent(STORY, f"c{n}").sound(len(STORY) / 30)
    estimates = []
    for talk in (fast, plain):
        talk.user("Again.", "u99").agent(STORY, "z")
        talk.dialogue.sound_started(talk.at_s)
        estimates.append(talk.dialogue.spoken_chars(talk.at_s + 1.5))
    assert estimates[0] is not None
    assert estimates[1] is not None
    assert estimates[0] > estimates[1]


def test_short_answers_and_absurd_paces_teach_nothing_much() -> None:
    pace = Pace()
    pace.learn(5, 0.2)
    pace.learn(0, 5.0)
    assert pace.chars_per_s == DEFAULT_CHARS_PER_S
    for _ in range(50):
        pace.learn(100_000, 1.0)
    assert pace.chars_per_s <= 40.0


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0, 3.0, 1000.0])
def test_the_estimate_ends_with_a_word_and_within_the_text(seconds: float) -> None:
    cut = heard_chars(STORY, seconds, Pace())
    assert 0 <= cut <= len(STORY)
    assert cut in (0, len(STORY)) or STORY[cut] == " "


def test_how_far_the_voice_is_is_unknown_without_sound() -> None:
    assert Talk().agent(STORY).dialogue.spoken_chars(1.0) is None


# --- the room is gone ----------------------------------------------------------------------------------------------


def test_a_cut_keeps_the_open_words_of_both_sides_in_their_order() -> None:
    talk = Talk().user("A sto", final=False).agent(STORY[:20], final=False)
    talk.dialogue.sound_started(0.0)
    records, entries = talk.dialogue.cut(at_s=1.0, at=5.0)
    assert [(r.speaker, r.final) for r in records] == [("user", True), ("agent", True)]
    assert [(e.item().text, e.state) for e in entries] == [("A sto", "final"), (STORY[:20], "interrupted")]
    assert entries[-1].sound_s == 1.0
    assert talk.dialogue.cut(at_s=2.0, at=6.0) == ((), ())


def test_a_cut_marks_an_answer_whose_words_ran_ahead_of_its_voice() -> None:
    talk = Talk().user("A story.").agent(STORY)
    talk.dialogue.sound_started(0.0)
    (answer,) = talk.dialogue.cut(at_s=1.0, at=5.0)[1]
    assert answer.heard_text == "Once upon a time"


@pytest.mark.parametrize("sounding", [True, False])
def test_a_cut_leaves_an_answer_that_was_heard_as_it_is(sounding: bool) -> None:
    talk = Talk().user("A story.").agent(STORY)
    talk.dialogue.sound_started(0.0)
    if not sounding:
        talk.dialogue.sound_stopped(1.0)
    assert talk.dialogue.cut(at_s=6.0, at=5.0) == ((), ())
    assert talk.last.state == "final"


def test_a_cut_in_the_voice_of_the_next_answer_leaves_the_one_before_alone() -> None:
    talk = Talk().user("What?").agent(STORY).sound(6.0).user("And now?", "u2")
    talk.dialogue.sound_started(talk.at_s)
    assert talk.dialogue.cut(at_s=talk.at_s, at=5.0) == ((), ())


# --- no final flag, earlier items ----------------------------------------------------------------------------------


def test_settling_makes_open_words_final() -> None:
    talk = Talk().user("What?").agent("Ten", final=False)
    assert talk.dialogue.open_since("agent") == 0.0
    assert talk.dialogue.open_since("user") is None
    records, entries = talk.dialogue.settle("agent", at_s=3.0, at=5.0)
    assert [r.final for r in records] == [True]
    assert entries[0].item().text == "Ten"
    assert talk.wait(4.0).agent("Ten o'clock.").last.text == "Ten o'clock."


def stored(key: str, state: ItemState, *, heard: str | None = None) -> Item:
    role = "assistant" if heard else "user"
    return Item(
        key=key, role="assistant" if role == "assistant" else "user", source="text", text="One two", state=state,
        at=1.0, heard_text=heard, response_id="r0" if heard else None,
    )  # fmt: skip


def test_an_earlier_thread_is_shown_as_it_was_kept() -> None:
    talk = Talk()
    talk.dialogue.load((stored("k1", "final"), stored("k2", "interrupted", heard="One")))
    assert talk.turns == [("user", "One two"), ("assistant", "One two")]
    assert talk.last.heard_text == "One"
    assert [e.item() for e in talk.dialogue.entries] == [
        stored("k1", "final"), stored("k2", "interrupted", heard="One"),
    ]  # fmt: skip


def test_what_waited_when_the_thread_was_left_waits_still() -> None:
    talk = Talk()
    talk.dialogue.load((stored("k1", "waiting"), stored("k2", "sent")))
    assert [e.state for e in talk.dialogue.entries] == ["waiting", "sent"]


def test_new_words_after_an_earlier_thread_are_new_turns() -> None:
    talk = Talk()
    talk.dialogue.load((stored("k2", "final", heard="One two"),))
    talk.response("r0").agent("Hello.").user("Hi")
    assert talk.turns == [("assistant", "One two"), ("user", "Hi"), ("assistant", "Hello.")]
    assert talk.last.response_ids == ()


# --- said again ------------------------------------------------------------------------------------------------------


def test_what_comes_of_a_turn_that_is_sent_again_takes_its_place() -> None:
    talk = Talk()
    talk.user("What is the cap", "u1", final=False)
    talk.dialogue.cut(at_s=talk.at_s, at=0.0)
    talk.dialogue.notice("The connection was lost.", at=0.0, at_s=talk.at_s)
    key = talk.dialogue.entries[0].key
    talk.dialogue.say_again()
    talk.user("What is the capital of France?", "u2")
    spoken = [e for e in talk.dialogue.entries if e.role == "user"]
    assert [(e.key, e.text) for e in spoken] == [(key, "What is the capital of France?")]


def test_an_answered_turn_is_not_replaced() -> None:
    talk = Talk()
    talk.user("Hello", "u1")
    talk.agent("Hi", "a1")
    talk.dialogue.say_again()
    talk.user("Next", "u2")
    assert [e.text for e in talk.dialogue.entries] == ["Hello", "Hi", "Next"]
