"""What is kept of the assistant's voice, under which turn, and for how long."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.answer_sound import AnswerSounds
from mka1_desktop.domain.audio import RATE_HZ, Samples

FRAME = RATE_HZ // 50  # 20 ms
QUIET = 0


def hear(sounds: AnswerSounds, level: int, seconds: float) -> None:
    """A voice of a constant level, so that it can be told from another one."""
    for _ in range(round(seconds * RATE_HZ / FRAME)):
        sounds.hear(np.full(FRAME, level, np.int16).data)


def seconds_of(sounds: AnswerSounds, key: str) -> dict[int, float]:
    """How long each level is heard in the sound of a turn."""
    sound = sounds.sound(key)
    assert sound is not None
    levels, counts = np.unique(sound, return_counts=True)
    return {int(level): round(int(count) / RATE_HZ, 2) for level, count in zip(levels, counts, strict=True)}


def test_each_answer_has_its_own_sound() -> None:
    sounds = AnswerSounds()
    hear(sounds, 1000, 1.0)
    assert sounds.end("a")
    hear(sounds, 2000, 2.0)
    assert sounds.end("b")
    assert sounds.keys == {"a", "b"}
    assert sounds.newest == "b"
    assert seconds_of(sounds, "a") == {1000: 1.0}
    assert seconds_of(sounds, "b") == {2000: 2.0}
    assert sounds.sound("c") is None


def test_pauses_inside_an_answer_stay_and_those_around_it_go() -> None:
    sounds = AnswerSounds()
    hear(sounds, QUIET, 5.0)
    hear(sounds, 1000, 1.0)
    hear(sounds, QUIET, 0.6)
    hear(sounds, 1000, 1.0)
    hear(sounds, QUIET, 5.0)
    sounds.end("a")
    assert seconds_of(sounds, "a") == {1000: 2.0, QUIET: 0.9}, "before, inside, behind"


def test_a_long_pause_is_heard_as_a_short_one() -> None:
    sounds = AnswerSounds()
    hear(sounds, 1000, 1.0)
    hear(sounds, QUIET, 20.0)
    hear(sounds, 1000, 1.0)
    sounds.end("a")
    assert seconds_of(sounds, "a") == {1000: 2.0, QUIET: 1.2}


def test_silence_is_no_answer() -> None:
    sounds = AnswerSounds()
    hear(sounds, QUIET, 3.0)
    assert not sounds.end("a")
    assert sounds.keys == set()
    assert sounds.newest is None


def test_an_answer_that_goes_on_is_one() -> None:
    sounds = AnswerSounds()
    for level in (1000, 2000):
        hear(sounds, level, 1.0)
        sounds.end("a")
    assert seconds_of(sounds, "a") == {1000: 1.0, 2000: 1.0}


def test_a_turn_that_shows_itself_late_claims_what_was_heard() -> None:
    sounds = AnswerSounds()
    hear(sounds, 1000, 1.0)
    sounds.end(None)
    assert sounds.unclaimed
    assert sounds.keys == set()
    sounds.claim("a")
    assert seconds_of(sounds, "a") == {1000: 1.0}
    sounds.claim("b")
    assert sounds.keys == {"a"}, "it is claimed once"


def test_what_nobody_claims_is_lost_to_the_next_voice() -> None:
    sounds = AnswerSounds()
    hear(sounds, 1000, 1.0)
    sounds.end(None)
    hear(sounds, 2000, 1.0)
    sounds.end(None)
    sounds.claim("b")
    assert seconds_of(sounds, "b") == {2000: 1.0}


def test_the_oldest_answers_go_first_and_whole() -> None:
    sounds = AnswerSounds(limit_s=5.0)
    for key, level in (("a", 1000), ("b", 2000), ("c", 3000)):
        hear(sounds, level, 2.0)
        sounds.end(key)
    assert sounds.keys == {"b", "c"}
    assert seconds_of(sounds, "b") == {2000: 2.0}


def test_of_one_that_is_too_long_the_end_is_kept() -> None:
    sounds = AnswerSounds(limit_s=5.0)
    hear(sounds, 1000, 3.0)
    hear(sounds, 2000, 4.0)
    sounds.end("a")
    assert seconds_of(sounds, "a") == {1000: 1.0, 2000: 4.0}


def test_nothing_is_left_of_what_is_forgotten() -> None:
    sounds = AnswerSounds()
    hear(sounds, 1000, 1.0)
    sounds.end("a")
    hear(sounds, 2000, 1.0)
    sounds.forget()
    assert sounds.keys == set()
    assert sounds.seconds == 0.0
    assert not sounds.end("b"), "also what was under way"


def test_the_rest_of_an_answer_that_is_over_is_none_of_the_next() -> None:
    sounds = AnswerSounds()
    hear(sounds, 1000, 0.3)
    sounds.drop()
    hear(sounds, 2000, 1.0)
    sounds.end("b")
    assert seconds_of(sounds, "b") == {2000: 1.0}


def test_a_copy_that_is_overwritten_leaves_the_answer_as_it_is() -> None:
    sounds = AnswerSounds()
    hear(sounds, 1000, 1.0)
    sounds.end("a")
    copy: Samples | None = sounds.sound("a")
    assert copy is not None
    copy.fill(0)
    assert seconds_of(sounds, "a") == {1000: 1.0}


@given(st.lists(st.tuples(st.sampled_from([0, 500, 5000]), st.floats(0.02, 3.0), st.sampled_from(["", "a", "b", "-"]))))
def test_it_never_keeps_more_than_its_limit(heard: list[tuple[int, float, str]]) -> None:
    sounds = AnswerSounds(limit_s=4.0)
    for level, seconds, key in heard:
        hear(sounds, level, seconds)
        if key:
            sounds.end(None if key == "-" else key)
        assert sounds.seconds <= 4.0 + 1.2, "what is quiet at the end is counted when a voice follows"
