from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.app.check_trace import CheckTrace
from mka1_desktop.domain.audio import RATE_HZ
from mka1_desktop.domain.sound_check import Loudness
from mka1_desktop.domain.sound_probe import EVERY, SWEEP, SWEEPS
from mka1_desktop.viewmodels.sound_check import BARS, Bar

LENGTH = 8 * RATE_HZ
VOICE = Loudness(dbfs=-36.0, peak_dbfs=-24.0)


@given(st.lists(st.integers(0, LENGTH + RATE_HZ), max_size=60))
def test_the_picture_is_filled_whenever_it_is_looked_at(looks: list[int]) -> None:
    trace = CheckTrace(LENGTH)
    for number, recorded in enumerate(sorted(looks)):
        trace.hear(recorded, VOICE, at_s=number / 30)
        assert len(trace.bars) == min(BARS, recorded * BARS // LENGTH + 1)
        assert all(bar == Bar(0.0, 0.5) for bar in trace.bars)


def test_the_sweeps_are_seen_where_they_are_played() -> None:
    trace = CheckTrace(LENGTH)
    trace.play_from(2 * RATE_HZ)
    for recorded in range(0, LENGTH, LENGTH // BARS):
        trace.hear(recorded, Loudness(), at_s=0.0)
    assert len(trace.bars) == BARS
    played = [bar.played > 0 for bar in trace.bars]
    assert not any(played[:24])
    assert abs(sum(played) - SWEEPS * SWEEP * BARS / LENGTH) <= SWEEPS
    assert not any(played[24 + SWEEPS * EVERY * BARS // LENGTH :])


def test_the_loudest_of_a_bar_counts() -> None:
    trace = CheckTrace(LENGTH)
    trace.hear(0, VOICE, at_s=0.0)
    trace.hear(480, Loudness(), at_s=0.01)
    assert trace.bars == (Bar(0.0, 0.5),)


def test_a_peak_stays_for_a_moment() -> None:
    trace = CheckTrace(0)
    trace.hear(480, VOICE, at_s=0.0)
    trace.hear(960, Loudness(), at_s=1.4)
    assert (trace.level, trace.peak) == (0.0, 0.75)
    trace.hear(1440, Loudness(), at_s=1.6)
    assert trace.peak == 0.0
    assert trace.bars == ()
