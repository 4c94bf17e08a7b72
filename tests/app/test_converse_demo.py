"""`converse` as a process, against the demo service as a process: real HTTP, real WebRTC, real ears and voice."""

from __future__ import annotations

import json
import stat
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.demo_process import DemoProcess
from tests.support.program import QUESTION, Done, Json, Program
from tests.support.transcript_contract import check_transcript

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[DemoProcess]:
    async with DemoProcess() as service:
        yield service


def program(folder: Path, demo: DemoProcess) -> Program:
    return Program(folder, base_url=demo.base_url, key=demo.api_key)


@dataclass
class Talk:
    """One long conversation that several tests look at."""

    program: Program
    done: Done
    lines: list[Json]
    out: Path
    transcript: Path

    def of(self, kind: str) -> list[Json]:
        return [line for line in self.lines if line["type"] == kind]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    folder = tmp_path_factory.mktemp("talk")
    out, transcript = folder / "out.wav", folder / "transcript.jsonl"
    for made_before in (out, transcript):
        made_before.touch(0o644)
    one = program(folder, demo)
    done = await one.run(
        "converse", "--text", "What is two plus two?", "--in", str(QUESTION), "--out", str(out),
        "--transcript", str(transcript), "--save",
    )  # fmt: skip
    lines = [json.loads(line) for line in transcript.read_text().splitlines()]
    return Talk(one, done, lines, out, transcript)


async def test_it_ends_with_0_and_one_sentence(talk: Talk) -> None:
    assert talk.done.code == 0, talk.done.err
    assert talk.done.err == "2 of 2 inputs answered.\n"


async def test_people_read_both_sides_in_order(talk: Talk) -> None:
    spoken = talk.done.out.splitlines()
    assert spoken[0].startswith("MKA1: Hello")
    assert [line for line in spoken if line.startswith("You: ")] == [
        "You: What is two plus two?",
        "You: What is the capital of France?",
    ]
    assert spoken[spoken.index("You: What is two plus two?") + 1] == "MKA1: 2 plus 2 is 4."
    assert spoken[-1] == "MKA1: The capital of France is Paris."


async def test_the_transcript_keeps_the_contract(talk: Talk) -> None:
    summary = check_transcript(talk.lines, code=0)
    assert (summary["inputs"], summary["answered"], summary["sessions"]) == (2, 2, 1)
    assert summary["conversation_id"].startswith("conv_")  # what is kept is a conversation, as the settings say
    assert summary["response_id"] == talk.of("response")[-1]["response_id"]
    assert [(line["kind"], line["text"]) for line in talk.of("input")] == [
        ("text", "What is two plus two?"),
        ("audio", None),
    ]
    assert talk.of("input")[1]["file"] == str(QUESTION)
    assert 1 < talk.of("input")[1]["seconds"] < 5


async def test_each_input_and_the_greeting_have_one_complete_answer(talk: Talk) -> None:
    greeting, total, capital = talk.of("answer")
    assert greeting["input"] is None
    assert greeting["text"].startswith("Hello")
    assert total["text"] == "2 plus 2 is 4."
    assert capital["text"] == "The capital of France is Paris."
    for answer in (total, capital):
        assert answer["complete"] is True
        assert answer["heard_text"] == answer["text"]
        assert len(answer["response_ids"]) == 1
        assert 0 < answer["first_audio_s"] < 20
        assert answer["seconds"] > 0.3


async def test_events_and_states_tell_the_session_s_story(talk: Talk) -> None:
    assert [line["event"] for line in talk.of("session")] == ["token", "joined", "agent", "ended"]
    states = [line["state"] for line in talk.of("state")]
    assert states[:2] == ["idle", "connecting"]
    assert states[-1] == "idle"
    assert {"greeting", "listening", "thinking", "speaking"} <= set(states)
    assert {line["speaker"] for line in talk.of("caption")} == {"user", "agent"}


async def test_the_recording_is_what_the_summary_says(talk: Talk) -> None:
    with wave.open(str(talk.out)) as recording:
        assert (recording.getframerate(), recording.getnchannels(), recording.getsampwidth()) == (48_000, 1, 2)
        seconds = recording.getnframes() / 48_000
        loud = max(abs(v) for v in memoryview(recording.readframes(recording.getnframes())).cast("h"))
    assert seconds == pytest.approx(talk.lines[-1]["out_seconds"], abs=0.001)
    assert seconds > 3
    assert loud > 1_000


async def test_only_the_owner_can_read_what_was_written(talk: Talk) -> None:
    written = [talk.out, talk.transcript, *talk.program.data.iterdir()]
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in written} == {
        path.name: oct(0o600) for path in written
    }
    assert stat.S_IMODE(talk.program.data.stat().st_mode) == 0o700


async def test_saved_turns_are_listed_found_and_shown(talk: Talk) -> None:
    (thread,) = (await talk.program.run("history", "list", "--json")).object["threads"]
    assert thread["title"] == "What is two plus two?"
    assert thread["mode"] == "conversation"
    assert thread["conversation_id"] == talk.lines[-1]["conversation_id"]
    assert thread["response_id"] == talk.lines[-1]["response_id"]
    (found,) = (await talk.program.run("history", "search", "france", "--json")).object["threads"]
    assert found["id"] == thread["id"]
    assert "France" in found["snippet"]
    shown = (await talk.program.run("history", "show", thread["id"], "--json")).object
    turns = [(item["role"], item["source"], item["text"], item["state"]) for item in shown["items"]]
    assert turns[1:] == [
        ("user", "text", "What is two plus two?", "final"),
        ("assistant", "voice", "2 plus 2 is 4.", "final"),
        ("user", "voice", "What is the capital of France?", "final"),
        ("assistant", "voice", "The capital of France is Paris.", "final"),
    ]
    assert turns[0][:2] == ("assistant", "voice")
    answers = [item["response_id"] for item in shown["items"] if item["role"] == "assistant"][1:]
    assert answers == [i for answer in talk.of("answer") for i in answer["response_ids"]]
    plain = await talk.program.run("history", "show", thread["id"])
    assert "You: What is the capital of France?" in plain.out
    assert "Assistant: 2 plus 2 is 4." in plain.out
    listed = await talk.program.run("history", "list")
    assert thread["id"] in listed.out
    nothing = await talk.program.run("history", "search", "nonsense", "--json")
    assert (nothing.code, nothing.object) == (0, {"threads": [], "next": None})


async def test_a_later_run_goes_on_from_a_response(talk: Talk, demo: DemoProcess, tmp_path: Path) -> None:
    first = talk.of("response")[0]["response_id"]
    one = program(tmp_path, demo)
    done = await one.run(
        "converse", "--continue-from", first, "--text", "What did I ask you earlier?", "--transcript", "-",
        "--no-wait-greeting",
    )  # fmt: skip
    assert done.code == 0, done.err
    check_transcript(done.objects, code=0)
    assert done.objects[2]["continues"] == {"response_id": first}
    answer = next(line for line in done.objects if line["type"] == "answer" and line["input"] == 0)
    assert "What is two plus two?" in answer["text"]
    assert not (one.data / "history.sqlite3").exists()  # not asked to save


async def test_what_the_service_cannot_continue_is_refused_with_8(demo: DemoProcess, tmp_path: Path) -> None:
    done = await program(tmp_path, demo).run("converse", "--continue-from", "resp_unknown1", "--text", "Hello")
    assert done.code == 8, done.err
    assert done.sentence.startswith("The assistant can no longer continue this conversation.")


async def test_a_question_from_standard_input_is_heard(demo: DemoProcess, tmp_path: Path) -> None:
    done = await program(tmp_path, demo).run(
        "converse", "--in", "-", "--transcript", "-", "--no-wait-greeting", stdin=QUESTION.read_bytes()
    )
    assert (done.code, done.err) == (0, "1 of 1 inputs answered.\n")
    check_transcript(done.objects, code=0)
    answers = [line for line in done.objects if line["type"] == "answer"]
    assert answers[0]["input"] is None
    assert answers[1]["text"] == "The capital of France is Paris."
    assert next(line for line in done.objects if line["type"] == "input")["file"] == "-"
