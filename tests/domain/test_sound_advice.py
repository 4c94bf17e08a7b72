from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.domain.sound_advice import Remedy, remedies
from mka1_desktop.domain.sound_check import Echo, Findings, Loudness


def found(*, noise: float = -60.0, echo: float | None = -45.0, clipped: bool = False, silent: bool = False) -> Findings:
    heard = None if echo is None else Echo(level_db=echo, delay_ms=84.0)
    return Findings(noise_dbfs=noise, echo=heard, peak_dbfs=-20.0, clipped=clipped, silent=silent)


SOFT, USUAL = Loudness(peak_dbfs=-40.0), Loudness(peak_dbfs=-14.0)
LOUD = Loudness(peak_dbfs=0.0, clipped=True)


@pytest.mark.parametrize(
    ("findings", "voice", "wanted"),
    [
        (found(), None, ()),
        (found(), USUAL, ()),
        (found(echo=None), None, ()),
        (found(echo=-29.0), None, (Remedy.HEADPHONES, Remedy.TALK_KEY)),
        (found(echo=-31.0), None, ()),
        (found(noise=-44.0), None, (Remedy.TALK_KEY,)),
        (found(clipped=True), None, (Remedy.LOWER_GAIN,)),
        (found(clipped=True, echo=-10.0), SOFT, (Remedy.LOWER_GAIN, Remedy.HEADPHONES, Remedy.TALK_KEY)),
        (found(), LOUD, (Remedy.LOWER_GAIN,)),
        (found(), SOFT, (Remedy.RAISE_GAIN,)),
        (found(noise=-85.0, echo=None), None, (Remedy.RAISE_GAIN,)),
        (found(noise=-85.0, echo=None), USUAL, ()),
        (found(noise=-85.0), None, ()),
        (found(noise=-90.0, echo=None, silent=True), SOFT, (Remedy.LISTEN_ELSEWHERE,)),
    ],
)
def test_what_was_found_leads_to_what_helps(
    findings: Findings, voice: Loudness | None, wanted: tuple[Remedy, ...]
) -> None:
    assert remedies(findings, voice) == wanted


@given(
    noise=st.floats(-90, 0),
    echo=st.none() | st.floats(-90, 10),
    clipped=st.booleans(),
    peak=st.none() | st.floats(-90, 0),
)
def test_nobody_is_told_two_opposite_things(
    noise: float, echo: float | None, clipped: bool, peak: float | None
) -> None:
    voice = None if peak is None else Loudness(peak_dbfs=peak)
    advice = remedies(found(noise=noise, echo=echo, clipped=clipped), voice)
    assert not {Remedy.LOWER_GAIN, Remedy.RAISE_GAIN} <= set(advice)
    assert Remedy.HEADPHONES not in advice or Remedy.TALK_KEY in advice
    assert len(set(advice)) == len(advice)
