from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain import talk
from mka1_desktop.domain.talk import BOUNCE_S, Mode, Phase, Talk, TalkSettings

AUTO, HOLD, TOGGLE = TalkSettings(), TalkSettings(mode="hold"), TalkSettings(mode="toggle")


@dataclass
class Key:
    """A key at a machine, with time that the test moves; tails end by themselves, as the talker sees to it.

    `timed`: each event brings the time since the one before, as the events of a keyboard do.
    """

    settings: TalkSettings
    timed: bool = False
    talk: Talk = field(default_factory=Talk)
    at_s: float = 100.0
    last_s: float | None = None

    def wait(self, seconds: float) -> Key:
        end_s = self.at_s + seconds
        if self.talk.dwell_until_s is not None and self.talk.dwell_until_s <= end_s:
            self.talk = talk.dwell_over(self.talk, self.talk.dwell_until_s, self.settings)
        if self.talk.tail_until_s is not None and self.talk.tail_until_s <= end_s:
            self.talk = talk.tail_over(self.talk, self.talk.tail_until_s)
        self.at_s = end_s
        return self

    def press(self) -> Key:
        self.talk = talk.press(self.talk, self.at_s, self.settings, up_s=self._since_last())
        return self

    def release(self) -> Key:
        self.talk = talk.release(self.talk, self.at_s, self.settings, down_s=self._since_last())
        return self

    def _since_last(self) -> float | None:
        before_s, self.last_s = self.last_s, self.at_s
        return self.at_s - before_s if self.timed and before_s is not None else None

    def hold(self, seconds: float) -> Key:
        return self.press().wait(seconds).release()

    def repeat(self, times: int = 3) -> Key:
        """What X11 makes of a key that stays down."""
        for _ in range(times):
            self.wait(0.03).release().wait(0.001).press()
        return self

    def finish(self) -> Key:
        self.talk = talk.finish(self.talk, self.at_s, self.settings)
        return self

    def stop(self) -> Key:
        self.talk = talk.stop(self.talk)
        return self

    def latch(self) -> Key:
        self.talk = talk.latch(self.talk, self.at_s)
        return self


# --- modes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [AUTO, HOLD])
def test_a_held_key_is_open_until_the_tail_after_its_release(settings: TalkSettings) -> None:
    key = Key(settings).press()
    assert key.talk.held
    assert key.wait(2.0).release().talk.phase is Phase.TAIL
    assert key.wait(0.19).talk.open
    assert not key.wait(0.02).talk.open


def test_auto_latches_on_a_tap_and_the_next_press_ends_it() -> None:
    key = Key(AUTO).hold(0.1)
    assert key.talk.latched
    assert key.wait(60).talk.latched
    assert key.hold(0.1).talk.phase is Phase.TAIL
    assert not key.wait(0.3).talk.open


@pytest.mark.parametrize(
    ("held_s", "phase"),
    [(0.01, Phase.UP), (0.039, Phase.UP), (0.041, Phase.LATCHED), (0.349, Phase.LATCHED), (0.351, Phase.TAIL)],
)
def test_auto_tells_bounce_tap_and_hold_by_their_length(held_s: float, phase: Phase) -> None:
    assert Key(AUTO).hold(held_s).talk.phase is phase


def test_the_length_of_a_tap_is_a_setting() -> None:
    assert Key(TalkSettings(tap_ms=1000)).hold(0.9).talk.latched


def test_a_bounce_does_not_end_a_latch() -> None:
    assert Key(AUTO).hold(0.1).wait(1.0).hold(0.01).talk.latched


def test_hold_never_latches() -> None:
    key = Key(HOLD).hold(0.1)
    assert key.talk.phase is Phase.TAIL
    assert not key.wait(0.3).talk.open


# --- two taps lock a key that is held -----------------------------------------------------------------------------


@pytest.mark.parametrize("gap_s", [0.1, 0.3])
def test_two_taps_in_a_row_lock_and_the_next_press_ends_it(gap_s: float) -> None:
    key = Key(HOLD).hold(0.15).wait(gap_s).hold(0.15)
    assert key.talk.latched
    assert key.wait(10.0).talk.latched
    assert not key.hold(0.15).wait(0.3).talk.open


@pytest.mark.parametrize(("first_s", "gap_s", "second_s"), [(0.15, 0.5, 0.15), (0.5, 0.1, 0.15), (0.15, 0.1, 0.5)])
def test_what_is_no_pair_of_taps_locks_nothing(first_s: float, gap_s: float, second_s: float) -> None:
    key = Key(HOLD).hold(first_s).wait(gap_s).hold(second_s)
    assert not key.talk.latched
    assert not key.wait(0.3).talk.open


def test_two_taps_mean_no_lock_where_one_is_enough() -> None:
    assert not Key(AUTO).hold(0.15).wait(0.1).hold(0.15).wait(0.3).talk.open


# --- hands that tremble -------------------------------------------------------------------------------------------

STEADY = TalkSettings(mode="hold", dwell_ms=300, debounce_ms=250)


def test_a_press_counts_when_it_has_lasted() -> None:
    key = Key(STEADY).press().wait(0.2)
    assert not key.talk.open
    assert key.wait(0.2).talk.held
    assert not key.release().wait(0.4).talk.open


def test_a_press_that_does_not_last_is_none_and_does_not_end_a_lock() -> None:
    assert not Key(STEADY).hold(0.2).wait(1.0).talk.open
    assert Key(STEADY).latch().wait(1.0).hold(0.2).wait(1.0).talk.latched


def test_the_time_until_it_counts_is_part_of_its_length() -> None:
    key = Key(TalkSettings(dwell_ms=200)).hold(0.3)
    assert key.talk.latched
    assert Key(TalkSettings(dwell_ms=200)).hold(0.4).talk.phase is Phase.TAIL


def test_a_key_that_comes_up_for_a_moment_is_still_down() -> None:
    key = Key(STEADY).press().wait(1.0).release().wait(0.2).press()
    assert key.talk.held
    assert not key.wait(1.0).release().wait(0.4).talk.open


def test_toggle_waits_as_well() -> None:
    key = Key(TalkSettings(mode="toggle", dwell_ms=300))
    assert not key.hold(0.2).wait(1.0).talk.open
    assert key.hold(0.4).wait(1.0).talk.latched
    assert not key.hold(0.4).wait(1.0).talk.open


def test_a_dwell_that_fires_too_early_or_after_something_else_changes_nothing() -> None:
    waiting = Key(STEADY).press().talk
    assert talk.dwell_over(waiting, 100.1, STEADY) == waiting
    assert talk.dwell_over(talk.stop(waiting), 101.0, STEADY) == talk.stop(waiting)


@pytest.mark.parametrize("mode", ["toggle", "open"])
def test_toggle_turns_with_each_press(mode: Mode) -> None:
    key = Key(TalkSettings(mode=mode)).hold(3.0)
    assert key.talk.latched
    assert key.wait(1.0).hold(3.0).talk.phase is Phase.UP
    assert key.wait(1.0).hold(0.1).talk.latched


# --- a stalled window: events are handled late, and the input system knows when they were -------------------------


@pytest.mark.parametrize(
    ("handled_s", "down_s", "phase"),
    [(0.0, 0.1, Phase.LATCHED), (0.0, 2.0, Phase.TAIL), (3.0, 0.1, Phase.LATCHED), (3.0, 0.02, Phase.UP)],
)
def test_the_length_of_a_press_is_that_of_the_hand(handled_s: float, down_s: float, phase: Phase) -> None:
    key = Key(AUTO).press().wait(handled_s)
    assert talk.release(key.talk, key.at_s, AUTO, down_s=down_s).phase is phase


def test_a_second_tap_that_is_handled_at_once_with_the_first_ends_the_latch() -> None:
    key = Key(AUTO)
    key.talk = talk.press(key.talk, key.at_s, AUTO, up_s=None)
    key.talk = talk.release(key.talk, key.at_s, AUTO, down_s=0.1)
    key.talk = talk.press(key.talk, key.at_s, AUTO, up_s=1.0)
    key.talk = talk.release(key.talk, key.at_s, AUTO, down_s=0.1)
    assert key.talk.phase is Phase.TAIL


def test_a_repeat_that_is_handled_late_is_one_all_the_same() -> None:
    key = Key(HOLD).hold(1.0).wait(0.15)
    assert talk.press(key.talk, key.at_s, TOGGLE, up_s=0.0).held


# --- tail ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timed", [False, True])
def test_a_press_within_the_tail_goes_on_talking(timed: bool) -> None:
    key = Key(AUTO, timed).hold(1.0).wait(0.1).press()
    assert key.talk.held
    assert key.wait(1.0).talk.held
    assert not key.release().wait(0.3).talk.open
    assert not Key(AUTO, timed).hold(1.0).wait(0.1).hold(0.1).wait(0.3).talk.open


def test_a_toggle_within_the_tail_opens_again() -> None:
    assert Key(TOGGLE).hold(0.1).wait(1.0).press().wait(0.1).release().wait(0.05).press().talk.latched


def test_the_tail_is_a_setting_but_leaves_room_for_a_repeat() -> None:
    key = Key(TalkSettings(mode="hold", tail_ms=1500)).hold(1.0)
    assert key.wait(1.4).talk.open
    assert not key.wait(0.2).talk.open
    key = Key(TalkSettings(mode="hold", tail_ms=0)).hold(1.0)
    assert key.talk.tail_until_s == pytest.approx(key.at_s + BOUNCE_S)


def test_a_tail_that_fires_too_early_or_after_something_else_changes_nothing() -> None:
    tail = Key(HOLD).hold(1.0).talk
    assert talk.tail_over(tail, 101.1) == tail
    held = Key(HOLD).press().talk
    assert talk.tail_over(held, 1e9) == held


def test_a_second_release_does_not_lengthen_the_tail() -> None:
    key = Key(HOLD).hold(1.0)
    until_s = key.talk.tail_until_s
    assert key.wait(0.1).release().talk.tail_until_s == until_s


# --- from elsewhere ------------------------------------------------------------------------------------------------


def test_stop_ends_at_once_and_without_a_tail() -> None:
    for key in (Key(AUTO).press(), Key(AUTO).hold(0.1), Key(AUTO).hold(1.0), Key(AUTO)):
        assert key.stop().talk.phase is Phase.UP


def test_finish_ends_with_the_tail_and_start_latches_both_idempotent() -> None:
    key = Key(AUTO).latch().wait(1.0).latch()
    assert key.talk.latched
    tail = key.finish().talk
    assert tail.phase is Phase.TAIL
    assert key.wait(0.1).finish().talk == tail
    assert Key(AUTO).finish().talk == Talk()


def test_a_latch_while_the_key_is_down_outlives_its_release() -> None:
    assert Key(HOLD).press().wait(1.0).latch().wait(1.0).release().wait(5).talk.latched


def test_a_key_that_is_released_after_a_stop_opens_nothing() -> None:
    assert not Key(AUTO).press().wait(0.1).stop().wait(0.1).release().wait(1.0).talk.open


# --- auto-repeat ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [AUTO, HOLD, TOGGLE])
@pytest.mark.parametrize("delay_s", [0.02, 0.2, 0.3, 0.6])
@pytest.mark.parametrize("timed", [False, True])
def test_repeats_of_a_held_key_change_nothing(settings: TalkSettings, delay_s: float, timed: bool) -> None:
    plain = Key(settings).hold(3.0)
    key = Key(settings, timed).press().wait(delay_s).repeat(50)
    assert key.talk.open
    key.wait(103.0 - key.at_s).release()
    assert key.talk.phase is plain.talk.phase
    assert key.talk.tail_until_s == plain.talk.tail_until_s


@pytest.mark.parametrize("timed", [False, True])
def test_a_hold_that_repeats_to_its_end_is_no_tap(timed: bool) -> None:
    key = Key(AUTO, timed).press().wait(0.6).repeat(20).wait(0.1).release()
    assert key.talk.phase is Phase.TAIL


@pytest.mark.parametrize("timed", [False, True])
def test_a_tap_that_repeats_is_a_tap(timed: bool) -> None:
    assert Key(AUTO, timed).press().repeat(3).wait(0.03).release().talk.latched


def test_repeats_do_not_reopen_what_was_stopped() -> None:
    key = Key(AUTO).press().wait(0.6).repeat().stop().repeat(20)
    assert not key.talk.open
    assert not key.wait(0.03).release().wait(1.0).talk.open
    assert key.press().talk.held


def test_a_stop_in_the_middle_of_a_repeat_stays() -> None:
    key = Key(AUTO).press().wait(0.6).release().stop().wait(0.001).press()
    assert not key.talk.open
    key = Key(AUTO).press().wait(0.02).release().stop().wait(0.001).press()
    assert not key.talk.open


def test_repeats_do_not_undo_a_finish_or_a_latch() -> None:
    key = Key(HOLD).press().wait(0.6).repeat().finish().repeat(20)
    assert not key.talk.open
    key = Key(HOLD).press().wait(0.6).repeat().latch().repeat(20).wait(0.03).release()
    assert key.wait(5).talk.latched


def test_a_repeat_goes_on_after_a_change_of_mode() -> None:
    key = Key(HOLD).press().wait(0.6)
    key.settings = TOGGLE
    assert key.repeat().talk.held
    assert not key.wait(0.03).release().wait(0.3).talk.open


# --- every order ---------------------------------------------------------------------------------------------------

ACTS = st.sampled_from(["press", "release", "finish", "stop", "latch", "repeat"])
WAITS_S = st.sampled_from([0.0, 0.001, 0.02, 0.029, 0.031, 0.1, 0.2, 0.3, 0.4, 1.0])
MODES: st.SearchStrategy[Mode] = st.sampled_from(["auto", "hold", "toggle", "open"])


@given(
    st.lists(st.tuples(ACTS, WAITS_S, MODES), max_size=25), st.sampled_from([0, 20, 200, 2000]),
    st.sampled_from([0, 250]), st.sampled_from([0, 250]),
)  # fmt: skip
def test_in_any_order_nothing_is_open_for_ever_unless_it_is_latched_or_held(
    acts: list[tuple[str, float, Mode]], tail_ms: int, dwell_ms: int, debounce_ms: int
) -> None:
    key = Key(TalkSettings(tail_ms=tail_ms))
    for act, wait_s, mode in acts:
        key.settings = TalkSettings(mode=mode, tail_ms=tail_ms, dwell_ms=dwell_ms, debounce_ms=debounce_ms)
        before = key.talk
        getattr(key.wait(wait_s), act)()
        assert (key.talk.phase is Phase.TAIL) == (key.talk.tail_until_s is not None)
        assert (key.talk.phase is Phase.DWELL) == (key.talk.dwell_until_s is not None)
        if act == "stop":
            assert not key.talk.open
        if act == "release" and before.phase is Phase.DOWN:
            assert not key.talk.held
    key.release().wait(max(tail_ms / 1000, key.settings.bounce_s) + 0.001)
    assert key.talk.phase in (Phase.UP, Phase.LATCHED)
    presses = [a for a, _, _ in acts].count("press") + 4 * [a for a, _, _ in acts].count("repeat")
    if presses < 2 and "latch" not in [a for a, _, _ in acts] and {m for _, _, m in acts} == {"hold"}:
        assert key.talk.phase is Phase.UP
    assert not key.stop().talk.open


@given(st.lists(st.tuples(st.sampled_from(["press", "release"]), WAITS_S), max_size=20))
def test_hold_mode_follows_the_key(acts: list[tuple[str, float]]) -> None:
    key, down = Key(HOLD), False
    for act, wait_s in acts:
        key.wait(wait_s + BOUNCE_S)
        getattr(key, act)()
        down = act == "press"
        assert key.talk.held == down


@given(st.lists(st.tuples(st.booleans(), st.floats(0.05, 2.0), st.integers(0, 5)), max_size=8), MODES, st.booleans())
def test_repeats_never_make_a_difference(holds: list[tuple[bool, float, int]], mode: Mode, timed: bool) -> None:
    plain, repeated = Key(TalkSettings(mode=mode)), Key(TalkSettings(mode=mode), timed)
    for stops, held_s, repeats in holds:
        for key, times in ((plain, 0), (repeated, repeats)):
            begun_s = key.at_s
            key.press().repeat(times)
            key.wait(max(begun_s + held_s, begun_s + 0.031 * repeats + 0.001) - key.at_s).release()
            if stops:
                key.stop()
            key.wait(0.5)
        assert plain.talk.phase is repeated.talk.phase
