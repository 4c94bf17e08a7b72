from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication

from mka1_desktop.domain.sound_advice import remedies
from mka1_desktop.domain.sound_check import Echo, Findings
from mka1_desktop.viewmodels.sound_check import VerdictView
from mka1_desktop.viewmodels.sound_verdict import decibels, figures_of, verdict_of

pytestmark = pytest.mark.usefixtures("qapp")


def found(*, noise: float = -60.0, echo: float | None = -45.0, clipped: bool = False, silent: bool = False) -> Findings:
    heard = None if echo is None else Echo(level_db=echo, delay_ms=83.6)
    return Findings(noise_dbfs=noise, echo=heard, peak_dbfs=-9.4, clipped=clipped, silent=silent)


def verdict(findings: Findings, *, open_microphone: bool = True, system_page: str = "Open the page") -> VerdictView:
    return verdict_of(
        findings, remedies(findings), microphone="Yeti", open_microphone=open_microphone, system_page=system_page
    )


def test_numbers_have_a_real_minus_sign(qapp: QCoreApplication) -> None:
    assert [decibels(v) for v in (-52.4, -0.2, 3.0)] == ["\u221252 dB", "0 dB", "3 dB"]


def test_the_four_figures() -> None:
    figures = figures_of(found(noise=-52.0, echo=-41.0))
    assert [(f.label, f.value, f.mark) for f in figures] == [
        ("Room noise", "\u221252 dB", "good"),
        ("Echo", "\u221241 dB", "good"),
        ("Delay", "84 ms", "none"),
        ("Clipping", "none", "good"),
    ]
    assert figures[3].words == "loudest \u22129 dB"


def test_what_is_wrong_is_marked() -> None:
    figures = figures_of(found(noise=-40.0, echo=-18.0, clipped=True))
    assert [f.mark for f in figures] == ["bad", "bad", "none", "bad"]
    assert [f.value for f in figures_of(found(echo=None))][1:3] == ["none", "–"]
    assert [f.mark for f in figures_of(found(silent=True, echo=None))] == ["bad", "none", "none", "none"]


def test_a_delay_that_is_not_sure_is_not_shown() -> None:
    unsure = Findings(noise_dbfs=-60.0, echo=Echo(level_db=-20.0, delay_ms=None), peak_dbfs=-20.0, clipped=False)
    assert (figures_of(unsure)[2].value, figures_of(unsure)[2].words) == ("–", "not steady")
    assert figures_of(unsure)[1].mark == "bad"


def test_all_is_well() -> None:
    said = verdict(found())
    assert (said.sentence, said.good, said.action) == ("All is well.", True, "")


def test_echo_offers_the_talk_key_where_the_microphone_is_open() -> None:
    said = verdict(found(echo=-18.0))
    assert said.sentence == "Headphones are better here."
    assert "\u221218 dB" in said.more
    assert (said.action, said.action_label, said.icon) == ("talk_key", "Use the talk key", "headphones")
    assert verdict(found(echo=-18.0), open_microphone=False).action == ""


def test_noise_offers_the_talk_key_too() -> None:
    said = verdict(found(noise=-40.0))
    assert (said.sentence, said.action, said.icon) == ("The room is loud.", "talk_key", "mic")


def test_clipping_comes_first_and_the_echo_is_not_forgotten() -> None:
    said = verdict(found(clipped=True, echo=-18.0))
    assert said.sentence == "The microphone is too loud."
    assert "Headphones" in said.more
    assert said.action == "talk_key"


def test_silence_names_the_microphone_and_the_page_where_there_is_one() -> None:
    said = verdict(found(silent=True, echo=None))
    assert (said.sentence, said.action, said.action_label) == (
        "I get only silence from Yeti.", "system_page", "Open the page",
    )  # fmt: skip
    assert verdict(found(silent=True, echo=None), system_page="").action == ""
