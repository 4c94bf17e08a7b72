from __future__ import annotations

import pytest

from mka1_desktop.domain.errors import MESSAGE_LIMIT, Action, AppError, Code, Policy, Trouble


def test_an_errors_own_text_is_a_code_and_a_status_and_nothing_else() -> None:
    error = AppError(Code.RATE_LIMITED, message="key mk-secret", details="body", http_status=429)
    assert str(error) == "rate_limited (HTTP 429)"
    assert str(AppError(Code.OFFLINE)) == "offline"
    assert (error.code, error.trouble.message) == (Code.RATE_LIMITED, "key mk-secret")
    assert len(AppError(Code.OFFLINE, message="x" * 900).trouble.message or "") == MESSAGE_LIMIT


def test_a_trouble_becomes_an_exception_whole() -> None:
    trouble = Trouble(
        Code.UNKNOWN, service="llm", message="slow", http_status=429, retry_after_s=3.0, details="d", raw_code="moon"
    )
    error = AppError.of(trouble)
    assert error.trouble == trouble
    assert str(error) == "unknown_error (HTTP 429)"


def test_people_read_our_sentence_first_and_the_services_words_behind_it() -> None:
    assert Trouble(Code.TIMEOUT).text == "The assistant took too long. Ask again."
    assert Trouble(Code.TIMEOUT, service="llm", message="slow").text == "The assistant took too long. Ask again. (slow)"
    assert Trouble(Code.NOT_FOUND, message="gone", http_status=404).text.endswith(" (gone)")


def test_our_own_checks_speak_alone() -> None:
    trouble = Trouble(Code.BAD_REQUEST, message="llm.temperature must be between 0 and 2.")
    assert trouble.text == "llm.temperature must be between 0 and 2."


@pytest.mark.parametrize("raw_code", [None, "moon_phase"])
def test_words_of_an_unknown_error_never_stand_alone(raw_code: str | None) -> None:
    trouble = Trouble(Code.UNKNOWN, message="text", raw_code=raw_code)
    assert trouble.text == "The service reported a problem. (text)"


def test_the_same_code_means_something_else_for_the_model() -> None:
    room, model = Trouble(Code.SESSION_AUTH), Trouble(Code.SESSION_AUTH, service="llm")
    assert (room.advice.policy, model.advice.policy) == (Policy.RENEW_ONCE, Policy.STOP)
    assert model.advice.action is Action.EDIT_KEY
    assert Trouble(Code.SESSION_AUTH, service="stt").advice == room.advice
