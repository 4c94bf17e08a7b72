"""Error packets of every kind, and agents that misbehave: what `converse` says, how it ends, what it goes on with."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from mka1_desktop.app.converse_run import Patience
from mka1_desktop.demo.faults import ROOM_ERRORS
from tests.support.converse_here import converse_here
from tests.support.demo_service import rooms

pytestmark = pytest.mark.timeout(60)

ASK = ("--text", "What is two plus two?", "--no-wait-greeting")
# Those that end the turn only; the session goes on and the next question is answered (API reference 3.1).
STAY = {
    ("invalid_request", "llm"): "start_fresh",
    ("rate_limited", "llm"): "repeat",
    ("service_error", "llm"): "repeat",
    ("service_unavailable", "llm"): "repeat",
    ("timeout", "llm"): "repeat",
    ("connection_error", "llm"): "repeat",
    ("transcription_error", "stt"): "repeat",
    ("speech_error", "tts"): "none",
}
# Those that end the session at once, because the key is refused.
FATAL = {("auth_error", "llm"), ("access_denied", "llm")}
# Those after which a new room is made; with "once" only a single time.
NEW_ROOM = {("invalid_session", None), ("auth_error", None), ("session_error", None)}


def test_every_row_of_the_reference_has_a_case_here() -> None:
    assert STAY.keys() | FATAL | NEW_ROOM == ROOM_ERRORS.keys()


@pytest.mark.parametrize(("code", "service"), sorted(STAY))
async def test_an_error_ends_the_turn_and_the_next_question_is_answered(
    tmp_path: Path, code: str, service: str
) -> None:
    async with rooms("no-greeting", f"error={code}:{service}:1") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, "--text", "What is one plus one?")
    assert result.code == 5
    assert result.sentence == "1 of 2 inputs got no answer."
    (error,) = result.of("error")
    assert (error["code"], error["service"], error["action"]) == (code, service, STAY[code, service])
    assert error["message"].startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert result.answer(0)["text"] == ""
    assert result.answer(0)["complete"] is False
    assert result.answer(1)["text"] == "1 plus 1 is 2."
    assert result.summary["answered"] == 1
    assert result.summary["sessions"] == 1


@pytest.mark.parametrize(("code", "service"), sorted(FATAL))
async def test_a_refused_key_ends_everything_with_3(tmp_path: Path, code: str, service: str) -> None:
    async with rooms("no-greeting", f"error={code}:{service}") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, "--text", "Never sent")
    assert result.code == 3
    assert "key" in result.sentence
    (error,) = result.of("error")
    assert (error["code"], error["service"], error["action"]) == (code, service, "edit_key")
    assert len(result.of("input")) == 1
    assert result.of("session")[-1]["event"] == "ended"


@pytest.mark.parametrize(("code", "service"), sorted(NEW_ROOM))
async def test_a_broken_session_is_made_anew_and_the_next_question_answered(
    tmp_path: Path, code: str, service: None
) -> None:
    async with rooms("no-greeting", f"error={code}:1") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, "--text", "What is one plus one?")
    assert service is None
    assert result.code == 5  # the first question is never sent twice
    assert (result.of("error")[0]["code"], result.of("error")[0]["service"]) == (code, None)
    assert result.answer(1)["text"] == "1 plus 1 is 2."
    assert result.summary["sessions"] == 2
    assert [line["event"] for line in result.of("session")].count("renewed") == 1


@pytest.mark.parametrize("code", ["invalid_session", "auth_error"])
async def test_a_session_that_is_refused_twice_is_given_up_with_4(tmp_path: Path, code: str) -> None:
    async with rooms("no-greeting", f"error={code}") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, "--text", "Again", "--text", "And again")
    assert result.code == 4
    assert result.summary["sessions"] == 2
    assert "session" in result.sentence


async def test_an_unknown_error_is_shown_in_the_service_s_words_and_harmless(tmp_path: Path) -> None:
    async with rooms("no-greeting", "error=made_up:elsewhere:1") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
    assert result.code == 5
    (error,) = result.of("error")
    assert (error["code"], error["service"]) == ("made_up", "elsewhere")
    assert error["message"] == "The service reported a problem. (Something went wrong.)"


async def test_an_error_in_the_middle_leaves_the_words_that_came(tmp_path: Path) -> None:
    async with rooms("no-greeting", "error-mid=service_error:llm:1") as demo:
        result = await converse_here(
            tmp_path, demo.service.base_url, "--text", "Name the planets", "--no-wait-greeting"
        )
    assert result.code == 0  # a caption came, so it was answered, even if cut
    assert result.answer()["text"]
    assert result.answer()["complete"] is False
    assert result.summary["answered"] == 1


@pytest.mark.parametrize("kind", ["garbage", "huge", "hostile"])
async def test_odd_packets_do_no_harm(tmp_path: Path, kind: str) -> None:
    """Among the odd ones are errors that say little; an error ends the question, whatever it says."""
    async with rooms("no-greeting", f"packets={kind}") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
    assert result.code in (0, 5)
    assert bool(result.of("error")) == (kind != "huge")
    assert all(line["message"].startswith("The service reported a problem.") for line in result.of("error"))
    assert all(line["response_id"] is None or line["response_id"].isprintable() for line in result.of("response"))
    assert result.raw.replace("\n", "").isprintable()


@pytest.mark.parametrize("fault", ["double-captions", "caption-kinds", "response-id-late", "no-response-id"])
async def test_odd_services_are_understood(tmp_path: Path, fault: str) -> None:
    async with rooms("no-greeting", fault) as demo:  # waited for, so that no word can be taken for a greeting
        patience = Patience(greeting_s=0.3)
        result = await converse_here(tmp_path, demo.service.base_url, *ASK[:2], patience=patience)
    assert result.code == 0
    assert "2 plus 2 is 4." in result.answer()["text"]
    assert bool(result.answer()["response_ids"]) == (fault != "no-response-id")


@pytest.mark.parametrize(("fault", "part"), [("html-captions", "<script>"), ("rtl-captions", "שלום")])
async def test_markup_and_right_to_left_words_are_just_words(tmp_path: Path, fault: str, part: str) -> None:
    async with rooms("no-greeting", fault) as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
    assert part in result.answer()["text"]


async def test_an_agent_that_never_comes_is_given_up_with_4(tmp_path: Path) -> None:
    async with rooms("agent-absent") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK, patience=Patience(agent_s=0.5))
    assert result.code == 4
    assert result.sentence == "The assistant has not come yet."
    assert result.of("input") == []


async def test_a_voice_without_a_greeting_is_not_waited_for_long(tmp_path: Path) -> None:
    async with rooms("no-greeting") as demo:
        patience = Patience(greeting_s=0.5)
        result = await converse_here(tmp_path, demo.service.base_url, *ASK[:2], patience=patience)
    assert Patience().greeting_s == 5
    assert result.code == 0
    assert result.answer(None)["text"] == ""
    assert result.answer(0)["text"] == "2 plus 2 is 4."
    asked = result.of("input")[0]["t"]
    assert asked - next(line["t"] for line in result.of("session") if line["event"] == "agent") >= 0.5


async def test_a_question_that_nobody_hears_is_unanswered(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(3_200))
    async with rooms("no-greeting") as demo:
        result = await converse_here(
            tmp_path, demo.service.base_url, "--in", str(tmp_path / "silence.wav"), "--answer-timeout", "1",
            "--no-wait-greeting",
        )  # fmt: skip
    assert result.code == 5
    assert result.sentence == "1 of 1 inputs got no answer."
    assert result.answer()["first_audio_s"] is None
