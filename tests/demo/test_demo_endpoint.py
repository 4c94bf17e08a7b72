"""Where an utterance begins and ends."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mka1_desktop.demo.endpoint import (
    BLOCK_MS,
    BLOCK_SAMPLES,
    LONGEST_MS,
    PRE_ROLL_MS,
    RATE_HZ,
    TAIL_MS,
    Endpointer,
    Event,
    InitialSilence,
    SpeechEnded,
    SpeechStarted,
)

Sound = NDArray[np.float64]


def noise(seconds: float, level_dbfs: float, seed: int = 0) -> Sound:
    size = round(seconds * RATE_HZ)
    return np.random.default_rng(seed).normal(0.0, 32768 * 10 ** (level_dbfs / 20), size)


def zeros(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE_HZ))


def voice(seconds: float, level_dbfs: float) -> Sound:
    """A buzz of 120 Hz in syllables of 200 ms, as loud as `level_dbfs` on the whole."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    buzz = sum((np.sin(2 * np.pi * 120 * n * time_s) / n for n in range(1, 20)), np.zeros(len(time_s)))
    sound = buzz * (0.15 + np.sin(np.pi * time_s / 0.2) ** 2)
    return np.asarray(sound * 32768 * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(np.square(sound))))


def listen(endpointer: Endpointer, *sounds: Sound) -> list[tuple[float, Event]]:
    """Each event with the second at which it was reported."""
    whole = np.clip(np.concatenate(sounds), -32768, 32767).astype(np.int16)
    events: list[tuple[float, Event]] = []
    for index in range(len(whole) // BLOCK_SAMPLES):
        block = whole[index * BLOCK_SAMPLES : (index + 1) * BLOCK_SAMPLES]
        events.extend(((index + 1) * BLOCK_MS / 1000, event) for event in endpointer.push(block))
    return events


def kinds(events: Sequence[tuple[float, Event]]) -> list[type]:
    return [type(event) for _, event in events]


@pytest.mark.parametrize("level_dbfs", [-6, -12, -20, -30])
@pytest.mark.parametrize("background", ["zeros", "faint", "room"])
def test_one_utterance_is_one_start_and_one_end(level_dbfs: float, background: str) -> None:
    def around(seconds: float) -> Sound:
        level = {"zeros": -200.0, "faint": -75.0, "room": level_dbfs - 20.0}[background]
        return noise(seconds, level, seed=round(seconds * 10))

    talk = voice(1.4, level_dbfs) + around(1.4)
    events = listen(Endpointer(), around(1.0), talk, around(1.2))
    assert kinds(events) == [SpeechStarted, SpeechEnded]
    assert 1.0 < events[0][0] <= 1.25
    assert events[1][0] == pytest.approx(2.4 + 0.7, abs=0.15)


def test_the_utterance_has_what_came_before_and_a_short_tail() -> None:
    talk = voice(1.0, -20)
    ((_, _), (_, ended)) = listen(Endpointer(silence_timeout_ms=2000), zeros(1.0), talk, zeros(2.5))
    assert isinstance(ended, SpeechEnded)
    assert ended.samples.dtype == np.int16
    loud = np.flatnonzero(np.abs(ended.samples.astype(np.int32)) > 300)
    before_ms, after_ms = loud[0] * 1000 / RATE_HZ, (len(ended.samples) - loud[-1]) * 1000 / RATE_HZ
    assert PRE_ROLL_MS - 20 <= before_ms <= PRE_ROLL_MS + 200
    assert TAIL_MS - 20 <= after_ms <= TAIL_MS + 100


@pytest.mark.parametrize("timeout_ms", [100, 400, 700, 1500, 5000])
def test_the_silence_that_ends_an_utterance_is_chosen(timeout_ms: int) -> None:
    endpointer = Endpointer(silence_timeout_ms=timeout_ms)
    events = listen(endpointer, zeros(0.5), voice(1.0, -20), zeros(timeout_ms / 1000 + 0.3))
    assert kinds(events) == [SpeechStarted, SpeechEnded]
    assert events[1][0] == pytest.approx(1.5 + timeout_ms / 1000, abs=0.06)


def test_a_shorter_pause_does_not_end_it() -> None:
    events = listen(Endpointer(), zeros(0.5), voice(0.8, -20), zeros(0.6), voice(0.8, -20), zeros(1.0))
    assert kinds(events) == [SpeechStarted, SpeechEnded]


def test_two_utterances() -> None:
    parts = (zeros(0.5), voice(0.8, -20), zeros(1.0), voice(0.8, -20), zeros(1.0))
    assert kinds(listen(Endpointer(), *parts)) == [SpeechStarted, SpeechEnded] * 2


@pytest.mark.parametrize("level_dbfs", [-200, -60, -45, -30])
def test_silence_at_the_start_is_reported_once(level_dbfs: float) -> None:
    endpointer = Endpointer(initial_silence_timeout_ms=2000)
    assert listen(endpointer, noise(6.0, level_dbfs)) == [(2.0, InitialSilence())]
    endpointer.restart()
    assert listen(endpointer, noise(3.0, level_dbfs)) == [(2.0, InitialSilence())]


def test_silence_is_not_reported_unless_asked_for() -> None:
    assert listen(Endpointer(), zeros(60.0)) == []


@pytest.mark.parametrize("level_dbfs", [-60, -45, -30])
def test_a_noise_after_a_muted_microphone_is_not_speech(level_dbfs: float) -> None:
    assert listen(Endpointer(), zeros(2.0), noise(5.0, level_dbfs), zeros(1.0), noise(2.0, level_dbfs)) == []


def test_speech_is_heard_at_once_after_a_muted_microphone() -> None:
    events = listen(Endpointer(), noise(2.0, -40), zeros(3.0), voice(1.0, -20) + noise(1.0, -40), zeros(1.0))
    assert kinds(events) == [SpeechStarted, SpeechEnded]
    assert 5.0 < events[0][0] <= 5.25


def test_clicks_are_not_speech() -> None:
    sound = zeros(5.0)
    for start in range(0, len(sound), 8000):
        sound[start : start + 320] = noise(0.02, -10, seed=start)
    assert listen(Endpointer(), sound) == []


def test_a_hum_becomes_the_background() -> None:
    hum = 2000 * np.sin(2 * np.pi * 100 * np.arange(RATE_HZ * 10) / RATE_HZ)
    endpointer = Endpointer()
    assert kinds(listen(endpointer, hum)) == [SpeechStarted, SpeechEnded]  # taken for a voice once
    talk = voice(1.0, -12) + hum[:RATE_HZ]
    assert kinds(listen(endpointer, hum, talk, hum)) == [SpeechStarted, SpeechEnded]


def test_an_endless_utterance_is_cut() -> None:
    events = listen(Endpointer(), voice(LONGEST_MS / 1000 + 1, -20))
    ended = [event for _, event in events if isinstance(event, SpeechEnded)]
    assert len(ended) == 1
    assert len(ended[0].samples) <= LONGEST_MS * RATE_HZ // 1000


def test_restart_drops_what_was_begun() -> None:
    endpointer = Endpointer()
    assert kinds(listen(endpointer, zeros(0.5), voice(0.5, -20))) == [SpeechStarted]
    endpointer.restart()
    assert listen(endpointer, zeros(2.0)) == []
    assert kinds(listen(endpointer, voice(0.5, -20), zeros(1.0))) == [SpeechStarted, SpeechEnded]


@pytest.mark.parametrize("size", [0, 160, 321, 480])
def test_a_block_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="320"):
        Endpointer().push(np.zeros(size, np.int16))


def test_the_block_may_be_used_again_by_its_owner() -> None:
    endpointer = Endpointer()
    samples = np.clip(np.concatenate((zeros(0.5), voice(0.6, -20), zeros(1.0))), -32768, 32767).astype(np.int16)
    block = np.zeros(BLOCK_SAMPLES, np.int16)
    ended: list[SpeechEnded] = []
    for start in range(0, len(samples) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        block[:] = samples[start : start + BLOCK_SAMPLES]
        ended += [event for event in endpointer.push(block) if isinstance(event, SpeechEnded)]
        block[:] = 0
    assert len(ended) == 1
    assert np.abs(ended[0].samples.astype(np.int32)).max() > 1000


def section(kind: str, seconds: float, level_dbfs: int) -> Sound:
    match kind:
        case "noise":
            return noise(seconds, level_dbfs)
        case "voice":
            return voice(seconds, level_dbfs)
        case "full":
            return zeros(seconds) - 32768
        case _:
            return zeros(seconds)


SECTIONS = st.lists(
    st.tuples(
        st.sampled_from(["zeros", "noise", "voice", "full"]),
        st.integers(min_value=1, max_value=60),
        st.integers(min_value=-70, max_value=-3),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(
    sections=SECTIONS,
    timeout_ms=st.integers(min_value=100, max_value=5000),
    initial_ms=st.none() | st.integers(min_value=1000, max_value=30000),
)
def test_whatever_is_heard_starts_and_ends_take_turns(
    sections: list[tuple[str, int, int]], timeout_ms: int, initial_ms: int | None
) -> None:
    endpointer = Endpointer(silence_timeout_ms=timeout_ms, initial_silence_timeout_ms=initial_ms)
    events: list[tuple[float, Event]] = []
    pushed = 0
    for kind, count, level_dbfs in sections:
        sound = section(kind, count * BLOCK_MS / 1000, level_dbfs)
        events += listen(endpointer, sound)
        pushed += len(sound)
    turns = [kind for kind in kinds(events) if kind is not InitialSilence]
    assert turns == ([SpeechStarted, SpeechEnded] * len(turns))[: len(turns)]
    assert endpointer.speaking == (bool(turns) and turns[-1] is SpeechStarted)
    ended = [event for _, event in events if isinstance(event, SpeechEnded)]
    assert sum(len(event.samples) for event in ended) <= pushed
    assert all(len(event.samples) % BLOCK_SAMPLES == 0 for event in ended)
    if endpointer.speaking:
        assert kinds(listen(endpointer, zeros(timeout_ms / 1000 + 0.04))) == [SpeechEnded]
