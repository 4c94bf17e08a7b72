"""Every error code of a room (API reference 3.1) by (code, service): its sentence, its one action, its policy."""

from __future__ import annotations

import pytest

from mka1_desktop.demo.faults import ROOM_ERRORS
from mka1_desktop.domain.errors import Policy
from tests.support.room_errors import ROWS, trouble_of


def test_every_row_of_the_reference_is_here() -> None:
    assert ROWS.keys() == ROOM_ERRORS.keys()


@pytest.mark.parametrize(("code", "service"), ROWS)
def test_each_has_a_sentence_an_action_and_a_policy(code: str, service: str | None) -> None:
    trouble = trouble_of(code, service)
    assert (trouble.advice.action, trouble.advice.policy) == ROWS[code, service]
    assert trouble.sentence.endswith(".")
    assert len(trouble.sentence) > 20
    assert trouble.raw_code is None, "a code of the reference has a name of ours"
    assert trouble.details == "window 60s"
    assert "60s" not in trouble.text, "details are for diagnostics"


def test_no_two_say_the_same() -> None:
    sentences = [trouble_of(code, service).sentence for code, service in ROWS]
    assert len(set(sentences)) == len(ROWS)


@pytest.mark.parametrize("service", ["stt", "tts"])
@pytest.mark.parametrize("code", ["rate_limited", "service_error"])
def test_a_busy_part_of_the_room_is_no_reason_to_leave_it(code: str, service: str) -> None:
    assert trouble_of(code, service).advice.policy is Policy.STAY


@pytest.mark.parametrize("service", [None, "llm", "moon"])
def test_unknown_codes_are_generic_and_end_nothing(service: str | None) -> None:
    trouble = trouble_of("moon_phase", service, message="The moon is in the way.")
    assert trouble.text == "The service reported a problem. (The moon is in the way.)"
    assert trouble.advice.policy is Policy.STAY
    assert trouble.raw_code == "moon_phase"
